// Every product and convolution by every engine, in turns, each checked before it is timed.
import { geometricMean, ratio, rounded } from '../arithmetic.ts';
import { type Cell, comparedCells, flopsOf, nameOf } from '../cells.ts';
import { control, type Measured, measure, unitsFor } from '../harness.ts';
import { openLedger } from '../ledger.ts';
import { operandsOf, reference, requireEqual } from '../operands.ts';
import type { CellRun, Engine } from './engine.ts';
import { requireNoErrors } from './gpu.ts';
import type { Peers } from './peers.ts';

/** Every run was warmed up by its check. */
const ROUNDS = { counted: 10, warmUp: 1 };
/** The control may not move by more between the cells of one run. */
const CALM = 1.3;

export async function compareCells({ ours, rivals }: Peers): Promise<unknown> {
  const engines = [ours, ...rivals];
  const controls: number[] = [];
  const cells: { cell: string; ratio: number; ofMinima: number; measured: readonly Measured[] }[] = [];
  console.log('\nKernels, median ms (GFLOP/s); the ratio is the better of the others to ours, above 1 we are ahead:');
  for (const cell of comparedCells) {
    const measured = await compareCell(cell, engines);
    controls.push(measured.at(-1)!.medianMs);
    const times = measured.slice(0, -1);
    const ahead = aheadBy(times, ({ medianMs }) => medianMs);
    const ofMinima = aheadBy(times, ({ minimumMs }) => minimumMs);
    cells.push({ cell: nameOf(cell), ratio: ahead, ofMinima, measured: times });
    const columns = times.map(({ name, medianMs }) => `${name} ${figure(cell, medianMs)}`);
    console.log(`${nameOf(cell)}: ratio ${rounded(ahead)} (of minima ${rounded(ofMinima)}); ${columns.join(', ')}`);
  }
  const mean = geometricMean(cells.map(({ ratio }) => ratio));
  const meanOfMinima = geometricMean(cells.map(({ ofMinima }) => ofMinima));
  const behind = cells.filter(({ ratio }) => ratio <= 1);
  console.log(
    `geometric mean of ${cells.length} ratios: ${rounded(mean)}, of minima ${rounded(meanOfMinima)}; behind in ${behind.length}`,
  );
  for (const { cell, ratio } of behind) console.log(`  behind: ${cell}, ${rounded(ratio)}`);
  const [least, most] = [Math.min(...controls), Math.max(...controls)];
  console.log(
    `control: ${rounded(least)} to ${rounded(most)} ms${most > CALM * least ? ' (the machine was disturbed)' : ''}`,
  );
  return { cells, geometricMean: mean, meanOfMinima, controls };
}

/** The better of the others to ours, which comes first. */
function aheadBy([our, ...theirs]: readonly Measured[], time: (row: Measured) => number): number {
  return ratio(time(our!), Math.min(...theirs.map(time)));
}

function figure(cell: Cell, ms: number): string {
  return `${rounded(ms)} (${rounded(flopsOf(cell) / ms / 1e6, 2)})`;
}

/** Rows of the engines that can, ours first, and the control last. */
export async function compareCell(cell: Cell, engines: readonly Engine[], rounds = ROUNDS): Promise<Measured[]> {
  const operands = operandsOf(cell);
  const expected = await reference(cell, operands);
  const runs: { name: string; run: CellRun; units: number }[] = [];
  for (const engine of engines) {
    const run = await engine.cell(cell, operands);
    if (!run) continue;
    requireEqual(engine.name, cell, await run.result(), expected);
    await requireRuns(engine.name, cell, run);
    runs.push({ name: engine.name.split(' ')[0]!, run, units: await unitsFor(run.run) });
  }
  const measured = await measure(
    [...runs.map(({ name, run, units }) => ({ name, units, run: () => run.run(units) })), control],
    rounds,
  );
  await requireNoErrors();
  for (const { run } of runs) run.dispose();
  return measured;
}

/** An engine that puts work off, and forgets it when nobody asks for the result, would be fast. */
async function requireRuns(who: string, cell: Cell, run: CellRun): Promise<void> {
  const times = 3;
  const ledger = openLedger();
  await run.run(times);
  const { dispatches } = ledger.read();
  ledger.close();
  if (dispatches < times) throw new Error(`${who} ran ${nameOf(cell)} with ${dispatches} dispatches for ${times} runs`);
}
