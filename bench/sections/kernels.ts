// Products and convolutions, each alone: checked against the CPU, timed, and held against the roof.
import type { Roof } from '../../src/backend/backend.ts';
import { close } from '../../src/index.ts';
import { geometricMean, rounded } from '../arithmetic.ts';
import { allCells, bytesOf, type Cell, flopsOf, nameOf } from '../cells.ts';
import { control, type Measured, measure, type Rounds, type Row, unitsFor } from '../harness.ts';
import { openWebgpu } from '../openWebgpu.ts';
import { callOn, floats, operandsOf, reference, requireEqual } from '../operands.ts';
import { leastTime, roofOf, roofText } from '../roof.ts';
import type { BenchOptions, Point, SectionResult, TableRow } from '../section.ts';

/** Cells that are in turns with each other: all at once would hold hundreds of megabytes. */
const TOGETHER = 8;

export async function kernels({ tuned }: BenchOptions): Promise<SectionResult> {
  const roof = await roofOf(await openWebgpu(false));
  await close();
  const cells = allCells();
  const measured: Measured[] = [];
  const controls: Measured[] = [];
  for (let from = 0; from < cells.length; from += TOGETHER) {
    const found = await measureCells(cells.slice(from, from + TOGETHER), tuned);
    measured.push(...found.slice(0, -2));
    controls.push(...found.slice(-2));
  }
  const points = cells.map((cell, i): Point => {
    const kind = cell.kernel;
    return { name: nameOf(cell), kind, flops: flopsOf(cell), bytes: bytesOf(cell), ms: measured[i]!.minimumMs };
  });
  const rows = measured.map((row, i) => tableRow(row, points[i]!, roof));
  const shares = points.map((point) => leastTime(roof, point).ms / point.ms);
  const notes = [
    `Roof: ${roofText(roof)}; geometric mean of the shares: ${percent(geometricMean(shares))}.`,
    'GFLOP/s, GB/s and share are of the least time; bytes count each operand and the result once.',
    ...controls.map(
      ({ name, medianMs, minimumMs }) => `${name}: ${rounded(medianMs)} ms, least ${rounded(minimumMs)}.`,
    ),
  ];
  return {
    tables: [{ title: tuned ? 'Kernels, tuned' : 'Kernels, not tuned', rows, notes }],
    raw: { roof, measured, points, controls },
    roofline: { roof, points },
  };
}

function tableRow({ name, medianMs, minimumMs }: Measured, point: Point, roof: Roof): TableRow {
  const least = leastTime(roof, point);
  return {
    ...{ kernel: name, 'median ms': rounded(medianMs), 'minimum ms': rounded(minimumMs) },
    ...{ 'GFLOP/s': rounded(point.flops / minimumMs / 1e6), 'GB/s': rounded(point.bytes / minimumMs / 1e6) },
    ...{ 'share of the roof': percent(least.ms / minimumMs), 'bound by': least.bound },
  };
}

function percent(share: number): string {
  return `${rounded(100 * share, 2)} %`;
}

/** The cells, and then a no-op and the control. */
export async function measureCells(cells: readonly Cell[], tuned: boolean, rounds?: Rounds): Promise<Measured[]> {
  const backend = await openWebgpu(tuned);
  const rows: Row[] = [];
  for (const cell of cells) {
    const operands = operandsOf(cell);
    const { call, result } = callOn(backend, cell, operands);
    if (tuned) await backend.tuner?.tune([call]);
    const replay = await backend.prepare([call], call.outputs);
    const run = async (times: number) => {
      for (let i = 0; i < times; i++) replay.run();
      await backend.sync();
    };
    await run(1);
    requireEqual('WebGPU', cell, floats(await backend.read(result)), await reference(cell, operands));
    const units = await unitsFor(run);
    rows.push({ name: nameOf(cell), units, run: () => run(units) });
  }
  const nothing: Row = { name: 'no-op: waiting for an idle GPU', units: 1, run: () => backend.sync() };
  const measured = await measure([...rows, nothing, control], rounds);
  await close();
  return measured;
}
