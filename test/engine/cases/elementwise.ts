import * as w from '../../../src/index.ts';
import { type ActivationName, activate } from '../../../src/ops/activations.ts';
import { bytes, type Case, classes, of, positive, ties, x } from './case.ts';

const smooth = ['neg', 'abs', 'exp', 'square', 'sin', 'cos', 'tanh', 'sigmoid', 'erf', 'relu', 'softplus'] as const;
const ofPositive = ['log', 'log1p', 'sqrt', 'rsqrt'] as const;
const steps = ['sign', 'floor', 'ceil', 'round'] as const;
const pairs = ['add', 'sub', 'mul', 'div', 'pow', 'maximum', 'minimum'] as const;
const truths = ['equal', 'notEqual', 'greater', 'greaterEqual', 'less', 'lessEqual'] as const;

/** Every activation: the operation at its heart, and the function where that is another. */
const activations: Readonly<
  Record<Exclude<ActivationName, 'linear' | 'swish' | 'hard_swish'>, readonly [op: string, fn?: string]>
> = {
  relu: ['relu'],
  relu6: ['minimum', 'relu6'],
  leaky_relu: ['where', 'leakyRelu'],
  elu: ['where', 'elu'],
  selu: ['where', 'selu'],
  sigmoid: ['sigmoid'],
  hard_sigmoid: ['maximum', 'hardSigmoid'],
  tanh: ['tanh'],
  exponential: ['exp'],
  softsign: ['div', 'softsign'],
  softplus: ['softplus'],
  silu: ['sigmoid', 'silu'],
  hard_silu: ['mul'],
  gelu: ['erf', 'gelu'],
  mish: ['softplus', 'mish'],
  softmax: ['softmax'],
  log_softmax: ['logSoftmax'],
};

/** The inputs lie between -2 and 2; these have kinks at 3 and 6. */
const wide = ['relu6', 'hard_sigmoid', 'hard_silu'];

export const elementwiseCases: readonly Case[] = [
  ...smooth.map((fn) => of(fn, { inputs: [x(3, 5)], run: (a) => w[fn](a!) })),
  ...ofPositive.map((fn) => of(fn, { inputs: [positive(3, 5)], run: (a) => w[fn](a!) })),
  ...steps.map((fn) => of(fn, { inputs: [x(17)], run: (a) => w[fn](a!) })),
  of('exp', { title: 'exp of one number', inputs: [x()], run: (a) => w.exp(a!) }),
  of('log1p', { title: 'log1p near 0', inputs: [x(2, 9)], run: (a) => w.log1p(w.mul(a!, 0.125)) }),
  of('erf', { title: 'erf near 0', inputs: [x(2, 9)], run: (a) => w.erf(w.mul(a!, 0.125)) }),
  of('sigmoid', { title: 'sigmoid in its tails', inputs: [x(9)], run: (a) => w.sigmoid(w.mul(a!, 16)) }),
  of('softplus', { title: 'softplus in its tails', inputs: [x(9)], run: (a) => w.softplus(w.mul(a!, 16)) }),
  of('logicalNot', { inputs: [classes(9)], run: (a) => w.logicalNot(a!) }),
  of('cast', { inputs: [x(7)], run: (a) => w.cast(w.cast(a!, 'int32'), 'uint8') }),
  of('cast', { title: 'cast of bytes to float', inputs: [bytes(35)], run: (a) => w.cast(a!, w.ones([]).dtype) }),

  ...pairs.flatMap((fn) => {
    const run = (a?: w.Tensor, b?: w.Tensor) => w[fn](a!, b!);
    // a power of a negative number has no gradient by its exponent
    const left = fn === 'pow' ? positive : x;
    return [
      of(fn, { title: `${fn} of equal shapes`, inputs: [left(2, 9), positive(2, 9)], run }),
      of(fn, { title: `${fn} of both sides stretched`, inputs: [left(4, 1, 3), positive(5, 1)], run }),
      of(fn, { title: `${fn} of a tensor and a scalar`, inputs: [left(2, 3), positive()], run }),
      of(fn, { title: `${fn} of a number and a tensor`, inputs: [positive(5)], run: (a) => w[fn](1.3, a!) }),
    ];
  }),
  of('mul', { title: 'mul of rank 6', inputs: [x(2, 1, 2, 1, 2, 3), x(1, 2, 1, 2, 1)], run: (a, b) => w.mul(a!, b!) }),
  of('mul', {
    title: 'mul of whole numbers beyond int32',
    inputs: [classes(9), classes(9)],
    run: (a, b) => w.mul(w.add(a!, 2 ** 30), w.add(b!, 2 ** 30 + 1)),
  }),
  of('pow', {
    title: 'pow of whole numbers, beyond int32 and below 1',
    inputs: [classes(9), classes(9)],
    run: (a, b) => [w.pow(w.add(a!, 1), w.mul(b!, 7)), w.pow(w.sub(a!, 2), w.sub(b!, 3))],
  }),
  of('square', {
    title: 'square of whole numbers beyond int32',
    inputs: [classes(9)],
    run: (a) => w.square(w.add(a!, 2 ** 30)),
  }),
  of('div', { title: 'div of bytes', inputs: [bytes(6)], run: (a) => w.div(a!, 255) }),
  of('maximum', { title: 'maximum with ties', inputs: [ties(3, 7), ties(7)], run: (a, b) => w.maximum(a!, b!) }),
  of('minimum', { title: 'minimum with ties', inputs: [ties(3, 7), ties(7)], run: (a, b) => w.minimum(a!, b!) }),
  of('reluGrad', { inputs: [x(3, 4), x(3, 4)], run: (dy, y) => w.reluGrad(dy!, y!) }),
  of('addRelu', { inputs: [x(3, 4), x(2, 1, 4)], run: (a, b) => w.addRelu(a!, b!) }),
  ...truths.map((fn) => of(fn, { inputs: [ties(3, 7), ties(7)], run: (a, b) => w[fn](a!, b!) })),
  of('logicalAnd', { inputs: [classes(8), classes(8)], run: (a, b) => w.logicalAnd(a!, b!) }),
  of('logicalOr', { inputs: [classes(8), classes(8)], run: (a, b) => w.logicalOr(a!, b!) }),
  of('where', { inputs: [x(4, 3), x(3)], run: (a, b) => w.where(w.greater(a!, 0), a!, b!) }),
  of('where', {
    title: 'where with everything stretched',
    inputs: [x(2, 1, 3), x(4, 1), x(3)],
    run: (c, a, b) => w.where(w.greater(c!, 0), a!, b!),
  }),

  ...Object.entries(activations).map(([name, [op, fn]]) =>
    of(op, {
      ...(fn && { fn }),
      title: `activation ${name}`,
      inputs: [x(3, 7)],
      run: (a) => activate(wide.includes(name) ? w.mul(a!, 4) : a!, name as ActivationName),
    }),
  ),
  of('tanh', { fn: 'gelu', title: 'gelu by its approximation', inputs: [x(9)], run: (a) => w.gelu(a!, true) }),
  of('where', { fn: 'leakyRelu', title: 'leakyRelu with a slope', inputs: [x(9)], run: (a) => w.leakyRelu(a!, 0.3) }),
  of('where', { fn: 'elu', title: 'elu with an alpha', inputs: [x(9)], run: (a) => w.elu(a!, 0.7) }),
  of('minimum', { fn: 'clip', title: 'clip', inputs: [x(11)], run: (a) => w.clip(a!, -1, 0.5) }),
];
