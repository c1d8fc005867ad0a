// One picture through ResNet50 by every engine: from numbers on the host to logits on the host.
import { ratio, relativeError, rounded } from '../arithmetic.ts';
import { control, measure, type Row } from '../harness.ts';
import { printSteps } from './compareSteps.ts';
import type { Inference } from './engine.ts';
import { requireNoErrors } from './gpu.ts';
import { liveBytes } from './liveBytes.ts';
import type { Peers } from './peers.ts';
import { inferenceStart } from './resnet50.ts';

const ROUNDS = { counted: 10, warmUp: 1 };

/** What rounding makes of 53 convolutions in another order is 10⁻⁶ here; Winograd and the like 10⁻⁵. One layer left out is 10⁻¹. */
const RELATIVE_ERROR = 1e-4;

export async function compareResNet({ ours, rivals }: Peers): Promise<unknown> {
  const start = await inferenceStart();
  const opened: (Inference & { readonly megabytes: number; readonly firstMs: number })[] = [];
  for (const engine of [ours, ...rivals]) {
    const [before, begun] = [liveBytes(), performance.now()];
    for (const inference of await engine.inferences(start)) {
      const error = relativeError(await inference.run(), start.logits);
      if (!(error <= RELATIVE_ERROR)) throw new Error(`${inference.name} computes ResNet50 wrong: off by ${error}`);
      await requireNoErrors();
      const firstMs = performance.now() - begun;
      console.log(`${inference.name}: right, ${(firstMs / 1000).toFixed(1)} s to the first result`);
      opened.push({ ...inference, megabytes: (liveBytes() - before) / 1e6, firstMs });
    }
  }
  const [our, ...others] = opened;
  const rows = opened.map(({ name, run }): Row => ({ name, units: 1, run: async () => void (await run()) }));
  const measured = await measure([...rows, control], ROUNDS);
  await requireNoErrors();
  console.log('\nResNet50, one picture of 224x224, weights and all:');
  printSteps(measured, our!.name, new Set(others.map(({ name }) => name)));
  const memory = opened.map(({ name, megabytes, firstMs }) => ({ engine: name, megabytes, firstMs }));
  console.log('GPU memory that it holds, and the time until the first result, weights and shaders included:');
  console.table(
    memory.map(({ engine, megabytes, firstMs }) => ({
      engine,
      MB: rounded(megabytes),
      'first ms': Math.round(firstMs),
      'times ours': engine === our!.name ? '' : rounded(ratio(memory[0]!.megabytes, megabytes)),
    })),
  );
  for (const { dispose } of opened) dispose();
  return { measured, memory };
}
