import * as w from '../../../src/index.ts';
import { LARGEST, type Special, special } from './special.ts';

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;

const left = [
  [inf, 0, 1],
  [nan, 0, 1],
  [LARGEST, LARGEST, 0],
  [-inf, 1, 1],
  [1, 2, 3],
];
const right = [
  [0, 1],
  [1, 1],
  [1, -1],
];
const products = [nan, inf, nan, nan, LARGEST, inf, nan, -inf, 5, 0];
const afterRelu = products.map((y) => Math.max(y, 0));

/** A sum that is split over threads, with one value that is not 0. */
const long = (value: number) => [Array.from({ length: 600 }, (_, k) => (k === 333 ? value : 0))];
const column = Array.from({ length: 600 }, () => [1, -1]);

/** [1, h, w, 1] */
const image = (rows: readonly (readonly number[])[]) => [rows.map((row) => row.map((x) => [x]))];
/** [r, s, 1, 1] */
const kernel = (rows: readonly (readonly number[])[]) => rows.map((row) => row.map((x) => [[x]]));

const ones = [
  [1, 1, 1],
  [1, 1, 1],
  [1, 1, 1],
];
const corner = (value: number) => [
  [value, 0, 0],
  [0, 1, 0],
  [0, 0, 0],
];
const spot = (value: number) => [
  [1, 1, 1, 1],
  [1, 1, 1, 1],
  [1, 1, 1, value],
];

/** A window at the top or left has the corner of its kernel in the padding. */
const besidePadding = [1, 1, 1, 1, inf, inf, 1, inf, inf];

const pooled = [
  [nan, 1, 2, nan],
  [3, nan, inf, 1],
  [-inf, -inf, 0, LARGEST],
  [-inf, -inf, -LARGEST, 0],
];

const convolved = (x: w.Tensor, k: w.Tensor, dy: w.Tensor, options: w.Conv2dOptions) =>
  w.sum(w.mul(w.conv2d(x, k, options), w.reshape(dy, [1, 3, 3, 1])));

const wide = (values: readonly number[]) => image([values]);
const inPairs = { poolSize: [1, 2] };

