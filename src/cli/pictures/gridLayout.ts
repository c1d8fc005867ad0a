/** Where the top left corner of each cell stands, in pixels from the top left of the grid. */
export interface GridLayout {
  readonly columns: number;
  readonly width: number;
  readonly height: number;
  readonly corners: readonly { readonly x: number; readonly y: number }[];
}

/** Places `count` cells of equal size in rows, left to right, in a grid about twice as wide as it is high in cells. */
export function gridLayout(count: number, cellWidth: number, cellHeight: number, gap: number): GridLayout {
  const columns = bestColumns(count);
  const rows = Math.ceil(count / columns);
  return {
    columns,
    width: columns * (cellWidth + gap) - gap,
    height: rows * (cellHeight + gap) - gap,
    corners: Array.from({ length: count }, (_, i) => ({
      x: (i % columns) * (cellWidth + gap),
      y: Math.floor(i / columns) * (cellHeight + gap),
    })),
  };
}

/** Between as many columns as rows and four times as many: the fewest empty places, then the nearest to twice as many. */
function bestColumns(count: number): number {
  const from = Math.ceil(Math.sqrt(count));
  const to = Math.min(count, Math.floor(2 * Math.sqrt(count)));
  let best = from;
  for (let columns = from; columns <= to; columns++) {
    const empty = (n: number) => Math.ceil(count / n) * n - count;
    const distance = (n: number) => Math.abs(n - Math.sqrt(2 * count));
    if (empty(columns) < empty(best) || (empty(columns) === empty(best) && distance(columns) < distance(best)))
      best = columns;
  }
  return best;
}
