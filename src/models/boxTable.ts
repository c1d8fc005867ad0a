/** A column of a table drawn with box characters. */
export interface BoxColumn {
  readonly header: string;
  readonly align: 'left' | 'right' | 'center';
  /** Characters between the bars on either side; the text has two fewer, for a blank on each side. */
  readonly width: number;
}

/**
 * The widths between the bars for columns that end at `positions` (fractions of the line, the last is 1).
 *
 * Each column asks for its part of the line and two blanks; together with the bars that is more than the line has.
 * The excess is taken from the left, from each column its even share of what is still to take, rounded half to even.
 * This is how Keras' table comes out of the library that draws it, so the widths agree to the character.
 */
export function columnWidths(positions: readonly number[], lineLength: number): number[] {
  const ends = positions.map((position) => Math.floor(position * lineLength));
  const wanted = ends.map((end, i) => end - (ends[i - 1] ?? 0) + 2);
  const bars = wanted.length + 1;
  let excess = wanted.reduce((sum, width) => sum + width, bars) - lineLength;
  return wanted.map((width, i) => {
    const share = roundHalfToEven(excess / (wanted.length - i));
    excess -= share;
    return width - share;
  });
}

/** The table as lines joined by line ends, one rule between any two rows. Each row has one text for each column. */
export function boxTable(columns: readonly BoxColumn[], rows: readonly (readonly string[])[]): string {
  const rule = (left: string, fill: string, cross: string, right: string) =>
    left + columns.map(({ width }) => fill.repeat(width)).join(cross) + right;
  const header = drawRow(
    columns,
    columns.map((column) => column.header),
    '┃',
    'bottom',
  );
  const body = rows.map((row) => drawRow(columns, row, '│', 'top')).join(`\n${rule('├', '─', '┼', '┤')}\n`);
  return [
    rule('┏', '━', '┳', '┓'),
    header,
    rule('┡', '━', '╇', '┩'),
    ...(rows.length > 0 ? [body] : []),
    rule('└', '─', '┴', '┘'),
  ].join('\n');
}

function drawRow(
  columns: readonly BoxColumn[],
  texts: readonly string[],
  bar: string,
  stickTo: 'top' | 'bottom',
): string {
  const cells = columns.map(({ width }, i) => wrap(texts[i] ?? '', width - 2));
  const height = Math.max(...cells.map((lines) => lines.length));
  return Array.from({ length: height }, (_, y) => {
    const line = columns.map((column, i) => {
      const lines = cells[i] ?? [];
      const above = stickTo === 'top' ? 0 : height - lines.length;
      return ` ${align(lines[y - above] ?? '', column.width - 2, column.align)} `;
    });
    return bar + line.join(bar) + bar;
  }).join('\n');
}

/** Breaks at blanks; a word that no line can hold gets a line of its own and is cut. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.match(/\s*\S+\s*/g) ?? []) {
    if (line !== '' && line.length + word.trimEnd().length > width) {
      lines.push(line);
      line = '';
    }
    line += word;
  }
  lines.push(line);
  return lines.map((full) => cut(full.trimEnd(), width));
}

function cut(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, width - 1)}…` : text;
}

function align(text: string, width: number, side: BoxColumn['align']): string {
  if (side === 'left') return text.padEnd(width);
  if (side === 'right') return text.padStart(width);
  return text.padStart(text.length + Math.floor((width - text.length) / 2)).padEnd(width);
}

function roundHalfToEven(value: number): number {
  const below = Math.floor(value);
  return value - below === 0.5 ? below + (below % 2) : Math.round(value);
}