export const linearSpecials: readonly Special[] = [
  special('conv2d', 'depthwiseConv2d', [[[[[inf, 1]]]], [[[[2], [3]]]]], (x, k) => w.depthwiseConv2d(x, k), [inf, 3]),
  special(
    'conv2dGradInput',
    'conv2dTranspose',
    [wide([nan, 1, inf]), kernel([[2]])],
    (x, k) => w.conv2dTranspose(x, k, { strides: [1, 2] }),
    [nan, 0, 2, 0, inf, 0],
  ),
  special('avgPool2d', 'avgPool2d', [wide([1, inf, nan, 4])], (x) => w.avgPool2d(x, inPairs), [inf, nan]),
  special(
    'avgPool2dGrad',
    'avgPool2d',
    [wide([1, 2, 3, 4]), wide([inf, 3])],
    (x, dy) => w.grad((t: w.Tensor) => w.sum(w.mul(w.avgPool2d(t, inPairs), dy)))(x),
    [inf, inf, 1.5, 1.5],
    { title: 'the gradient of avgPool2d' },
  ),
  special(
    'maxPool2dPick',
    'maxPool2d',
    [wide([1, 2, 4, 3]), wide([1, 1]), wide([0, nan, inf, 5])],
    (x, slope, direction) => {
      const back = (dy: w.Tensor) => w.grad((t: w.Tensor) => w.sum(w.mul(w.maxPool2d(t, inPairs), dy)))(x);
      return w.grad((dy: w.Tensor) => w.sum(w.mul(back(dy), direction)))(slope);
    },
    [nan, inf],
    { title: 'the second gradient of maxPool2d' },
  ),
  special('reduce', 'globalAveragePool2d', [wide([1, inf, 3])], (x) => w.globalAveragePool2d(x), [inf]),
  special('reduce', 'globalMaxPool2d', [wide([1, nan, inf])], (x) => w.globalMaxPool2d(x), [nan]),
  special('resize2d', 'resizeBilinear', [wide([1, inf, nan])], (x) => w.resizeBilinear(x, [1, 3]), [1, inf, nan]),
  special('resize2d', 'resizeBilinear', [wide([1, inf])], (x) => w.resizeBilinear(x, [1, 4]), [1, inf, inf, inf], {
    title: 'resizeBilinear between cells',
  }),
  special('resize2d', 'resizeNearest', [wide([nan, LARGEST])], (x) => w.resizeNearest(x, [1, 3]), [
    nan,
    LARGEST,
    LARGEST,
  ]),
  special('resize2d', 'upSampling2d', [wide([-inf, nan])], (x) => w.upSampling2d(x, { size: [1, 2] }), [
    ...[-inf, -inf],
    ...[nan, nan],
  ]),
  special(
    'resize2dGrad',
    'resizeBilinear',
    [wide([1, 2, 3]), wide([inf, nan, 1])],
    (x, dy) => w.grad((t: w.Tensor) => w.sum(w.mul(w.resizeBilinear(t, [1, 3]), dy)))(x),
    [inf, nan, 1],
    { title: 'the gradient of resizeBilinear' },
  ),
  special('matmul', 'matmul', [left, right], (a, b) => w.matmul(a, b), products),
  special(
    'matmul',
    'matmul',
    [left, right],
    (a, b) => w.transpose(w.matmul(b, a, { transposeA: true, transposeB: true })),
    products,
    {
      title: 'matmul of transposed',
    },
  ),
  special('matmul', 'dense', [left, right], (a, b) => w.dense(a, b, { activation: 'relu' }), afterRelu),
  special(
    'matmul',
    'dense',
    [left, right, [nan, inf]],
    (a, b, c) => w.dense(a, b, { bias: c, activation: 'relu' }),
    [nan, inf, nan, nan, nan, inf, nan, nan, nan, inf],
    { title: 'dense with a special bias' },
  ),
  ...[nan, inf, LARGEST].map((value) =>
    special(
      'matmul',
      'dense',
      [long(value), column],
      (a, b) => w.dense(a, b, { activation: 'relu' }),
      [value, Number.isNaN(value) ? nan : 0],
      {
        title: `dense of a long sum with ${value}`,
      },
    ),
  ),
  special(
    'matmul',
    'dot',
    [
      [inf, 1],
      [0, 1],
    ],
    (a, b) => w.dot(a, b),
    [nan],
  ),

  special('conv2d', 'conv2d', [image(spot(nan)), kernel([[1, 1]])], (x, k) => w.conv2d(x, k, { activation: 'relu' }), [
    2,
    2,
    2,
    2,
    2,
    2,
    2,
    2,
    nan,
  ]),
  special(
    'conv2d',
    'conv2d',
    [image(spot(-inf)), kernel([[1, 1]])],
    (x, k) => w.conv2d(x, k, { activation: 'relu' }),
    [2, 2, 2, 2, 2, 2, 2, 2, 0],
    {
      title: 'conv2d with relu of -infinity',
    },
  ),
  special(
    'conv2d',
    'conv2d',
    [image(ones), kernel(corner(inf))],
    (x, k) => w.conv2d(x, k, { padding: 'same' }),
    besidePadding,
    {
      title: 'conv2d, padding beside an infinite weight',
    },
  ),
  // the weight of the corner reaches every cell that lies right below a window
  special(
    'conv2dGradInput',
    'conv2d',
    [image(ones), kernel(corner(inf)), ones],
    (x, k, dy) => w.grad((t: w.Tensor) => convolved(t, k, dy, { padding: 'same' }))(x),
    [inf, inf, 1, inf, inf, 1, 1, 1, 1],
    {
      title: 'the gradient of conv2d by its input, beside an infinite weight',
    },
  ),
  special(
    'conv2dGradInput',
    'conv2d',
    [image(ones), kernel(corner(1)), corner(nan)],
    (x, k, dy) => w.grad((t: w.Tensor) => convolved(t, k, dy, { padding: 'same' }))(x),
    [nan, nan, 0, nan, nan, 0, 0, 0, 0],
    {
      title: 'the gradient of conv2d by its input, of NaN',
    },
  ),
  special(
    'conv2dGradKernel',
    'conv2d',
    [image(ones), kernel(ones), corner(inf)],
    (x, k, dy) => w.grad((t: w.Tensor) => convolved(x, t, dy, { padding: 'same' }))(k),
    [1, 1, 1, 1, inf, inf, 1, inf, inf],
    {
      title: 'the gradient of conv2d by its kernel, beside an infinite slope',
    },
  ),

  special('maxPool2d', 'maxPool2d', [image(pooled)], (x) => w.maxPool2d(x, { poolSize: 2 }), [nan, nan, -inf, LARGEST]),
  special(
    'maxPool2d',
    'maxPool2d',
    [image([[nan, -inf, 1]])],
    (x) => w.maxPool2d(x, { poolSize: 2, strides: 1, padding: 'same' }),
    [nan, 1, 1],
    {
      title: 'maxPool2d, padded',
    },
  ),
  special(
    'maxPool2dGrad',
    'maxPool2d',
    [
      image(pooled),
      [
        [inf, 2],
        [nan, 4],
      ],
    ],
    (x, dy) => w.grad((t: w.Tensor) => w.sum(w.mul(w.maxPool2d(t, { poolSize: 2 }), w.reshape(dy, [1, 2, 2, 1]))))(x),
    [...[inf, 0, 0, 2], ...[0, 0, 0, 0], ...[nan, 0, 0, 4], ...[0, 0, 0, 0]],
    { title: 'the gradient of maxPool2d goes to the first NaN' },
  ),
];
