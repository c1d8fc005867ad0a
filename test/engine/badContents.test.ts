// Arguments of the right kind with bad contents: wrong shapes and dtypes, sizes that do not fit, NaN and misspelt names in
// options. Each is refused by its exact class, in words that help, before any kernel runs.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as w from '../../src/index.ts';
import { describeGpu } from '../setup/adapters.ts';
import { refusal } from './refusal.ts';

/** Tensors that the calls below start from. */
const made = () => ({
  image: w.ones([1, 5, 5, 2]),
  kernel: w.ones([3, 3, 2, 4]),
  intKernel: w.ones([3, 3, 2, 4], 'int32'),
  truths: w.ones([3], 'bool'),
  matrix: w.ones([2, 3]),
  ints: w.ones([3], 'int32'),
  bytes: w.ones([1, 5, 5, 2], 'uint8'),
  six: w.ones([1, 1, 1, 1, 1, 1]),
  empty: w.zeros([0, 3]),
});

type Refused = readonly [
  title: string,
  call: (t: ReturnType<typeof made>) => unknown,
  error: new (...args: never[]) => Error,
  says: RegExp,
];

/** Good kinds of arguments with bad contents: the exact class, and the words that help. */
const refused: readonly Refused[] = [
  [
    'a misspelt option',
    (t) => w.conv2d(t.image, t.kernel, { stride: 2 } as never),
    w.ValueError,
    /conv2d: unknown option stride; there are strides,/,
  ],
  [
    'one stride of two',
    (t) => w.conv2d(t.image, t.kernel, { strides: [2] }),
    w.ValueError,
    /conv2d: strides .* got \[2\]/,
  ],
  [
    'a negative dilation',
    (t) => w.conv2d(t.image, t.kernel, { dilationRate: [1, -1] }),
    w.ValueError,
    /conv2d: dilationRate .* got \[1,-1\]/,
  ],
  ['half a group', (t) => w.conv2d(t.image, t.kernel, { groups: 0.5 }), w.ValueError, /conv2d: groups .* got 0.5/],
  [
    'padding with a hole',
    (t) => w.conv2d(t.image, t.kernel, { padding: [null, [1, 1]] as never }),
    w.ValueError,
    /conv2d: padding must be .* got \[null,\[1,1\]\]/,
  ],
  [
    'padding by a number',
    (t) => w.conv2d(t.image, t.kernel, { padding: 1 as never }),
    w.ValueError,
    /conv2d: padding must be .* got 1/,
  ],
  [
    'an unknown activation of a convolution',
    (t) => w.conv2d(t.image, t.kernel, { activation: 'rellu' as never }),
    w.ValueError,
    /conv2d: unknown activation "rellu"; there are linear, relu,/,
  ],
  [
    'a bias that is a list',
    (t) => w.conv2d(t.image, t.kernel, { bias: [1, 2, 3, 4] as never }),
    w.ValueError,
    /conv2d: bias must be a tensor, got a list/,
  ],
  [
    'a kernel of integers',
    (t) => w.conv2d(t.image, t.intKernel),
    w.DTypeError,
    /conv2d: x is float32 but the kernel is int32/,
  ],
  [
    'a bias of integers',
    (t) => w.dense(t.matrix, w.ones([3, 3]), { bias: t.ints }),
    w.DTypeError,
    /dense: x is float32 but the bias is int32/,
  ],
  [
    'an unknown activation of a dense layer',
    (t) => w.dense(t.matrix, w.ones([3, 3]), { activation: 'x' as never }),
    w.ValueError,
    /dense: unknown activation "x"/,
  ],
  [
    'transposition by a word',
    (t) => w.matmul(t.matrix, t.matrix, { transposeB: 'yes' as never }),
    w.ValueError,
    /matmul: transposeB must be true or false, got string "yes"/,
  ],
  [
    'batches that do not broadcast',
    () => w.matmul(w.ones([2, 3, 4]), w.ones([3, 4, 5])),
    w.ShapeError,
    /matmul: shapes \[2\] and \[3\] do not broadcast/,
  ],
  ['vectors of unequal length', () => w.dot(w.ones([2]), w.ones([3])), w.ShapeError, /^dot: .*2 columns.*3 rows/],
  [
    'a pool of nothing',
    (t) => w.maxPool2d(t.image, { poolSize: 0 }),
    w.ValueError,
    /maxPool2d: poolSize must be .* got 0/,
  ],
  [
    'a pool without a size',
    (t) => w.maxPool2d(t.image, {} as never),
    w.ValueError,
    /maxPool2d: poolSize must be .* got undefined/,
  ],
  [
    'a pool larger than a valid input',
    (t) => w.maxPool2d(t.image, { poolSize: 6 }),
    w.ShapeError,
    /maxPool2d: a window of \[6, 6\].*needs 6, has 5/,
  ],
  [
    'a pool over bytes',
    (t) => w.maxPool2d(t.bytes, { poolSize: 2 }),
    w.DTypeError,
    /maxPool2d: needs a float tensor, got uint8/,
  ],
  ['a rank above 6', (t) => w.expandDims(t.six, 0), w.ShapeError, /expandDims: rank 7 of shape .* is above 6/],
  ['a shape with NaN', () => w.zeros([2, Number.NaN]), w.ShapeError, /zeros: \[2, NaN\] is no shape/],
  [
    'more elements than there can be',
    () => w.ones([2 ** 16, 2 ** 16]),
    w.ShapeError,
    /ones: .*more than 2\^32 - 1 elements/,
  ],
  [
    'an unknown dtype of zeros',
    () => w.zeros([2], 'double' as never),
    w.DTypeError,
    /zeros: unknown dtype "double"; there are .*float32/,
  ],
  [
    'an unknown dtype of a cast',
    (t) => w.cast(t.matrix, 'toString' as never),
    w.DTypeError,
    /cast: unknown dtype "toString"/,
  ],
  [
    'broadcasting to fewer axes',
    (t) => w.broadcastTo(t.matrix, [3]),
    w.ShapeError,
    /broadcastTo: \[2, 3\] does not stretch to \[3\]/,
  ],
  [
    'a broadcast in the wrong place',
    (t) => w.broadcastTo(t.matrix, [2, 4]),
    w.ShapeError,
    /broadcastTo: .*\[2, 3\] and \[2, 4\]/,
  ],
  [
    'a choice between shapes that do not fit',
    (t) => w.where(t.truths, t.matrix, w.ones([2])),
    w.ShapeError,
    /where: shapes \[2, 3\] and \[2\]/,
  ],
  ['softmax of integers', (t) => w.softmax(t.ints), w.DTypeError, /softmax: needs a float tensor, got int32/],
  [
    'softmax of one number',
    () => w.softmax(w.ones([])),
    w.ValueError,
    /softmax: axis -1 is outside a tensor of rank 0/,
  ],
  [
    'cross-entropy with a column of labels',
    (t) => w.softmaxCrossEntropy(t.matrix, w.ones([2, 1], 'int32')),
    w.ShapeError,
    /softmaxCrossEntropy: labels \[2, 1\] fit neither logits \[2, 3\] nor their rows \[2\]/,
  ],
  [
    'indices in a matrix',
    (t) => w.gatherRows(t.matrix, w.ones([1, 1], 'int32')),
    w.DTypeError,
    /gatherRows: indices must be int32 \[m\], got int32 \[1, 1\]/,
  ],
  [
    'rows of a number',
    (t) => w.gatherRows(w.ones([]), t.ints),
    w.ShapeError,
    /gatherRows: x must have rows, got a scalar/,
  ],
  [
    'a cursor of two',
    (t) => w.gatherBatch(t.matrix, t.ints, t.ints, { start: 0, stride: 1, rows: 1 }),
    w.ShapeError,
    /gatherBatch: the cursor must be one number, got \[3\]/,
  ],
  [
    'a batch of NaN rows',
    (t) => w.gatherBatch(t.matrix, t.ints, w.zeros([1], 'int32'), { start: 0, stride: 1, rows: Number.NaN }),
    w.ValueError,
    /gatherBatch: rows must be a whole number of at least 0, got NaN/,
  ],
  [
    'limits the wrong way round',
    (t) => w.clip(t.matrix, 1, 0),
    w.ValueError,
    /clip: .* low not above high, got number 1 and number 0/,
  ],
  [
    'a seed that is no number',
    () => w.randomUniform([2], 0, 1, { seed: 'x' as never }),
    w.ValueError,
    /randomUniform: seed must be .* got string "x"/,
  ],
  [
    'a negative deviation',
    () => w.randomNormal([2], 0, -1),
    w.ValueError,
    /randomNormal: deviation must be .*at least 0, got -1/,
  ],
  ['numbers above what can be counted', () => w.arange(1e12), w.ShapeError, /arange: .*more than 2\^32 - 1 elements/],
  [
    '64-bit integers',
    () => w.tensor(new BigInt64Array(2) as never),
    w.DTypeError,
    /tensor: BigInt64Array holds no dtype of ours/,
  ],
  [
    'a list with a hole',
    () => w.tensor([[1], null] as never),
    w.ValueError,
    /tensor: expected numbers or nested lists of them, got null/,
  ],
  [
    'lists of different depth',
    () => w.tensor([1, [2]]),
    w.ShapeError,
    /tensor: lists must form a block of shape \[2\]; at depth 1 expected a number, got a list of 1/,
  ],
  [
    'a misspelt option of a variable',
    () => w.variable([1], { trainble: true } as never),
    w.ValueError,
    /variable: unknown option trainble/,
  ],
  [
    'a value of another shape for a variable',
    (t) => w.variable([1, 2, 3]).assign(t.matrix),
    w.ShapeError,
    /assign: the variable has shape \[3\], the value \[2, 3\]/,
  ],
  [
    'an array of another length for a variable',
    () => w.variable([1, 2, 3]).assign(new Float32Array(2)),
    w.ShapeError,
    /assign: variable has shape \[3\] \(3 values\), got 2/,
  ],
  [
    'an array of another type for a variable',
    () => w.variable([1, 2]).assign(new Int32Array(2)),
    w.DTypeError,
    /assign: variable takes .*float32.*got Int32Array/,
  ],
  [
    'a list for a variable',
    () => w.variable([1, 2]).assign([1, 2] as never),
    w.DTypeError,
    /assign: variable takes .* got a list/,
  ],
  [
    'the gradient of what is no function',
    () => w.grad(3 as never),
    w.ValueError,
    /grad: expected a function, got number 3/,
  ],
  [
    'the gradient by nothing',
    () => w.grad(() => w.ones([]))(),
    w.ValueError,
    /grad: expected at least one argument, got none/,
  ],
  [
    'the gradient by a number',
    () => w.grad((x: w.Tensor) => w.sum(x))(3 as never),
    w.ValueError,
    /grad: argument 0 must be a tensor, got number 3/,
  ],
  [
    'a scope around nothing',
    () => w.scope(undefined as never),
    w.ValueError,
    /scope: expected a function, got undefined/,
  ],
  [
    'compiling what is no function',
    () => w.compile('f' as never),
    w.ValueError,
    /compile: expected a function, got string "f"/,
  ],
];

