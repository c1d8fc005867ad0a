// At least one case for every operation: how to call it, and on which inputs. The registry test, the gradient check and
// the comparison of backends are all made from this table, so an operation without a case cannot pass.
import { assign, assignAdd } from '../../src/engine/variable.ts';
import * as w from '../../src/index.ts';
import { adamUpdate, pack, sgdUpdate } from '../../src/ops/updates.ts';

/** Values of one input. `ties` repeats values, `positive` keeps away from 0. */
export interface Input {
  readonly shape: readonly number[];
  readonly dtype?: w.DType;
  readonly kind?: 'normal' | 'positive' | 'ties' | 'classes';
}

export interface Case {
  /** The operation of the registry that this case exercises. */
  readonly op: string;
  readonly title: string;
  readonly inputs: readonly Input[];
  /** Results to compare; the first is differentiated. */
  run(...inputs: w.Tensor[]): w.Tensor | w.Tensor[];
  /** Error of one element, in units of 2^-24 of the sum of magnitudes that made it. Default: 8. */
  readonly ulps?: number;
}

type Rest = Omit<Case, 'op' | 'title'> & { title?: string };
const of = (op: string, rest: Rest): Case => ({ op, title: op, ...rest });
const x = (...shape: number[]): Input => ({ shape });
const positive = (...shape: number[]): Input => ({ shape, kind: 'positive' });
const ties = (...shape: number[]): Input => ({ shape, kind: 'ties' });
const classes = (...shape: number[]): Input => ({ shape, dtype: 'int32', kind: 'classes' });
const bytes = (...shape: number[]): Input => ({ shape, dtype: 'uint8', kind: 'classes' });

const smooth = ['neg', 'abs', 'exp', 'square', 'sin', 'cos', 'tanh', 'sigmoid', 'erf', 'relu', 'softplus'] as const;
const ofPositive = ['log', 'log1p', 'sqrt', 'rsqrt'] as const;
const steps = ['sign', 'floor', 'ceil', 'round'] as const;
const pairs = ['add', 'sub', 'mul', 'div', 'maximum', 'minimum'] as const;
const truths = ['equal', 'notEqual', 'greater', 'greaterEqual', 'less', 'lessEqual'] as const;

/** Transcendental functions: WGSL's accuracy table allows far more than 8 units. */
const LOOSE = 4096;

const conv = (title: string, image: number[], kernel: number[], options: w.Conv2dOptions = {}): Case[] => [
  of('conv2d', {
    title: `conv2d ${title}`,
    inputs: [x(...image), x(...kernel)],
    run: (a, k) => w.conv2d(a!, k!, options),
    ulps: 64,
  }),
];

