// A training step of R1 by every engine: milliseconds, and what it asks of the GPU.
import { ratio, rounded } from '../arithmetic.ts';
import { control, type Measured, measure, type Row } from '../harness.ts';
import { type Ledger, openLedger } from '../ledger.ts';
import { requireLosses, type TrainingStart } from '../training.ts';
import type { Engine, Training } from './engine.ts';
import { requireNoErrors } from './gpu.ts';
import type { Peers } from './peers.ts';

/**
 * What the losses of the first steps may differ by between engines: tfjs adds Adam's epsilon elsewhere, which is felt where a
 * gradient is tiny. A wrong gradient or a step that does nothing is off by far more: the loss falls by half meanwhile.
 */
const LOSS_TOLERANCE = 1e-3;

export async function compareSteps({ ours, rivals, start }: Peers): Promise<unknown> {
  const [our, ...others] = await trainingsOf([ours, ...rivals], start, true);
  if (!our) throw new Error('we do not train');
  const waits = [ours, ...rivals.filter(({ trains }) => trains)].map(
    ({ name, wait }): Row => ({ name: `no-op: ${name} waits`, units: 1, run: wait }),
  );
  const measured = await measure([...[our, ...others].map(rowOf), ...waits, control]);
  await requireNoErrors();
  console.log('\nA training step of R1, batch 32, on the GPU:');
  printSteps(measured, our.name, new Set(others.map(({ name }) => name)));
  const ledgers: Record<string, Ledger> = {};
  for (const engine of [ours, ...rivals]) Object.assign(ledgers, await ledgersOf(engine, start));
  console.log('What such a step asks of the GPU:');
  console.table(mapValues(ledgers, (ledger) => mapValues({ ...ledger }, (count) => rounded(count))));
  return { measured, ledgers };
}

/** The trainings on or off the GPU, each found to have the right losses. */
export async function trainingsOf(engines: readonly Engine[], start: TrainingStart, gpu: boolean): Promise<Training[]> {
  const found: Training[] = [];
  for (const engine of engines) found.push(...(await engine.trainings(start)).filter((one) => one.gpu === gpu));
  for (const training of found) await requireRightLosses(training, start);
  await requireNoErrors();
  return found;
}

export async function requireRightLosses(training: Training, start: TrainingStart): Promise<void> {
  requireLosses(training.name, await training.losses(), start.losses, LOSS_TOLERANCE);
}

export function rowOf({ name, steps, run }: Training): Row {
  return { name, units: steps, run };
}

/** A table, with how far we are ahead of each of the others. */
export function printSteps(measured: readonly Measured[], our: string, others: ReadonlySet<string>): void {
  const ourMs = measured.find(({ name }) => name === our)?.medianMs ?? Number.NaN;
  console.table(
    measured.map(({ name, medianMs, minimumMs, samplesMs }) => ({
      row: name,
      'median ms': rounded(medianMs),
      'minimum ms': rounded(minimumMs),
      rounds: samplesMs.length,
      'times ours': others.has(name) ? rounded(ratio(ourMs, medianMs)) : '',
    })),
  );
}

/**
 * What a step of each training of an engine asks for once everything is made. Of trainings begun anew: the ledger has to see
 * bind groups being made to know their sizes, and what is timed is better not watched.
 */
async function ledgersOf(engine: Engine, start: TrainingStart): Promise<Record<string, Ledger>> {
  const found: Record<string, Ledger> = {};
  const ledger = openLedger();
  for (const { name, gpu, steps, run } of await engine.trainings(start)) {
    if (!gpu) continue;
    await run();
    ledger.reset();
    await run();
    found[name] = ledger.perUnit(steps);
  }
  ledger.close();
  return found;
}

function mapValues<V, W>(record: Readonly<Record<string, V>>, change: (value: V) => W): Record<string, W> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
}
