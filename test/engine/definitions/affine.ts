// Pictures transformed: the matrices as products of their factors, the samples from an endless picture.
import type { FillMode } from '../../../src/backend/kernels.ts';
import { at, clamp, type Definitions, defined, tabulate } from './definition.ts';
import { cos, sin } from './functions.ts';

type Four = [number, number, number, number];
type Matrix = readonly (readonly number[])[];

const product = (a: Matrix, b: Matrix): Matrix =>
  a.map((row) => b[0]!.map((_, j) => row.reduce((sum, value, k) => sum + value * b[k]![j]!, 0)));

const shift = (x: number, y: number): Matrix => [
  [1, 0, x],
  [0, 1, y],
  [0, 0, 1],
];

const scale = (x: number, y: number): Matrix => [
  [x, 0, 0],
  [0, y, 0],
  [0, 0, 1],
];

const radians = (degrees: number) => (degrees * Math.PI) / 180;

function rotation(degrees: number): Matrix {
  const angle = radians(degrees);
  return [
    [cos(angle), -sin(angle), 0],
    [sin(angle), cos(angle), 0],
    [0, 0, 1],
  ];
}

function shear(degrees: number): Matrix {
  const angle = radians(degrees);
  return [
    [1, -sin(angle), 0],
    [0, cos(angle), 0],
    [0, 0, 1],
  ];
}

/** x into last - x, if at all. */
function flips(width: number, height: number, horizontal: boolean, vertical: boolean): Matrix {
  const turned = scale(horizontal ? -1 : 1, vertical ? -1 : 1);
  return product(shift(horizontal ? width - 1 : 0, vertical ? height - 1 : 0), turned);
}

/** How much of sample i of an axis stands at a place; the rest is the fill value. */
function share(i: number, place: number, n: number, fill: FillMode, linear: boolean): number {
  const cells = Array.from({ length: 2 }, (_, side) => {
    const near = mapped(place, n, fill);
    const first = linear ? Math.floor(near) : Math.floor(near + 0.5);
    const part = linear ? near - first : 0;
    return { index: extended(first + side, n, fill), weight: side === 0 ? 1 - part : part };
  });
  return cells.reduce((sum, { index, weight }) => sum + (index === i ? weight : 0), 0);
}

/** Where places are moved before their neighbours are looked for. */
function mapped(place: number, n: number, fill: FillMode): number {
  if (fill === 'nearest') return clamp(place, 0, n - 1);
  if (fill === 'reflect' && (place < -0.5 || place > n - 0.5)) return mirrored(place, n);
  if (fill !== 'wrapEnds' || (place >= 0 && place <= n - 1)) return place;
  if (n === 1) return 0;
  let moved = place;
  while (moved < 0) moved += n - 1;
  // a place at a whole number of periods below is seen at the far end
  if (place < 0 && moved === 0) return n - 1;
  while (moved > n - 1) moved -= n - 1;
  return moved === n - 1 && place > n - 1 ? 0 : moved;
}

function mirrored(place: number, n: number): number {
  let moved = place;
  while (moved < -0.5 || moved > n - 0.5) moved = moved < -0.5 ? -1 - moved : 2 * n - 1 - moved;
  return moved;
}

/** The sample that stands at a whole place. */
function extended(i: number, n: number, fill: FillMode): number {
  if (fill === 'blend') return i;
  return fill === 'wrap' ? ((i % n) + n) % n : clamp(i, 0, n - 1);
}

export const affine: Definitions<'affineMatrices' | 'affineResample'> = {
  // C R T H Z C^-1 F, the last row left out
  affineMatrices: defined('operands', ([parameters], { columns, width, height, centerX, centerY }, matrices) => {
    const all = tabulate([matrices.shape[0]!], (n) => {
      const of = (column: number) => at(parameters, n, column);
      const factors = [
        shift(centerX, centerY),
        rotation(of(columns.theta)),
        shift(of(columns.tx), of(columns.ty)),
        shear(of(columns.shear)),
        scale(of(columns.zx), of(columns.zy)),
        shift(-centerX, -centerY),
        flips(width, height, of(columns.flipHorizontal) < 0.5, of(columns.flipVertical) < 0.5),
      ];
      return factors.reduce(product).slice(0, 2).flat();
    });
    return all.flat();
  }),

  // y[n, p, q, c] = sum over h, w of share(h) * share(w) * x[n, h, w, c], and the value for what is left of 1
  affineResample: defined('operands', ([x, matrices], { fill, value, linear }, y) => {
    const [, H, W] = x!.shape as Four;
    const [rows, columns] = [tabulate([H], (h) => h), tabulate([W], (w) => w)];
    return tabulate(y.shape, (n, p, q, c) => {
      const place = (row: number) =>
        at(matrices, n, 3 * row) * q + at(matrices, n, 3 * row + 1) * p + at(matrices, n, 3 * row + 2);
      const [column, row] = [place(0), place(1)];
      if (fill === 'constant' && (column < 0 || column > W - 1 || row < 0 || row > H - 1)) return value;
      const byRow = rows.map((h) => share(h, row, H, fill, linear));
      const byColumn = columns.map((w) => share(w, column, W, fill, linear));
      const seen = rows.flatMap((h) =>
        columns.map((w) => ({ weight: byRow[h]! * byColumn[w]!, cell: at(x, n, h, w, c) })),
      );
      const total = seen.reduce((sum, { weight }) => sum + weight, 0);
      const cells = seen.reduce((sum, { weight, cell }) => sum + weight * cell, 0);
      return fill === 'blend' ? cells + (1 - total) * value : cells;
    });
  }),
};
