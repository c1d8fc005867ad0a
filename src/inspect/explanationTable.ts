import type { ExplainedDispatch, Explanation } from './explain.ts';

/** The list of dispatches for a terminal. */
export function explanationTable(explanation: Omit<Explanation, 'toString'>): string {
  const { adapter, batchSize, backend, clock, roof, dispatches, memory } = explanation;
  const total = dispatches.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  const rows = dispatches.map((one, i) => [String(i + 1), ...cells(one)]);
  const header = ['', 'shader', 'stands for', 'results', 'MFLOP', 'KB bound', 'ms', 'of the plain loop'];
  const flops = dispatches.reduce((sum, one) => sum + one.flops, 0);
  const bytes = dispatches.reduce((sum, one) => sum + one.bytes, 0);
  const sums = ['', 'all', '', '', mega(flops), kilo(bytes), total.toFixed(3), ''];
  return [
    `A training step of ${batchSize} samples on ${backend}: ${adapter}`,
    roof ? roofLine(explanation) : 'Each kernel of the CPU backend, one after another.',
    '',
    ...aligned([header, ...rows, sums]),
    '',
    `Times are medians by the ${clock === 'device' ? "device's own clock" : "program's clock, with the wait for each result"}, each dispatch alone.`,
    `Memory between and inside dispatches: ${kilo(memory.bytes)} KB; at least ${kilo(memory.leastBytes)} KB of values must exist at once.`,
  ].join('\n');
}

function roofLine({ roof, dispatches }: Omit<Explanation, 'toString'>): string {
  const { flops, cachedBytes, bytes, dispatchMs } = roof!;
  const speeds = `${giga(flops)} GFLOP/s, ${giga(cachedBytes)} GB/s from caches, ${giga(bytes)} GB/s from memory`;
  return `The roof, as measured: ${speeds}, ${(1000 * dispatchMs).toFixed(1)} us a dispatch. ${dispatches.length} dispatches.`;
}

function cells({ shader, ops, outputs, flops, bytes, milliseconds, share, bound }: ExplainedDispatch): string[] {
  const results = outputs.map((shape) => `[${shape.join(',')}]`).join(' ');
  const ofRoof =
    share === null ? '' : `${(100 * share).toFixed(0)} % ${bound === 'arithmetic' ? 'multiply-adds' : 'copy'}`;
  const standsFor = ops.length === 0 ? '(part of the one beside it)' : ops.join(' + ');
  return [shader, standsFor, results, mega(flops), kilo(bytes), milliseconds.toFixed(3), ofRoof];
}

const mega = (n: number) => (n / 1e6).toFixed(2);
const kilo = (n: number) => (n / 1e3).toFixed(0);
const giga = (n: number) => (n / 1e9).toFixed(1);

/** Columns as wide as need be; numbers stand at the right. */
function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const isNumber = (column: number) => column === 0 || (column >= 4 && column <= 6);
  return rows.map((row) =>
    row
      .map((cell, i) => (isNumber(i) ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)))
      .join('  ')
      .trimEnd(),
  );
}
