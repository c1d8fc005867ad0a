// Products and convolutions, each alone: checked against the CPU, timed, and held against the roof.
import { runningBackend } from '../../src/engine/runtime.ts';
import { close, init } from '../../src/index.ts';
import { geometricMean, rounded } from '../arithmetic.ts';
import { allCells, bytesOf, type Cell, flopsOf, nameOf } from '../cells.ts';
import { control, type Measured, measure, type Rounds, type Row } from '../harness.ts';
import { callOn, floats, operandsOf, reference, requireEqual } from '../operands.ts';
import { leastTime, measureRoof, type Roof } from '../roof.ts';
import type { Point, SectionResult, TableRow } from '../section.ts';

/** Cells that are in turns with each other: all at once would hold hundreds of megabytes. */
const TOGETHER = 8;
const UNITS = 3;

export async function kernels(): Promise<SectionResult> {
  const roof = await measureRoof();
  const cells = allCells();
  const measured: Measured[] = [];
  const controls: Measured[] = [];
  for (let from = 0; from < cells.length; from += TOGETHER) {
    const found = await measureCells(cells.slice(from, from + TOGETHER));
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
    `Roof: ${rounded(roof.gflops)} GFLOP/s, ${rounded(roof.gbps)} GB/s copied, ${rounded(roof.dispatchUs)} µs a dispatch; geometric mean of the shares: ${percent(geometricMean(shares))}.`,
    'GFLOP/s, GB/s and share are of the least time; bytes count each operand and the result once.',
    ...controls.map(
      ({ name, medianMs, minimumMs }) => `${name}: ${rounded(medianMs)} ms, least ${rounded(minimumMs)}.`,
    ),
  ];
  return {
    tables: [
      { title: 'Kernels', rows, notes },
      { title: 'Roof', rows: Object.entries(roof.tried).map(([tried, figure]) => ({ tried, figure })) },
    ],
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
export async function measureCells(cells: readonly Cell[], rounds?: Rounds): Promise<Measured[]> {
  await init({ backend: 'webgpu', seed: 1 });
  const backend = runningBackend();
  if (!backend) throw new Error('no backend runs');
  const rows: Row[] = [];
  for (const cell of cells) {
    const operands = operandsOf(cell);
    const { call, result } = callOn(backend, cell, operands);
    const replay = await backend.prepare([call], call.outputs);
    const run = async () => {
      for (let i = 0; i < UNITS; i++) replay.run();
      await backend.sync();
    };
    await run();
    requireEqual('WebGPU', cell, floats(await backend.read(result)), await reference(cell, operands));
    rows.push({ name: nameOf(cell), units: UNITS, run });
  }
  const nothing: Row = { name: 'no-op: waiting for an idle GPU', units: 1, run: () => backend.sync() };
  const measured = await measure([...rows, nothing, control], rounds);
  await close();
  return measured;
}
