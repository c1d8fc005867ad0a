// Whatever stands in for an argument of an operation, it is either good or refused: by an error of ours that opens with
// the name of the operation, before any kernel runs. Every public operation is here.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as w from '../../src/index.ts';
import * as operations from '../../src/ops/index.ts';
import { describeGpu } from '../setup/adapters.ts';
import { refusal } from './refusal.ts';

const junk: Readonly<Record<string, unknown>> = {
  undefined: undefined,
  null: null,
  "'x'": 'x',
  true: true,
  '{}': {},
  '[]': [],
  "['a']": ['a'],
  '[[1]]': [[1]],
  '[NaN]': [Number.NaN],
  NaN: Number.NaN,
  '-1': -1,
  '1.5': 1.5,
  Infinity: Number.POSITIVE_INFINITY,
  '1e12': 1e12,
  'a function': () => 1,
  'a disposed tensor': 'made below',
};

/** What each kind of argument takes of that. */
const takes = {
  tensor: [],
  /** A number stands wherever a tensor may. */
  operand: ['NaN', '-1', '1.5', 'Infinity', '1e12'],
  finite: ['-1', '1.5', '1e12'],
  finiteOption: ['undefined', '-1', '1.5', '1e12'],
  number: ['NaN', '-1', '1.5', 'Infinity', '1e12'],
  axis: ['undefined', '-1'],
  argAxis: ['undefined', 'null', '-1'],
  requiredAxis: ['-1'],
  axes: ['undefined', 'null', '[]', '-1'],
  axisList: ['undefined', '[]'],
  permutation: ['undefined', 'null'],
  flag: ['undefined', 'true'],
  options: ['undefined', '{}', '[]'],
  required: [],
  shape: ['[]'],
  dtype: ['undefined'],
} as const;

type Argument = readonly [kind: keyof typeof takes, good: () => unknown];

const matrix: Argument = ['tensor', () => w.ones([2, 3])];
const image: Argument = ['tensor', () => w.ones([1, 4, 4, 2])];
const operand: Argument = ['operand', () => w.ones([2, 3])];
const indices: Argument = ['tensor', () => w.zeros([2], 'int32')];
const dtype: Argument = ['dtype', () => 'float32'];
const shape: Argument = ['shape', () => [2]];
const options: Argument = ['options', () => ({})];
const flag: Argument = ['flag', () => true];
const reduction: Argument[] = [matrix, ['axes', () => 0], flag];
const given = (value: unknown) => () => value;

// biome-ignore format: a table
const unary = [
  'neg', 'abs', 'exp', 'log', 'log1p', 'sqrt', 'rsqrt', 'square', 'sign', 'floor', 'ceil', 'round', 'sin', 'cos', 'tanh',
  'sigmoid', 'erf', 'relu', 'softplus', 'logicalNot', 'relu6', 'selu', 'hardSigmoid', 'softsign', 'silu', 'mish',
];
// biome-ignore format: a table
const binary = [
  'add', 'sub', 'mul', 'div', 'pow', 'maximum', 'minimum', 'equal', 'notEqual', 'greater', 'greaterEqual', 'less',
  'lessEqual', 'logicalAnd', 'logicalOr', 'reluGrad', 'addRelu',
];
const each = (names: readonly string[], of: Argument[]) => Object.fromEntries(names.map((name) => [name, of]));

