import { byteSize, grouped } from '../callbacks/formatNumber.ts';
import { ValueError } from '../errors.ts';
import { oneOf, refuseUnknown, truth } from '../tensor/options.ts';
import { type BoxColumn, boxTable, columnWidths } from './boxTable.ts';
import { ruledTable } from './ruledTable.ts';

/** What the summary needs to know of a model: plain data, so that it can be written and tested without an engine. */
export interface SummaryModel {
  readonly name: string;
  /** 'graph' when a layer has several inputs, or its output several users: the table then shows what each layer is connected to. */
  readonly kind: 'chain' | 'graph';
  readonly rows: readonly SummaryRow[];
  readonly totals: {
    readonly trainable: ParamTotal;
    readonly nonTrainable: ParamTotal;
    /** Null when the model is not compiled, or its optimizer has no state yet. */
    readonly optimizer: ParamTotal | null;
  };
}

export interface SummaryRow {
  readonly name: string;
  readonly className: string;
  /** Null as long as the layer is not built; null as a dimension is one that is not known (the batch). */
  readonly outputShape: readonly (number | null)[] | null;
  /** Null as long as the layer is not built. */
  readonly params: number | null;
  /** Null for a layer without weights. */
  readonly trainable: boolean | null;
  /** The layer's inputs, each as `layer[node][tensor]`. */
  readonly connectedTo?: readonly string[];
  /** The layers inside a nested model. */
  readonly children?: readonly SummaryRow[];
}

export interface ParamTotal {
  readonly params: number;
  readonly bytes: number;
}

export interface SummaryOptions {
  /** Width of the terminal, 80 when absent or 0 (a terminal that does not know). The boxed table stays four characters below it. */
  readonly terminalColumns?: number;
  /** Characters a line, instead of the length that follows from the terminal. */
  readonly lineLength?: number;
  /** Where each column ends, as ascending fractions of the line; the last is 1. The column of `showTrainable` is not counted. */
  readonly positions?: readonly number[];
  readonly showTrainable?: boolean;
  /** Shows the layers inside nested models too. */
  readonly expandNested?: boolean;
  /** 'classic' is the table of Keras 2: 65 characters wide, no boxes, no sizes, the optimizer not counted. */
  readonly style?: 'boxed' | 'classic';
}

const BOXED = {
  chain: { length: 88, positions: [0.45, 0.8, 1] },
  graph: { length: 108, positions: [0.3, 0.56, 0.74, 1] },
  trainableLength: 12,
  trainableShare: 0.9,
};
const CLASSIC = {
  chain: { length: 65, positions: [0.45, 0.85, 1] },
  graph: { length: 98, positions: [0.33, 0.55, 0.67, 1] },
  trainableLength: 11,
};
const known = ['terminalColumns', 'lineLength', 'positions', 'showTrainable', 'expandNested', 'style'];
/** On a narrower terminal the lines wrap: that is ugly, but a summary that throws because a window is small is worse. */
const SHORTEST_AUTOMATIC_LINE = 40;
const COLUMNS: readonly Pick<BoxColumn, 'header' | 'align'>[] = [
  { header: 'Layer (type)', align: 'left' },
  { header: 'Output Shape', align: 'left' },
  { header: 'Param #', align: 'right' },
  { header: 'Connected to', align: 'left' },
];
const TRAINABLE_COLUMN = { header: 'Trainable', align: 'center' } as const;

/**
 * The text of `model.summary()`, without a line end after the last line. Format: Keras 3, or Keras 2 as `style: 'classic'`.
 * Throws a ValueError for a line too short to hold every column, and for positions that do not fit the columns.
 */
export function summaryTable(model: SummaryModel, options: SummaryOptions = {}): string {
  refuseUnknown('summary', options, known);
  truth('summary', 'showTrainable', options.showTrainable ?? false);
  truth('summary', 'expandNested', options.expandNested ?? false);
  const style = oneOf('summary', 'style', options.style ?? 'boxed', ['boxed', 'classic']);
  const title = `Model: "${printable(model.name)}"`;
  const body = style === 'classic' ? classicBody(model, options) : boxedBody(model, options);
  return `${title}\n${body}`;
}

function boxedBody(model: SummaryModel, options: SummaryOptions): string {
  const layout = BOXED[model.kind];
  const given = checkedPositions(options.positions ?? layout.positions, layout.positions.length);
  const positions = options.showTrainable ? [...given.map((p) => p * BOXED.trainableShare), 1] : given;
  const longest = layout.length + (options.showTrainable ? BOXED.trainableLength : 0);
  const automatic = Math.max(SHORTEST_AUTOMATIC_LINE, Math.min(longest, (options.terminalColumns || 80) - 4));
  const lineLength = options.lineLength ?? automatic;
  const widths = columnWidths(positions, lineLength);
  checkRoom(lineLength, positions, Math.min(...widths.map((width) => width - 2)));
  const columns = columnsOf(model, options).map((column, i) => ({ ...column, width: widths[i] ?? 0 }));
  const rows = flatten(model.rows, options).map((row) =>
    cells(row, model, options, { count: grouped, separator: ', ' }),
  );
  return `${boxTable(columns, rows)}\n${boxedTotals(model.totals)}`;
}

