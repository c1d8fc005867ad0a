// Every way of every kernel with a choice, timed beside each other: what the tuner chooses from, and what you are trying out.
// A file in bench/variants/ that exports `variant` is a way like any other here, and nowhere else.
import { readdirSync } from 'node:fs';
import type { KernelCall, KernelName } from '../../src/backend/kernels.ts';
import { waysOf } from '../../src/backend/webgpu/kernels/index.ts';
import { whenLoaded } from '../../src/backend/webgpu/later.ts';
import type { Variant, Way } from '../../src/backend/webgpu/variant.ts';
import { WebgpuBackend } from '../../src/backend/webgpu/webgpuBackend.ts';
import type { DeviceFacts } from '../../src/backend/webgpu/webgpuKernel.ts';
import { close } from '../../src/index.ts';
import { rounded } from '../arithmetic.ts';
import { bytesOf, type Cell, comparedCells, flopsOf, nameOf } from '../cells.ts';
import { control, measure, type Row, unitsFor } from '../harness.ts';
import { openWebgpu } from '../openWebgpu.ts';
import { callOn, floats, operandsOf, reference, requireEqual } from '../operands.ts';
import { leastTime, roofOf } from '../roof.ts';
import type { SectionResult, Table, TableRow } from '../section.ts';

/** What a file of bench/variants/ exports as `variant`. */
export interface TriedVariant<K extends KernelName = KernelName> {
  readonly kernel: K;
  readonly ways: Variant<K>;
}

const ROUNDS = { counted: 10, warmUp: 1 };

export async function ways(): Promise<SectionResult> {
  const tried = await triedVariants();
  const backend = await openWebgpu(false);
  if (!(backend instanceof WebgpuBackend)) throw new Error('ways are those of WebGPU');
  const roof = await roofOf(backend);
  const tables: Table[] = [];
  for (const cell of comparedCells) {
    const operands = operandsOf(cell);
    const { call, result, free } = callOn(backend, cell, operands);
    const expected = await reference(cell, operands);
    const rows: Row[] = [];
    const dropped: string[] = [];
    const own = await whenLoaded(() => [...(waysOf(call, backend.facts) ?? [])]);
    for (const way of [...own, ...triedWays(call, backend.facts, tried)]) {
      try {
        const replay = await backend.prepareDispatches(way.dispatches);
        const run = async (times: number) => {
          for (let i = 0; i < times; i++) replay.run();
          await backend.sync();
        };
        await run(1);
        requireEqual(way.name, cell, floats(await backend.read(result)), expected);
        const units = await unitsFor(run);
        rows.push({ name: way.name, units, run: () => run(units) });
      } catch (error) {
        dropped.push(`${way.name} is left out: ${error instanceof Error ? error.message : error}`);
      }
    }
    const measured = await measure([...rows, control], ROUNDS);
    const { ms: least } = leastTime(roof, { flops: flopsOf(cell), bytes: bytesOf(cell) });
    tables.push({ title: nameOf(cell), rows: tableOf(cell, measured.slice(0, -1), least), notes: dropped });
    free();
  }
  await close();
  return { tables, raw: tables };
}

function tableOf(
  cell: Cell,
  measured: readonly { name: string; medianMs: number; minimumMs: number }[],
  least: number,
) {
  const first = measured[0]?.minimumMs ?? Number.NaN;
  return measured
    .toSorted((a, b) => a.minimumMs - b.minimumMs)
    .map(
      ({ name, medianMs, minimumMs }): TableRow => ({
        ...{ way: name, 'median ms': rounded(medianMs), 'minimum ms': rounded(minimumMs) },
        'GFLOP/s': rounded(flopsOf(cell) / minimumMs / 1e6),
        'of the roof': `${rounded((100 * least) / minimumMs, 2)} %`,
        'times the first': rounded(minimumMs / first),
      }),
    );
}

/** A variant sees calls of its own kernel only. */
function triedWays(call: KernelCall, facts: DeviceFacts, tried: readonly TriedVariant[]): Way[] {
  return tried
    .filter(({ kernel }) => kernel === call.kernel)
    .flatMap(({ ways: own }) => [...own(call as never, facts)]);
}

async function triedVariants(): Promise<TriedVariant[]> {
  const folder = new URL('../variants/', import.meta.url);
  const files = readdirSync(folder).filter((file) => file.endsWith('.ts'));
  const modules = await Promise.all(files.map(async (file) => (await import(new URL(file, folder).href)) as unknown));
  return modules.map((module, i) => {
    if (typeof module === 'object' && module && 'variant' in module) return module.variant as TriedVariant;
    throw new Error(`bench/variants/${files[i]} exports no \`variant\``);
  });
}
