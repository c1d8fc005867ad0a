import * as w from '../../../src/index.ts';
import { LARGEST, type Special, sized, special } from './special.ts';

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;

const rows = [
  [nan, 1, 2],
  [1, nan, nan],
  [1, -2, nan],
  [nan, inf, -inf],
  [inf, 1, 2],
  [-inf, 1, -2],
  [inf, -inf, 0],
  [inf, inf, 1],
  [-inf, -inf, -inf],
  [0, inf, 1],
  [1, 1, 1],
];

/** Sums and products of these depend on what holds the parts. */
const large = [
  [LARGEST, LARGEST, 1],
  [-LARGEST, LARGEST, 0],
];
const depends = ['mean', 'prod'];

type Row = readonly number[];

const total = (row: Row) => row.reduce((sum, x) => sum + x, 0);
const mean = (row: Row) => total(row) / row.length;
const first = (row: Row, wins: (a: number, b: number) => boolean) => {
  const ofNaN = row.findIndex(Number.isNaN);
  return ofNaN >= 0 ? ofNaN : row.findIndex((x) => row.every((other) => x === other || wins(x, other)));
};
const largest = (row: Row) => first(row, (a, b) => a > b);
const smallest = (row: Row) => first(row, (a, b) => a < b);
const top = (row: Row) => row[largest(row)]!;

function logSumExp(row: Row): number {
  const shift = top(row);
  if (Number.isNaN(shift) || Math.abs(shift) === inf) return shift;
  return shift + Math.log(total(row.map((x) => Math.exp(x - shift))));
}

const logSoftmax = (row: Row) => row.map((x) => x - top(row) - Math.log(total(row.map((y) => Math.exp(y - top(row))))));
const softmax = (row: Row) => logSoftmax(row).map(Math.exp);
const meanSquare = (row: Row) => mean(row.map((x) => (x - mean(row)) ** 2));

const named = {
  sum: total,
  mean,
  max: top,
  min: (row: Row) => row[smallest(row)]!,
  prod: (row: Row) => row.reduce((product, x) => product * x, 1),
  variance: meanSquare,
  logSumExp,
  argMax: largest,
  argMin: smallest,
  softmax,
  logSoftmax,
} as const;

type Name = keyof typeof named;

const opOf: Partial<Record<Name, string>> = {
  argMax: 'argReduce',
  argMin: 'argReduce',
  softmax: 'softmax',
  logSoftmax: 'logSoftmax',
};

/** Every function of a row, along the last axis and along the first. */
const ofRows: readonly Special[] = (Object.keys(named) as Name[]).flatMap((fn) => {
  const list = depends.includes(fn) ? rows : [...rows, ...large];
  const results = (limit: number) => list.map((row) => [named[fn](row.map((x) => sized(x, limit)))].flat());
  const op = opOf[fn] ?? 'reduce';
  return [
    special(
      op,
      fn,
      [list],
      (x) => w[fn](x, 1),
      (floats) => results(floats.largest).flat(),
      { title: `${fn} of rows` },
    ),
    special(
      op,
      fn,
      [list],
      (x) => w.transpose(w[fn](w.transpose(x), 0)),
      (floats) => results(floats.largest).flat(),
      { title: `${fn} of columns` },
    ),
  ];
});

/** Many rows of which one is special: reductions in passes, and four elements at a time. */
const long = (special: number, at: number) => Array.from({ length: 300 }, (_, r) => [1, r === at ? special : 1, 1, 1]);

const inPasses: readonly Special[] = [0, 77, 299].flatMap((at) => [
  special('reduce', 'max', [long(nan, at)], (x) => [w.max(x, 0), w.max(x)], [1, nan, 1, 1, nan], {
    title: `max in passes, NaN at ${at}`,
  }),
  special('reduce', 'min', [long(nan, at)], (x) => [w.min(x, 0), w.min(x)], [1, nan, 1, 1, nan], {
    title: `min in passes, NaN at ${at}`,
  }),
  special('reduce', 'sum', [long(-inf, at)], (x) => [w.sum(x, 0), w.sum(x)], [300, -inf, 300, 300, -inf], {
    title: `sum in passes, infinity at ${at}`,
  }),
  special('argReduce', 'argMax', [long(nan, at)], (x) => [w.argMax(x, 0), w.argMin(x, 0)], [0, at, 0, 0, 0, at, 0, 0], {
    title: `argMax and argMin of a long axis, NaN at ${at}`,
  }),
]);

const overflowing: readonly Special[] = [
  special('reduce', 'mean', [[LARGEST, LARGEST]], (x) => w.mean(x), [inf], { title: 'mean of a sum that overflows' }),
  special('reduce', 'prod', [[LARGEST, -2, 1]], (x) => w.prod(x), [-inf], { title: 'prod that overflows' }),
];

const ends = Int32Array.of(2 ** 31 - 1, -(2 ** 31), 1);
const odd = Int32Array.of(65_537, 65_539, 65_543, 65_551);

const integers: readonly Special[] = [
  special('reduce', 'sum', [Int32Array.of(2 ** 31 - 1, 1)], (x) => w.sum(x), [-(2 ** 31)], {
    title: 'sum wraps around',
  }),
  special('reduce', 'prod', [odd], (x) => w.prod(x), [odd.reduce(Math.imul)], { title: 'prod wraps around' }),
  special('reduce', 'max', [ends], (x) => [w.max(x), w.min(x)], [2 ** 31 - 1, -(2 ** 31)], { title: 'max of int32' }),
  special('argReduce', 'argMin', [ends], (x) => [w.argMax(x), w.argMin(x)], [0, 1], { title: 'argMin of int32' }),
  special('reduce', 'mean', [ends], (x) => w.mean(w.sub(x, x)), [0], { title: 'mean of int32' }),
  special('reduce', 'max', [Uint8Array.of(0, 255)], (x) => [w.max(x), w.min(x), w.argMax(x)], [255, 0, 1], {
    title: 'max of bytes',
  }),
];

const logits = [
  [1, -inf, 1],
  [-inf, 0, -inf],
  [nan, 1, 2],
  [1, inf, 2],
  [0, 0, -inf],
  [0, 0, 0],
];
const labels = [
  [0.5, 0, 0.5],
  [0, 1, 0],
  [1, 0, 0],
  [1, 0, 0],
  [0, 0, 1],
  [0, nan, 1],
];
const losses = [Math.LN2, 0, nan, nan, inf, nan];
const slopes = [0, 0, 0, 0, 0, 0, nan, nan, nan, nan, nan, nan, 0.5, 0.5, -1, nan, nan, nan];

export const reduceSpecials: readonly Special[] = [
  ...ofRows,
  ...inPasses,
  ...overflowing,
  ...integers,
  special(
    'softmaxCrossEntropy',
    'softmaxCrossEntropy',
    [logits, labels],
    (z, t) => w.softmaxCrossEntropy(z, t),
    losses,
  ),
  special(
    'softmaxCrossEntropy',
    'softmaxCrossEntropy',
    [logits, labels],
    (z, t) => w.grad((x: w.Tensor) => w.sum(w.softmaxCrossEntropy(x, t)))(z),
    slopes,
    { title: 'the slope of softmaxCrossEntropy' },
  ),
];
