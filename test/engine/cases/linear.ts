import * as w from '../../../src/index.ts';
import { type Case, classes, distinct, of, positive, ties, x } from './case.ts';

const product = (title: string, a: number[], b: number[], options: w.MatmulOptions = {}): Case =>
  of('matmul', { title: `matmul ${title}`, inputs: [x(...a), x(...b)], run: (l, r) => w.matmul(l!, r!, options) });

const conv = (title: string, image: number[], kernel: number[], options: w.Conv2dOptions = {}): Case =>
  of('conv2d', {
    title: `conv2d ${title}`,
    inputs: [x(...image), x(...kernel)],
    run: (a, k) => w.conv2d(a!, k!, options),
  });

const transposed = (title: string, image: number[], kernel: number[], options: w.Conv2dTransposeOptions = {}): Case =>
  of('conv2dGradInput', {
    fn: 'conv2dTranspose',
    title: `conv2dTranspose ${title}`,
    inputs: [x(...image), x(...kernel)],
    run: (a, k) => w.conv2dTranspose(a!, k!, options),
  });

const resized = (title: string, image: number[], size: [number, number], options: w.ResizeOptions = {}): Case[] =>
  (['resizeBilinear', 'resizeNearest'] as const).map((fn) =>
    of('resize2d', {
      fn,
      title: `${fn} ${title}`,
      inputs: [x(...image)],
      run: (a) => w[fn](a!, size, options),
    }),
  );

/** A number that stays small enough for differences to see the digits of its gradient's gradient. */
const small = (y: w.Tensor) => w.sum(w.square(w.mul(y, 0.125)));