export const cases: readonly Case[] = [
  ...smooth.map((fn) => of(fn, { inputs: [x(3, 5)], run: (a) => w[fn](a!), ulps: LOOSE })),
  ...ofPositive.map((fn) => of(fn, { inputs: [positive(3, 5)], run: (a) => w[fn](a!), ulps: LOOSE })),
  ...steps.map((fn) => of(fn, { inputs: [x(17)], run: (a) => w[fn](a!) })),
  of('logicalNot', { inputs: [classes(9)], run: (a) => w.logicalNot(a!) }),
  of('cast', { inputs: [x(7)], run: (a) => w.cast(w.cast(a!, 'int32'), 'uint8') }),
  of('cast', { title: 'cast of bytes to float', inputs: [bytes(35)], run: (a) => w.cast(a!, 'float32') }),
  ...pairs.map((fn) =>
    of(fn, {
      title: `${fn} with broadcasting`,
      inputs: [x(4, 1, 3), positive(5, 1)],
      run: (a, b) => w[fn](a!, b!),
      ulps: 64,
    }),
  ),
  ...pairs.map((fn) =>
    of(fn, {
      title: `${fn} of equal shapes`,
      inputs: [x(2, 9), positive(2, 9)],
      run: (a, b) => w[fn](a!, b!),
      ulps: 64,
    }),
  ),
  of('pow', { inputs: [positive(3, 4), x(4)], run: (a, b) => w.pow(a!, b!), ulps: LOOSE }),
  of('reluGrad', { inputs: [x(3, 4), x(3, 4)], run: (dy, y) => w.reluGrad(dy!, y!) }),
  ...truths.map((fn) => of(fn, { inputs: [ties(3, 7), ties(7)], run: (a, b) => w[fn](a!, b!) })),
  of('logicalAnd', { inputs: [classes(8), classes(8)], run: (a, b) => w.logicalAnd(a!, b!) }),
  of('logicalOr', { inputs: [classes(8), classes(8)], run: (a, b) => w.logicalOr(a!, b!) }),
  of('where', { inputs: [x(4, 3), x(3)], run: (a, b) => w.where(w.greater(a!, 0), a!, b!) }),
  of('reduce', { title: 'sum of all', inputs: [x(5, 7, 3)], run: (a) => w.sum(a!), ulps: 512 }),
  of('reduce', { title: 'mean over an inner axis', inputs: [x(5, 7, 3)], run: (a) => w.mean(a!, 1), ulps: 64 }),
  of('reduce', {
    title: 'sum over separate axes',
    inputs: [x(3, 4, 2, 5)],
    run: (a) => w.sum(a!, [0, 2], true),
    ulps: 64,
  }),
  of('reduce', { title: 'a long sum in passes', inputs: [x(700, 4)], run: (a) => w.sum(a!, 0), ulps: 4096 }),
  of('reduce', { title: 'max with ties', inputs: [ties(4, 6)], run: (a) => w.max(a!, 1) }),
  of('reduce', { title: 'min over separate axes', inputs: [x(3, 4, 5)], run: (a) => w.min(a!, [0, 2]) }),
  of('reduce', { title: 'prod', inputs: [positive(3, 4)], run: (a) => w.prod(a!, 0), ulps: 64 }),
  of('argReduce', { inputs: [ties(4, 6, 3)], run: (a) => [w.argMax(a!, 1), w.argMin(a!, 0)] }),
  of('reshape', { inputs: [x(4, 6)], run: (a) => w.reshape(a!, [2, -1]) }),
  of('clone', { inputs: [x(4, 6)], run: (a) => w.clone(a!) }),
  of('transpose', { inputs: [x(2, 3, 4)], run: (a) => w.transpose(a!, [2, 0, 1]) }),
  of('transpose', { title: 'transpose of bytes', inputs: [bytes(5, 7)], run: (a) => w.transpose(a!) }),
  of('broadcastTo', { inputs: [x(3, 1)], run: (a) => w.broadcastTo(a!, [2, 3, 4]) }),
  of('fill', { inputs: [], run: () => [w.full([3, 5], 2.5), w.zeros([7], 'uint8'), w.ones([5], 'bool')] }),
  of('randomUniform', { inputs: [], run: () => w.randomUniform([100], 0, 1, { seed: 7 }), ulps: 0 }),
  of('oneHot', { inputs: [classes(6)], run: (a) => w.oneHot(a!, 5) }),
  of('gatherRows', { inputs: [x(8, 3), classes(5)], run: (a, i) => w.gatherRows(a!, i!) }),
  of('gatherRows', {
    title: 'gatherRows of bytes',
    inputs: [bytes(8, 3), classes(5)],
    run: (a, i) => w.gatherRows(a!, i!),
  }),
  of('gatherBatch', {
    inputs: [x(9, 5), classes(7)],
    run: (a, order) => w.gatherBatch(a!, order!, w.tensor([1], [1], 'int32'), { start: 1, stride: 3, rows: 3 }),
  }),
  of('matmul', { inputs: [x(5, 7), x(7, 3)], run: (a, b) => w.matmul(a!, b!), ulps: 64 }),
  of('matmul', {
    title: 'matmul, both transposed',
    inputs: [x(6, 5), x(8, 6)],
    run: (a, b) => w.matmul(a!, b!, { transposeA: true, transposeB: true }),
    ulps: 64,
  }),
  of('matmul', {
    title: 'matmul with one matrix for all batches',
    inputs: [x(3, 4, 6), x(6, 4)],
    run: (a, b) => w.matmul(a!, b!),
    ulps: 64,
  }),
  of('matmul', {
    title: 'matmul with batches on both sides',
    inputs: [x(2, 1, 3, 4), x(5, 4, 2)],
    run: (a, b) => w.matmul(a!, b!),
    ulps: 64,
  }),
  of('matmul', {
    title: 'a long sum split over threads',
    inputs: [x(4, 300), x(300, 10)],
    run: (a, b) => w.matmul(a!, b!),
    ulps: 512,
  }),
  of('matmul', {
    title: 'dense with bias and relu',
    inputs: [x(3, 4, 6), x(6, 5), x(5)],
    run: (a, k, b) => w.dense(a!, k!, { bias: b!, activation: 'relu' }),
    ulps: 64,
  }),
  ...conv('valid', [2, 6, 7, 3], [3, 2, 3, 4]),
  ...conv('same, stride 2, even input', [2, 6, 8, 2], [3, 3, 2, 8], { padding: 'same', strides: 2 }),
  ...conv('strides above the kernel', [1, 9, 9, 1], [2, 2, 1, 5], { strides: [3, 4] }),
  ...conv('dilated', [1, 9, 8, 2], [3, 3, 2, 4], { dilationRate: [2, 3], padding: 'same' }),
  ...conv('groups', [2, 5, 5, 6], [3, 3, 2, 9], { groups: 3 }),
  ...conv('depthwise', [1, 6, 6, 4], [3, 3, 1, 4], { groups: 4, padding: 'same' }),
  ...conv('asymmetric padding', [1, 5, 6, 2], [3, 4, 2, 3], {
    padding: [
      [2, 0],
      [1, 3],
    ],
    strides: [2, 3],
  }),
  ...conv('one by one', [2, 4, 4, 8], [1, 1, 8, 16]),
  of('conv2d', {
    title: 'conv2d with bias and relu',
    inputs: [x(2, 7, 7, 1), x(3, 3, 1, 8), x(8)],
    run: (a, k, b) => w.conv2d(a!, k!, { bias: b!, activation: 'relu' }),
    ulps: 64,
  }),
  of('conv2dGradInput', {
    inputs: [x(1, 6, 6, 2), x(3, 3, 2, 4)],
    run: (a, k) =>
      w.grad((image: w.Tensor) => w.sum(w.square(w.conv2d(image, k!, { strides: 2, padding: 'same' }))))(a!),
    ulps: 2048,
  }),
  of('conv2dGradKernel', {
    inputs: [x(1, 6, 6, 2), x(3, 3, 2, 4)],
    run: (a, k) => w.grad((kernel: w.Tensor) => w.sum(w.square(w.conv2d(a!, kernel, { dilationRate: 2 }))))(k!),
    ulps: 2048,
  }),
  of('maxPool2d', { inputs: [x(2, 6, 6, 3)], run: (a) => w.maxPool2d(a!, { poolSize: 2 }) }),
  of('maxPool2d', {
    title: 'overlapping windows with padding and ties',
    inputs: [ties(1, 7, 5, 4)],
    run: (a) => w.maxPool2d(a!, { poolSize: 3, strides: [2, 1], padding: 'same' }),
  }),
  of('maxPool2dGrad', {
    inputs: [ties(2, 5, 5, 2)],
    run: (a) =>
      w.grad((image: w.Tensor) => w.sum(w.maxPool2d(image, { poolSize: [2, 3], strides: 1, padding: 'same' })))(a!),
  }),
  of('softmax', { inputs: [x(4, 6)], run: (a) => w.softmax(a!), ulps: LOOSE }),
  of('softmax', {
    title: 'softmax over a middle axis',
    inputs: [x(2, 4, 3)],
    run: (a) => w.softmax(a!, 1),
    ulps: LOOSE,
  }),
  of('logSoftmax', { inputs: [x(4, 6)], run: (a) => w.logSoftmax(a!), ulps: LOOSE }),
  of('softmaxCrossEntropy', {
    inputs: [x(5, 4), positive(5, 4)],
    run: (z, t) => w.softmaxCrossEntropy(z!, t!),
    ulps: LOOSE,
  }),
  of('softmaxCrossEntropy', {
    title: 'softmaxCrossEntropy of classes',
    inputs: [x(5, 4), classes(5)],
    run: (z, t) => w.softmaxCrossEntropy(z!, w.minimum(t!, 3)),
    ulps: LOOSE,
  }),
  of('pack', {
    inputs: [x(3), x(2, 2)],
    run: (a, b) => pack([a!, b!], [0, 64], 128).gatherRows(w.tensor([0, 1, 2, 64, 65, 66, 67], [7], 'int32')),
  }),
  of('assign', {
    inputs: [x(5), x(5)],
    run: (a, b) => {
      const v = w.variable(a!);
      v.assign(b!);
      return w.clone(v);
    },
  }),
  of('assignAdd', {
    inputs: [x(5), x(5)],
    run: (a, b) => {
      const v = w.variable(a!);
      assignAdd(v, b!);
      return w.clone(v);
    },
  }),
  of('adam', {
    inputs: [x(64), x(64)],
    run: (weights, g) => {
      const [parameters, m, v] = [w.variable(weights!), w.variable(w.zeros([64])), w.variable(w.zeros([64]))];
      for (let t = 0; t < 3; t++) {
        const state = {
          parameters,
          m,
          v,
          gradient: g!,
          iteration: w.tensor([t], [1], 'int32'),
          learningRate: w.tensor([0.01]),
        };
        adamUpdate(state, { beta1: 0.9, beta2: 0.999, epsilon: 1e-7 });
      }
      return [w.clone(parameters), w.clone(m), w.clone(v)];
    },
    ulps: LOOSE,
  }),
  of('sgd', {
    inputs: [x(64), x(64)],
    run: (weights, g) => {
      const [parameters, velocity] = [w.variable(weights!), w.variable(w.zeros([64]))];
      const state = { parameters, velocity, gradient: g!, learningRate: w.tensor([0.1]) };
      for (let t = 0; t < 3; t++) sgdUpdate(state, { momentum: 0.9, nesterov: t > 0 });
      return [w.clone(parameters), w.clone(velocity)];
    },
    ulps: 64,
  }),
];

/** `assign` is declared when its module loads. */
export const declared = assign.name;
