// Pictures transformed: what is special in a picture stays where it is seen, and nowhere else.
import { affineMatrices, affineResample } from '../../../src/ops/affine.ts';
import { type Special, special } from './special.ts';

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;

const columns = { theta: 0, tx: 1, ty: 2, shear: 3, zx: 4, zy: 5, flipHorizontal: 6, flipVertical: 7 };
const quarters = [0, 90, 180, 270, -90, -720].map((theta) => [theta, 0, 0, 0, 1, 1, 1, 1]);
const turns = [
  ...[1, 0, 0, 0, 1, 0],
  ...[0, -1, 3, 1, 0, 0],
  ...[-1, 0, 3, 0, -1, 3],
  ...[0, 1, 0, -1, 0, 3],
  ...[0, 1, 0, -1, 0, 3],
  ...[1, 0, 0, 0, 1, 0],
];

const picture = [[[[1], [inf], [nan], [4]]]];
const moved = (by: number) => [[1, 0, by, 0, 1, 0]];
const row = { p: 1, q: 4, value: 7 } as const;

export const affineSpecials: readonly Special[] = [
  special(
    'affineMatrices',
    'affineMatrices',
    [quarters],
    (parameters) => affineMatrices(parameters, { columns, width: 4, height: 4 }),
    turns,
    { title: 'affineMatrices of quarters of a turn' },
  ),
  special(
    'affineMatrices',
    'affineMatrices',
    [[0.5, 0.25, nan].map((flip) => [0, 2, 0, 0, 1, 1, flip, 1])],
    (parameters) => affineMatrices(parameters, { columns, width: 4, height: 3 }),
    [...[1, 0, 2, 0, 1, 0], ...[-1, 0, 5, 0, 1, 0], ...[1, 0, 2, 0, 1, 0]],
    { title: 'affineMatrices flips below one half, and not by NaN' },
  ),
  special(
    'affineResample',
    'affineResample',
    [picture, moved(0)],
    (x, matrices) => affineResample(x, matrices, { ...row, fill: 'reflect', linear: true }),
    [1, inf, nan, 4],
    { title: 'affineResample at the cells themselves' },
  ),
  special(
    'affineResample',
    'affineResample',
    [picture, moved(-0.5)],
    (x, matrices) => affineResample(x, matrices, { ...row, fill: 'nearest', linear: true }),
    [1, inf, nan, nan],
    { title: 'affineResample between cells' },
  ),
  special(
    'affineResample',
    'affineResample',
    [picture, moved(2 ** 30)],
    (x, matrices) => [
      affineResample(x, matrices, { ...row, fill: 'nearest', linear: true }),
      affineResample(x, matrices, { ...row, fill: 'constant', linear: true }),
      affineResample(x, matrices, { ...row, fill: 'blend', linear: false }),
    ],
    [4, 4, 4, 4, 7, 7, 7, 7, 7, 7, 7, 7],
    { title: 'affineResample far outside' },
  ),
];
