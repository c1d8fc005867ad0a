import { afterAll, beforeAll, expect, test } from 'vitest';
import * as w from '../../src/index.ts';

beforeAll(() => w.init({ backend: 'cpu' }));
afterAll(() => w.close());

const image = () => w.ones([1, 5, 5, 2]);
const kernel = () => w.ones([3, 3, 2, 4]);
const ints = () => w.ones([3], 'int32');

const refused: readonly [title: string, call: () => unknown, error: new (...args: never[]) => Error, says: RegExp][] = [
  [
    'adding shapes that do not broadcast',
    () => w.add(w.ones([2, 3]), w.ones([4])),
    w.ShapeError,
    /add: shapes \[2, 3\] and \[4\].*3 against 4/,
  ],
  [
    'a string for a tensor',
    () => w.add(w.ones([2]), 'x' as never),
    w.ValueError,
    /add: expected a tensor or a number, got string/,
  ],
  ['null for a tensor', () => w.exp(null as never), w.ValueError, /exp: expected a tensor or a number, got null/],
  [
    'ragged lists',
    () => w.tensor([[1, 2], [3]]),
    w.ShapeError,
    /block of shape \[2, 2\].*expected a list of 2, got a list of 1/,
  ],
  ['a shape that does not fit', () => w.tensor([1, 2, 3], [2, 2]), w.ShapeError, /\[3\].*\[2, 2\]/],
  ['a negative length', () => w.zeros([2, -3]), w.ShapeError, /\[2, -3\] is no shape/],
  ['a fractional length', () => w.zeros([1.5]), w.ShapeError, /1.5 must be a whole number/],
  ['rank 7', () => w.zeros([1, 1, 1, 1, 1, 1, 1]), w.ShapeError, /rank 7.*above 6/],
  ['an unknown dtype', () => w.tensor([1], [1], 'float16' as never), w.DTypeError, /unknown dtype "float16"/],
  ['300 as a byte', () => w.tensor([1, 300], [2], 'uint8'), w.ValueError, /tensor: 300 is no value of uint8.*0 to 255/],
  ['a float that no int32 is', () => w.tensor(Float32Array.of(3e9), [1], 'int32'), w.ValueError, /tensor: 3000000000/],
  [
    'a tensor full of what bytes have not',
    () => w.full([2], -1, 'uint8'),
    w.ValueError,
    /full: -1 is no value of uint8/,
  ],
  ['a frame of what int32 has not', () => w.pad(ints(), [[1, 1]], NaN), w.ValueError, /pad: NaN is no value of int32/],
  ['a reshape to another size', () => w.reshape(w.ones([6]), [4, -1]), w.ShapeError, /reshape: \[6\].*\[4, -1\]/],
  ['two unknown lengths', () => w.reshape(w.ones([6]), [-1, -1]), w.ShapeError, /reshape/],
  ['an axis outside', () => w.sum(w.ones([2, 3]), 2), w.ValueError, /sum: axis 2 is outside a tensor of rank 2/],
  ['an axis twice', () => w.sum(w.ones([2, 3]), [0, -2]), w.ValueError, /sum: axes \[0,-2\] name an axis twice/],
  ['the maximum of nothing', () => w.max(w.zeros([0, 3]), 0), w.ShapeError, /max: there is no max of nothing/],
  ['argMax of nothing', () => w.argMax(w.zeros([3, 0])), w.ShapeError, /argMax/],
  ['a transposition that drops an axis', () => w.transpose(w.ones([2, 3]), [0, 0]), w.ValueError, /transpose/],
  ['a squeeze of a long axis', () => w.squeeze(w.ones([2, 1]), 0), w.ShapeError, /axis 0.*length 2/],
  [
    'matrices that do not fit',
    () => w.matmul(w.ones([2, 3]), w.ones([4, 5])),
    w.ShapeError,
    /a \[2, 3\].*3 columns.*b \[4, 5\].*4 rows/,
  ],
  ['vectors to matmul', () => w.matmul(w.ones([3]), w.ones([3, 2])), w.ShapeError, /needs matrices/],
  [
    'integers to matmul',
    () => w.matmul(w.ones([2, 2], 'int32'), w.ones([2, 2], 'int32')),
    w.DTypeError,
    /matmul: needs a float tensor, got int32/,
  ],
  [
    'a kernel larger than a valid input',
    () => w.conv2d(image(), w.ones([6, 3, 2, 4])),
    w.ShapeError,
    /window of \[6, 3\].*height needs 6, has 5/,
  ],
  [
    'channels that differ',
    () => w.conv2d(image(), w.ones([3, 3, 3, 4])),
    w.ShapeError,
    /kernel \[3, 3, 3, 4\].*x \[1, 5, 5, 2\]/,
  ],
  [
    'a rank-3 image',
    () => w.conv2d(w.ones([5, 5, 2]), kernel()),
    w.ShapeError,
    /x must be \[n, h, w, c\], got \[5, 5, 2\]/,
  ],
  [
    'a stride of 0',
    () => w.conv2d(image(), kernel(), { strides: 0 }),
    w.ValueError,
    /strides must be a whole number of at least 1/,
  ],
  ['a stride of NaN', () => w.conv2d(image(), kernel(), { strides: NaN }), w.ValueError, /strides/],
  [
    'an unknown padding',
    () => w.conv2d(image(), kernel(), { padding: 'full' }),
    w.ValueError,
    /padding must be 'valid', 'same'.*got "full"/,
  ],
  [
    'negative padding',
    () =>
      w.conv2d(image(), kernel(), {
        padding: [
          [0, -1],
          [0, 0],
        ],
      }),
    w.ValueError,
    /padding/,
  ],
  ['groups that do not divide', () => w.conv2d(image(), kernel(), { groups: 2 }), w.ShapeError, /2 group\(s\)/],
  [
    'a bias of another length',
    () => w.conv2d(image(), kernel(), { bias: w.ones([3]) }),
    w.ShapeError,
    /bias must be float32 \[4\], got float32 \[3\]/,
  ],
  [
    'a byte image',
    () => w.conv2d(w.ones([1, 5, 5, 2], 'uint8'), kernel()),
    w.DTypeError,
    /conv2d: needs a float tensor, got uint8/,
  ],
  [
    'pooling with padding as wide as the pool',
    () =>
      w.maxPool2d(image(), {
        poolSize: 2,
        padding: [
          [2, 0],
          [0, 0],
        ],
      }),
    w.ValueError,
    /smaller than the pool/,
  ],
  [
    'labels that fit no rows',
    () => w.softmaxCrossEntropy(w.ones([3, 4]), w.ones([2], 'int32')),
    w.ShapeError,
    /labels \[2\].*logits \[3, 4\]/,
  ],
  [
    'rows of a table without rows',
    () => w.gatherRows(w.zeros([0, 2]), w.ones([1], 'int32')),
    w.ShapeError,
    /has no rows/,
  ],
  ['a depth of 0', () => w.oneHot(ints(), 0), w.ValueError, /depth/],
  ['float indices', () => w.oneHot(w.ones([3]), 4), w.DTypeError, /indices must be integers/],
  [
    'a condition that is no truth',
    () => w.where(w.ones([2]), 1, 0),
    w.DTypeError,
    /condition must be bool, got float32/,
  ],
  [
    'the gradient of a block',
    () => w.grad((x: w.Tensor) => x)(w.ones([2])),
    w.ShapeError,
    /must be one number, got shape \[2\]/,
  ],
  [
    'the gradient by integers',
    () => w.grad((x: w.Tensor) => w.sum(x))(ints()),
    w.DTypeError,
    /argument 0 must be a float tensor, got int32/,
  ],
  [
    'a function that returns no tensor',
    () => w.grad((() => 3) as never)(w.ones([1])),
    w.ValueError,
    /must return a tensor, got number/,
  ],
  ['counting by 0', () => w.arange(0, 5, 0), w.ValueError, /arange/],
  ['a seed that is no whole number', () => w.setRandomSeed(1.5), w.ValueError, /setRandomSeed/],
  ['an asynchronous scope', () => w.scope(async () => 1), w.ValueError, /must not be asynchronous/],
];

test.each(refused)('%s is refused before any work', (_, call, error, says) => {
  const before = w.memory().buffers;
  let thrown: unknown = null;
  try {
    w.scope(call);
  } catch (caught) {
    thrown = caught;
  }
  expect(thrown).toBeInstanceOf(error);
  expect((thrown as Error).message).toMatch(says);
  expect(w.memory().buffers).toBeLessThanOrEqual(before + 3);
});

test('a bare operation before init says what to do', async () => {
  await w.close();
  expect(() => w.ones([2])).toThrow(/call `await init\(\)` first/);
  await w.init({ backend: 'cpu' });
});

test.each([
  [{ backend: 'gpu' }, /backend must be 'auto', 'webgpu' or 'cpu', got "gpu"/],
  [{ dtype: 'float64' }, /float64 exists on the CPU backend only/],
  [{ backend: 'cpu', dtype: 'float16' }, /dtype must be/],
  [{ backend: 'cpu', seed: -1 }, /seed/i],
])('init(%j) is refused', async (options, says) => {
  await expect(w.init(options as never)).rejects.toThrow(says);
});