/** Every public operation, with arguments that it takes. */
const table: Readonly<Record<string, readonly Argument[]>> = {
  ...each(unary, [operand]),
  ...each(binary, [operand, operand]),
  ...each(['sum', 'mean', 'max', 'min', 'prod', 'variance', 'std', 'logSumExp'], reduction),
  ...each(['argMax', 'argMin'], [matrix, ['argAxis', () => 0], flag]),
  ...each(['softmax', 'logSoftmax'], [matrix, ['axis', () => 0]]),
  ...each(['leakyRelu', 'elu'], [operand, ['finiteOption', given(0.5)]]),
  ...each(['zeros', 'ones'], [shape, dtype]),
  gelu: [operand, flag],
  clip: [operand, ['required', given(0)], ['required', given(1)]],
  cast: [operand, ['required', given('int32')]],
  where: [['tensor', () => w.ones([2, 3], 'bool')], operand, operand],
  reshape: [matrix, ['required', () => [3, 2]]],
  squeeze: [
    ['tensor', () => w.ones([1, 3])],
    ['axisList', given(0)],
  ],
  expandDims: [matrix, ['requiredAxis', given(0)]],
  transpose: [matrix, ['permutation', () => [1, 0]]],
  broadcastTo: [matrix, ['required', () => [4, 2, 3]]],
  flatten: [matrix],
  clone: [matrix],
  matmul: [matrix, ['tensor', () => w.ones([3, 2])], options],
  dense: [matrix, ['tensor', () => w.ones([3, 2])], options],
  dot: [matrix, ['tensor', () => w.ones([3])]],
  conv2d: [image, ['tensor', () => w.ones([3, 3, 2, 1])], options],
  maxPool2d: [image, ['required', () => ({ poolSize: 2 })]],
  oneHot: [indices, ['required', given(3)]],
  gatherRows: [matrix, indices],
  gatherBatch: [
    matrix,
    indices,
    ['tensor', () => w.zeros([1], 'int32')],
    ['required', () => ({ start: 0, stride: 1, rows: 1 })],
  ],
  softmaxCrossEntropy: [matrix, matrix],
  ...each(['sigmoidCrossEntropy', 'meanSquaredError', 'meanAbsoluteError'], [matrix, matrix]),
  concat: [
    ['required', () => [w.ones([2, 3]), w.zeros([2, 3])]],
    ['axis', given(0)],
  ],
  stack: [
    ['required', () => [w.ones([2, 3]), w.zeros([2, 3])]],
    ['axis', given(0)],
  ],
  tile: [matrix, ['shape', () => [2, 1]]],
  slice: [matrix, ['required', () => [0, 1]], ['required', () => [1, 2]]],
  pad: [
    matrix,
    [
      'required',
      () => [
        [1, 0],
        [0, 2],
      ],
    ],
    ['number', given(1)],
  ],
  flip: [matrix, ['axes', () => 0]],
  gather: [matrix, indices, ['axis', given(0)]],
  depthwiseConv2d: [image, ['tensor', () => w.ones([3, 3, 2, 2])], options],
  conv2dTranspose: [image, ['tensor', () => w.ones([3, 3, 1, 2])], options],
  avgPool2d: [image, ['required', () => ({ poolSize: 2 })]],
  ...each(['globalAveragePool2d', 'globalMaxPool2d'], [image, options]),
  upSampling2d: [image, options],
  ...each(['resizeBilinear', 'resizeNearest'], [image, ['required', given(3)], options]),
  batchNorm: [matrix, ['required', () => ({ mean: w.zeros([3]), variance: w.ones([3]) })]],
  batchNormTraining: [matrix, options],
  layerNorm: [matrix, options],
  dropout: [matrix, ['required', given(0.5)], options],
  full: [shape, ['number', given(1)], dtype],
  eye: [['required', given(2)], ['dtype', given(2)], dtype],
  arange: [['finite', given(0)], ['dtype', given(3)], ['finiteOption', given(1)], dtype],
  linspace: [['finite', given(0)], ['finite', given(1)], ['required', given(3)], dtype],
  randomUniform: [shape, ['finiteOption', given(0)], ['finiteOption', given(2)], options],
  randomNormal: [shape, ['finiteOption', given(0)], ['required', given(2)], options],
  tensor: [['required', () => [1, 2]], ['dtype', given(undefined)], dtype],
  variable: [['required', () => [1, 2]], options],
  stopGradient: [matrix],
};

/** What arguments take beyond their kind. */
const also: Readonly<Record<string, readonly string[]>> = {
  'clip 1': ['-1'],
  'clip 2': ['1.5', 'Infinity', '1e12'],
  'arange 1': ['-1', '1.5'],
  'randomNormal 2': ['undefined', '1.5', '1e12'],
  'tensor 0': ['true', '[]', '[[1]]', '[NaN]', 'NaN', '-1', '1.5', 'Infinity', '1e12'],
  'variable 0': ['true', '[]', '[[1]]', '[NaN]', 'NaN', '-1', '1.5', 'Infinity', '1e12'],
  'pad 2': ['undefined'],
  'slice 2': ['undefined', 'null'],
};

const calls: Readonly<Record<string, (...args: readonly unknown[]) => unknown>> = {
  ...(operations as object),
  stopGradient: w.stopGradient as never,
};

test('every public operation is in the table', () => {
  const functions = Object.entries(operations).flatMap(([name, value]) => (typeof value === 'function' ? [name] : []));
  expect(functions.filter((name) => !(name in table))).toEqual([]);
  expect(Object.keys(table).filter((name) => !(name in calls))).toEqual([]);
});

function suite(backend: 'cpu' | 'webgpu') {
  beforeAll(() => w.init({ backend }));
  afterAll(() => w.close());

  test.each(Object.entries(table))('%s', (name, args) => {
    args.forEach(([kind], position) => {
      const good = args.map(([, make]) => make());
      for (const label of Object.keys(junk)) {
        const gone = w.ones([2, 3]);
        gone.dispose();
        const value = label === 'a disposed tensor' ? gone : junk[label];
        const error = refusal(() => calls[name]!(...good.with(position, value)));
        const what = `${name} with ${label} as argument ${position}`;
        const taken: readonly string[] = [...takes[kind], ...(also[`${name} ${position}`] ?? [])];
        if (taken.includes(label)) {
          expect(error, what).toBeNull();
        } else {
          expect(error, what).toBeInstanceOf(w.WgslgradError);
          if (value !== gone) expect(error?.message, what).toMatch(new RegExp(`^${name}: .{12}`));
        }
      }
    });
  });
}

describe('on the CPU', () => suite('cpu'));
describeGpu('on the GPU', () => suite('webgpu'));
