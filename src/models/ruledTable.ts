/** A column of a table without boxes: its text ends at `end`, counted in characters from the left of the line. */
export interface RuledColumn {
  readonly header: string;
  readonly end: number;
}

/**
 * The table of Keras 2: rows divided by `_` rules, head and foot by `=` rules. Long text is cut, never wrapped;
 * only a line end inside a text (one connection a line) starts another line. The last rule belongs to the caller's totals.
 */
export function ruledTable(columns: readonly RuledColumn[], rows: readonly (readonly string[])[]): string {
  const length = columns.at(-1)?.end ?? 0;
  const thin = '_'.repeat(length);
  const thick = '='.repeat(length);
  const header = columns.map((column) => column.header);
  const body = rows.map((row) => drawRow(columns, row)).join(`\n${thin}\n`);
  return [thin, drawRow(columns, header), thick, ...(rows.length > 0 ? [body] : []), thick].join('\n');
}

function drawRow(columns: readonly RuledColumn[], texts: readonly string[]): string {
  const cells = texts.map((text) => text.split('\n'));
  const height = Math.max(...cells.map((lines) => lines.length));
  return Array.from({ length: height }, (_, y) =>
    columns.reduce((line, { end }, i) => {
      // The last character of a column gives way to a blank, so that a cut text never touches the next one.
      const start = i > 0 ? `${line.slice(0, -1)} ` : '';
      return (start + (cells[i]?.[y] ?? '')).slice(0, end).padEnd(end);
    }, ''),
  ).join('\n');
}