function boxedTotals({ trainable, nonTrainable, optimizer }: SummaryModel['totals']): string {
  const line = (label: string, { params, bytes }: ParamTotal) =>
    ` ${label} params: ${grouped(params)} (${byteSize(bytes)})`;
  const total = [trainable, nonTrainable, ...(optimizer ? [optimizer] : [])].reduce((a, b) => ({
    params: a.params + b.params,
    bytes: a.bytes + b.bytes,
  }));
  return [
    line('Total', total),
    line('Trainable', trainable),
    line('Non-trainable', nonTrainable),
    ...(optimizer ? [line('Optimizer', optimizer)] : []),
  ].join('\n');
}

function classicBody(model: SummaryModel, options: SummaryOptions): string {
  const layout = CLASSIC[model.kind];
  const positions = checkedPositions(options.positions ?? layout.positions, layout.positions.length);
  const lineLength = options.lineLength ?? layout.length;
  const ends = positions.map((position) => Math.floor(position * lineLength));
  checkRoom(lineLength, positions, Math.min(...ends.map((end, i) => end - (ends[i - 1] ?? 0) - 1)));
  if (options.showTrainable) ends.push(lineLength + CLASSIC.trainableLength);
  const columns = columnsOf(model, options).map(({ header }, i) => ({ header, end: ends[i] ?? 0 }));
  const rows = flatten(model.rows, options).map((row) =>
    cells(row, model, options, { count: String, separator: '\n' }),
  );
  const { trainable, nonTrainable } = model.totals;
  return [
    ruledTable(columns, rows),
    `Total params: ${grouped(trainable.params + nonTrainable.params)}`,
    `Trainable params: ${grouped(trainable.params)}`,
    `Non-trainable params: ${grouped(nonTrainable.params)}`,
    '_'.repeat(ends.at(-1) ?? 0),
  ].join('\n');
}

function columnsOf({ kind }: SummaryModel, { showTrainable }: SummaryOptions): Pick<BoxColumn, 'header' | 'align'>[] {
  return [...COLUMNS.slice(0, kind === 'graph' ? 4 : 3), ...(showTrainable ? [TRAINABLE_COLUMN] : [])];
}

/** The rows to print, each nested one with the prefix that shows its depth. */
function flatten(rows: readonly SummaryRow[], options: SummaryOptions, depth = 0): SummaryRow[] {
  const prefix = depth === 0 ? '' : `${' '.repeat(3 * depth)}└ `;
  return rows.flatMap((row) => [
    { ...row, name: prefix + row.name },
    ...(options.expandNested ? flatten(row.children ?? [], options, depth + 1) : []),
  ]);
}

function cells(
  row: SummaryRow,
  { kind }: SummaryModel,
  { showTrainable }: SummaryOptions,
  format: { readonly count: (params: number) => string; readonly separator: string },
): string[] {
  const shape = row.outputShape?.map((size) => size ?? 'None').join(', ');
  const connections = row.connectedTo?.map(printable).join(format.separator);
  const trainable = row.trainable === null ? '-' : row.trainable ? 'Y' : 'N';
  return [
    `${printable(row.name)} (${printable(row.className)})`,
    shape === undefined ? '?' : `(${shape})`,
    row.params === null ? '0 (unbuilt)' : format.count(row.params),
    ...(kind === 'graph' ? [connections || '-'] : []),
    ...(showTrainable ? [trainable] : []),
  ];
}

/** Names may come from a file: a line end in one would break the table, an escape code would reach the terminal. */
function printable(name: string): string {
  return name.replace(/\p{Cc}/gu, '?');
}

function checkedPositions(positions: readonly number[], count: number): readonly number[] {
  const ascending = positions.every((position, i) => position > (positions[i - 1] ?? 0));
  if (positions.length === count && ascending && positions.at(-1) === 1) return positions;
  throw new ValueError(
    `summary: positions must be ${count} ascending fractions of the line that end with 1, got [${positions.join(', ')}]`,
  );
}

function checkRoom(lineLength: number, positions: readonly number[], narrowestText: number): void {
  if (Number.isInteger(lineLength) && narrowestText >= 1) return;
  throw new ValueError(
    `summary: lineLength must be a whole number, and long enough for a character in each of the columns that end at [${positions.join(', ')}], got ${lineLength}`,
  );
}