function suite(backend: 'cpu' | 'webgpu') {
  beforeAll(() => w.init({ backend }));
  afterAll(() => w.close());

  test.each(refused)('%s', (_, call, error, says) => {
    const tensors = made();
    const found = refusal(() => call(tensors));
    expect(found).toBeInstanceOf(error);
    expect(found?.message).toMatch(says);
  });

  test('float64 is refused where it does not exist', () => {
    const call = () => w.zeros([2], 'float64');
    if (backend === 'cpu') expect(call().dtype).toBe('float64');
    else expect(call).toThrow(/zeros: the webgpu backend has no float64; it exists on the CPU backend/);
  });

  test('what rejects later names what came, and the engine goes on', async () => {
    const compiled = w.compile(() => 3 as never);
    await expect(compiled()).rejects.toThrow(
      /compile: what the function returns must be a list of tensors, got number 3/,
    );
    await expect(w.compile((x: w.Tensor) => x)(2 as never)).rejects.toThrow(
      /compile: argument 0 must be a tensor, got number 2/,
    );
    await expect(w.gradcheck('f' as never, [])).rejects.toThrow(/gradcheck: expected a function, got string "f"/);
    await expect(w.gradcheck((x) => x!, w.ones([1]) as never)).rejects.toThrow(
      /gradcheck: inputs must be a list of tensors/,
    );
    await expect(w.ones([2]).item()).rejects.toThrow(w.ShapeError);
    expect(await w.add(w.ones([2]), 1).array()).toEqual([2, 2]);
  });
}

describe('on the CPU', () => suite('cpu'));
describeGpu('on the GPU', () => suite('webgpu'));
