// Tensors without elements: where the mathematics is defined the result is, and everything else is refused elsewhere.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as w from '../../src/index.ts';
import { describeGpu } from '../setup/adapters.ts';

const image = () => w.ones([0, 4, 4, 2]);
const none = () => w.zeros([0], 'int32');
const gradient = (f: (...xs: w.Tensor[]) => w.Tensor, ...xs: w.Tensor[]) =>
  [w.grad((...all) => w.sum(f(...all)))(...xs)].flat();

type Empty = readonly [title: string, run: () => w.Tensor, shape: readonly number[]];

/** Results without elements. */
const empty: readonly Empty[] = [
  ['slice', () => w.slice(w.ones([3, 4]), [1, 2], [2, 0]), [2, 0]],
  ['slice of nothing', () => w.slice(w.ones([0, 4]), [0, 2], [0, 1]), [0, 1]],
  [
    'pad',
    () =>
      w.pad(w.ones([0, 2]), [
        [0, 0],
        [1, 0],
      ]),
    [0, 3],
  ],
  ['flip', () => w.flip(w.ones([0, 3])), [0, 3]],
  ['concat', () => w.concat([w.ones([0, 3]), w.ones([0, 3])]), [0, 3]],
  ['stack', () => w.stack([w.ones([0]), w.ones([0])], 1), [0, 2]],
  ['tile no times', () => w.tile(w.ones([2, 3]), [0, 2]), [0, 6]],
  ['gather of no indices', () => w.gather(w.ones([3, 2]), none(), 1), [3, 0]],
  ['gather of nothing', () => w.gather(w.ones([0, 2]), none(), 1), [0, 0]],
  ['transpose', () => w.transpose(w.ones([0, 3])), [3, 0]],
  ['broadcastTo', () => w.broadcastTo(w.ones([1, 3]), [0, 3]), [0, 3]],
  ['where', () => w.where(w.ones([0], 'bool'), w.ones([1]), 2), [0]],
  ['oneHot', () => w.oneHot(none(), 3), [0, 3]],
  ['conv2d', () => w.conv2d(image(), w.ones([3, 3, 2, 3])), [0, 2, 2, 3]],
  ['conv2dTranspose', () => w.conv2dTranspose(image(), w.ones([3, 3, 3, 2])), [0, 6, 6, 3]],
  ['maxPool2d', () => w.maxPool2d(image(), { poolSize: 2 }), [0, 2, 2, 2]],
  ['avgPool2d of no channels', () => w.avgPool2d(w.ones([1, 4, 4, 0]), { poolSize: 2 }), [1, 2, 2, 0]],
  ['globalAveragePool2d', () => w.globalAveragePool2d(image()), [0, 2]],
  ['upSampling2d', () => w.upSampling2d(image()), [0, 8, 8, 2]],
  ['batchNorm', () => w.batchNorm(w.ones([0, 3]), { mean: w.ones([3]), variance: w.ones([3]) }), [0, 3]],
  ['layerNorm', () => w.layerNorm(w.ones([0, 3])), [0, 3]],
  ['dropout', () => w.dropout(w.ones([0, 3]), 0.5), [0, 3]],
  ['softmax over nothing', () => w.softmax(w.ones([3, 0])), [3, 0]],
  ['softmaxCrossEntropy', () => w.softmaxCrossEntropy(w.ones([0, 3]), w.ones([0, 3])), [0]],
  ['sigmoidCrossEntropy', () => w.sigmoidCrossEntropy(w.ones([0, 3]), w.ones([0, 3])), [0]],
  ['matmul', () => w.matmul(w.ones([0, 2]), w.ones([2, 3])), [0, 3]],
  ['argMax', () => w.argMax(w.ones([0, 3]), 1), [0]],
  ['variance', () => w.variance(w.ones([3, 0]), 0), [0]],
];

type Defined = readonly [title: string, run: () => w.Tensor | w.Tensor[], values: unknown];

/** Results with elements, of operands without. */
const defined: readonly Defined[] = [
  [
    'pad',
    () =>
      w.pad(
        w.ones([0, 2]),
        [
          [1, 1],
          [0, 0],
        ],
        3,
      ),
    [
      [
        [3, 3],
        [3, 3],
      ],
    ],
  ],
  ['concat', () => w.concat([w.ones([2, 0]), w.ones([2, 1])], 1), [[[1], [1]]]],
  [
    'a product over nothing',
    () => w.matmul(w.ones([2, 0]), w.ones([0, 2])),
    [
      [
        [0, 0],
        [0, 0],
      ],
    ],
  ],
  ['sums', () => [w.sum(w.ones([0, 2]), 0), w.sum(w.ones([0])), w.prod(w.ones([0]))], [[0, 0], 0, 1]],
  ['means', () => [w.mean(w.ones([0])), w.std(w.ones([0]))], [Number.NaN, Number.NaN]],
  ['logSumExp', () => w.logSumExp(w.ones([2, 0]), 1), [[-Infinity, -Infinity]]],
  ['the gradient of gather', () => gradient((x) => w.gather(x!, none()), w.ones([2])), [[0, 0]]],
  ['the gradient of slice', () => gradient((x) => w.slice(x!, 1, 0), w.ones([2])), [[0, 0]]],
  ['the gradient of concat', () => gradient((...xs) => w.concat(xs), w.ones([0]), w.ones([1])), [[], [1]]],
  ['the gradient of a product', () => gradient((a, b) => w.matmul(a!, b!), w.ones([1, 0]), w.ones([0, 2])), [[[]], []]],
  ['the gradient of conv2d', () => gradient((k) => w.conv2d(image(), k!), w.ones([1, 1, 2, 1])), [[[[[0], [0]]]]]],
  [
    'that of conv2dTranspose',
    () => gradient((k) => w.conv2dTranspose(image(), k!), w.ones([1, 1, 1, 2])),
    [[[[[0, 0]]]]],
  ],
];

function suite(backend: 'cpu' | 'webgpu') {
  beforeAll(() => w.init({ backend }));
  afterAll(() => w.close());

  test.each(empty)('%s gives nothing, of the right shape', async (_, run, shape) => {
    const y = run();
    expect(y.shape).toEqual(shape);
    expect(await y.data()).toHaveLength(0);
  });

  test.each(defined)('%s is defined', async (_, run, values) => {
    expect(await Promise.all([run()].flat().map((y) => y.array()))).toEqual(values);
  });
}

describe('on the CPU', () => suite('cpu'));
describeGpu('on the GPU', () => suite('webgpu'));