export const linearCases: readonly Case[] = [
  product('of matrices', [5, 7], [7, 3]),
  product('with a transposed', [7, 5], [7, 3], { transposeA: true }),
  product('with b transposed', [5, 7], [3, 7], { transposeB: true }),
  product('with both transposed', [6, 5], [8, 6], { transposeA: true, transposeB: true }),
  product('with one matrix for all batches', [3, 4, 6], [6, 4]),
  product('with one transposed matrix for all batches', [6, 4], [3, 5, 6], { transposeA: true, transposeB: true }),
  product('with batches on both sides', [2, 1, 3, 4], [5, 4, 2]),
  product('with batches, both transposed', [2, 4, 3], [2, 5, 4], { transposeA: true, transposeB: true }),
  product('with a long sum', [4, 300], [300, 10]),
  of('matmul', { fn: 'dot', title: 'dot of vectors', inputs: [x(7), x(7)], run: (a, b) => w.dot(a!, b!) }),
  of('matmul', {
    fn: 'dot',
    title: 'dot of blocks',
    inputs: [x(2, 3, 4), x(5, 4, 2)],
    run: (a, b) => w.dot(a!, b!),
  }),
  of('matmul', {
    fn: 'dot',
    title: 'dot of a matrix and a vector',
    inputs: [x(3, 7), x(7)],
    run: (a, b) => w.dot(a!, b!),
  }),
  of('matmul', {
    fn: 'dense',
    title: 'dense with bias and relu',
    inputs: [x(3, 4, 6), x(6, 5), x(5)],
    run: (a, k, b) => w.dense(a!, k!, { bias: b!, activation: 'relu' }),
  }),
  of('matmul', {
    fn: 'dense',
    title: 'dense with tanh',
    inputs: [x(4, 3), x(3, 2)],
    run: (a, k) => w.dense(a!, k!, { activation: 'tanh' }),
  }),

  conv('valid', [2, 6, 7, 3], [3, 2, 3, 4]),
  conv('same, stride 2, even input', [2, 6, 8, 2], [3, 3, 2, 8], { padding: 'same', strides: 2 }),
  conv('strides above the kernel', [1, 9, 9, 1], [2, 2, 1, 5], { strides: [3, 4] }),
  conv('dilated', [1, 9, 8, 2], [3, 3, 2, 4], { dilationRate: [2, 3], padding: 'same' }),
  conv('dilated and strided', [1, 9, 8, 2], [2, 3, 2, 3], { dilationRate: 2, strides: [2, 1] }),
  conv('groups', [2, 5, 5, 6], [3, 3, 2, 9], { groups: 3 }),
  conv('groups, strided and dilated', [1, 8, 7, 4], [2, 3, 2, 4], { groups: 2, strides: 2, dilationRate: [3, 2] }),
  conv('depthwise', [1, 6, 6, 4], [3, 3, 1, 4], { groups: 4, padding: 'same' }),
  conv('asymmetric padding', [1, 5, 6, 2], [3, 4, 2, 3], {
    padding: [
      [2, 0],
      [1, 3],
    ],
    strides: [2, 3],
  }),
  conv('one by one', [2, 4, 4, 8], [1, 1, 8, 16]),
  of('conv2d', {
    title: 'conv2d with bias and relu',
    inputs: [x(2, 7, 7, 1), x(3, 3, 1, 8), x(8)],
    run: (a, k, b) => w.conv2d(a!, k!, { bias: b!, activation: 'relu' }),
  }),
  of('conv2d', {
    title: 'conv2d with bias and tanh',
    inputs: [x(1, 4, 4, 2), x(2, 2, 2, 3), x(3)],
    run: (a, k, b) => w.conv2d(a!, k!, { bias: b!, activation: 'tanh' }),
  }),
  of('conv2dGradInput', {
    inputs: [x(1, 6, 6, 2), x(3, 3, 2, 4)],
    run: (a, k) => w.grad((image: w.Tensor) => small(w.conv2d(image, k!, { strides: 2, padding: 'same' })))(a!),
  }),
  of('conv2dGradKernel', {
    inputs: [x(1, 6, 6, 2), x(3, 3, 2, 4)],
    run: (a, k) => w.grad((kernel: w.Tensor) => small(w.conv2d(a!, kernel, { dilationRate: 2 })))(k!),
  }),
  of('conv2dGradKernel', {
    title: 'conv2dGradKernel as a sum of parts',
    inputs: [x(2, 8, 5, 1), x(2, 2, 1, 2)],
    run: (a, k) => w.grad((kernel: w.Tensor) => small(w.conv2d(a!, kernel)))(k!),
  }),

  of('conv2d', {
    fn: 'depthwiseConv2d',
    title: 'depthwiseConv2d',
    inputs: [x(1, 5, 6, 3), x(3, 2, 3, 2), x(6)],
    run: (a, k, b) => w.depthwiseConv2d(a!, k!, { padding: 'same', strides: 2, bias: b!, activation: 'silu' }),
  }),
  transposed('valid', [1, 3, 4, 2], [3, 2, 3, 2]),
  transposed('valid, strides above the kernel', [1, 3, 2, 2], [2, 1, 3, 2], { strides: [3, 2] }),
  transposed('same, strided', [1, 3, 4, 2], [3, 4, 3, 2], { strides: [2, 3], padding: 'same' }),
  transposed('with output padding', [2, 3, 2, 2], [3, 3, 4, 2], { strides: 2, padding: 'same', outputPadding: [1, 0] }),
  transposed('with explicit padding, dilated', [1, 4, 3, 2], [2, 3, 3, 2], {
    strides: [2, 1],
    dilationRate: [2, 1],
    padding: [
      [1, 0],
      [0, 1],
    ],
  }),
  transposed('with groups', [1, 3, 3, 4], [2, 2, 3, 4], { groups: 2, strides: 2 }),
  of('conv2dGradInput', {
    fn: 'conv2dTranspose',
    title: 'conv2dTranspose with bias and tanh',
    inputs: [x(1, 2, 3, 2), x(2, 2, 2, 2), x(2)],
    run: (a, k, b) => w.conv2dTranspose(a!, k!, { bias: b!, activation: 'tanh', strides: 2 }),
  }),

  of('maxPool2d', { inputs: [distinct(2, 6, 6, 3)], run: (a) => w.maxPool2d(a!, { poolSize: 2 }) }),
  of('maxPool2d', {
    title: 'maxPool2d of overlapping windows with padding',
    inputs: [distinct(1, 7, 5, 2)],
    run: (a) => w.maxPool2d(a!, { poolSize: [3, 2], strides: [2, 1], padding: 'same' }),
  }),
  of('maxPool2d', {
    title: 'maxPool2d with ties',
    inputs: [ties(1, 7, 5, 4)],
    run: (a) => w.maxPool2d(a!, { poolSize: 3, strides: [2, 1], padding: 'same' }),
  }),
  of('maxPool2dGrad', {
    inputs: [distinct(1, 5, 4, 2), x(1, 3, 2, 2)],
    run: (a, b) => {
      const pooled = (image: w.Tensor) => w.maxPool2d(image, { poolSize: 3, strides: 2, padding: 'same' });
      return w.grad((image: w.Tensor) => w.sum(w.mul(pooled(image), b!)))(a!);
    },
  }),
  of('maxPool2dGrad', {
    title: 'maxPool2dGrad with ties',
    inputs: [ties(2, 5, 5, 2)],
    run: (a) =>
      w.grad((image: w.Tensor) => w.sum(w.maxPool2d(image, { poolSize: [2, 3], strides: 1, padding: 'same' })))(a!),
  }),
  of('maxPool2dPick', {
    inputs: [distinct(1, 5, 4, 2), x(1, 3, 2, 2)],
    run: (a, b) => {
      const pooled = (image: w.Tensor) => w.maxPool2d(image, { poolSize: 3, strides: 2, padding: 'same' });
      const back = (slope: w.Tensor) => w.grad((image: w.Tensor) => w.sum(w.mul(pooled(image), slope)))(a!);
      return w.grad((slope: w.Tensor) => w.sum(w.square(back(slope))))(b!);
    },
  }),
  of('avgPool2d', { inputs: [x(2, 6, 6, 3)], run: (a) => w.avgPool2d(a!, { poolSize: 2 }) }),
  of('avgPool2d', {
    title: 'avgPool2d of overlapping windows with padding',
    inputs: [x(1, 7, 5, 2)],
    run: (a) => w.avgPool2d(a!, { poolSize: [3, 2], strides: [2, 1], padding: 'same' }),
  }),
  of('avgPool2d', {
    title: 'avgPool2d with explicit padding and gaps',
    inputs: [x(1, 7, 9, 4)],
    run: (a) => w.avgPool2d(a!, { poolSize: [2, 3], strides: [3, 4], padding: Array(2).fill([1, 0]) }),
  }),
  of('avgPool2dGrad', {
    inputs: [x(1, 5, 4, 2)],
    run: (a) =>
      w.grad((image: w.Tensor) => small(w.avgPool2d(image, { poolSize: 3, strides: 2, padding: 'same' })))(a!),
  }),
  of('reduce', {
    fn: 'globalAveragePool2d',
    title: 'globalAveragePool2d',
    inputs: [x(2, 3, 4, 5)],
    run: (a) => w.globalAveragePool2d(a!),
  }),
  of('reduce', {
    fn: 'globalMaxPool2d',
    title: 'globalMaxPool2d',
    inputs: [distinct(2, 3, 4, 5)],
    run: (a) => w.globalMaxPool2d(a!, { keepDims: true }),
  }),

  ...resized('enlarged', [1, 3, 4, 2], [7, 6]),
  ...resized('shrunk', [2, 8, 9, 1], [3, 4]),
  ...resized('with corners aligned', [1, 4, 3, 4], [7, 5], { alignCorners: true }),
  ...resized('with corners aligned, to one row', [1, 4, 3, 4], [1, 2], { alignCorners: true }),
  ...resized('from their edges', [1, 4, 5, 2], [6, 3], { halfPixelCenters: false }),
  ...resized('from one pixel', [2, 1, 1, 3], [3, 2]),
  of('resize2d', {
    fn: 'upSampling2d',
    title: 'upSampling2d',
    inputs: [x(1, 3, 2, 2)],
    run: (a) => w.upSampling2d(a!, { size: [2, 3] }),
  }),
  of('resize2d', {
    fn: 'upSampling2d',
    title: 'upSampling2d between pixels',
    inputs: [x(1, 3, 2, 2)],
    run: (a) => w.upSampling2d(a!, { interpolation: 'bilinear' }),
  }),
  of('resize2dGrad', {
    inputs: [x(1, 4, 3, 2)],
    run: (a) => w.grad((image: w.Tensor) => small(w.resizeBilinear(image, [6, 7])))(a!),
  }),

  of('softmax', { inputs: [x(4, 6)], run: (a) => w.softmax(a!) }),
  of('softmax', { title: 'softmax over a middle axis', inputs: [x(2, 4, 3)], run: (a) => w.softmax(a!, 1) }),
  of('logSoftmax', { inputs: [x(4, 6)], run: (a) => w.logSoftmax(a!) }),
  of('logSoftmax', { title: 'logSoftmax over the first axis', inputs: [x(4, 3)], run: (a) => w.logSoftmax(a!, 0) }),
  of('softmaxCrossEntropy', { inputs: [x(5, 4), positive(5, 4)], run: (z, t) => w.softmaxCrossEntropy(z!, t!) }),
  of('softmaxCrossEntropy', {
    title: 'softmaxCrossEntropy of classes',
    inputs: [x(2, 3, 5), classes(2, 3)],
    run: (z, t) => w.softmaxCrossEntropy(z!, t!),
  }),
];
