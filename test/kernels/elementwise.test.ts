// Every function of one and of two elements, in every combination of dtypes. How they broadcast is drawn in
// properties.test.ts; how exact the transcendental ones are on floats is the business of accuracy.test.ts.
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DType, TypedArray } from '../../src/backend/backend.ts';
import { binaryFunctions, type UnaryFunction, unaryFunctions } from '../../src/backend/kernels.ts';
import { binaryResultDType, isFloat } from '../../src/tensor/dtype.ts';
import { sizeOf } from '../../src/tensor/shape.ts';
import { describeGpu } from '../setup/adapters.ts';
import { argumentsOf, binaryBound, Shares, unaryBound } from '../support/bounds.ts';
import { TwoBackends } from '../support/twoBackends.ts';
import { integers, plainZeros } from '../support/values.ts';

const dtypes = ['float32', 'int32', 'uint8', 'bool'] as const;

function operand(shape: readonly number[], dtype: DType, seed: number) {
  const whole = integers(sizeOf(shape), seed, 2);
  const values = {
    float32: whole.map((v) => v + 0.25),
    float64: whole,
    int32: whole,
    uint8: whole.map(Math.abs),
    bool: whole.map((v) => Number(v > 0)),
  };
  return { shape, dtype, data: values[dtype] };
}

function same(found: TypedArray[], expected: TypedArray[], title = ''): void {
  expect(plainZeros(found), title).toEqual(plainZeros(expected));
}

/** Functions of integers that give a float. */
const inFloat: ReadonlySet<UnaryFunction> = new Set<UnaryFunction>(
  unaryFunctions.filter((fn) => {
    return !['neg', 'abs', 'square', 'sign', 'floor', 'ceil', 'round', 'relu', 'logicalNot', 'identity'].includes(fn);
  }),
);

describeGpu('elementwise kernels', () => {
  const shares = new Shares();
  let both: TwoBackends;
  beforeAll(async () => {
    both = await TwoBackends.open();
  });
  afterAll(() => both.close());

  test.each(unaryFunctions.filter((fn) => inFloat.has(fn)))('%s of integers is that of floats', async (fn) => {
    const least = Math.ceil(argumentsOf(fn)[0]);
    for (const dtype of ['int32', 'uint8', 'bool'] as const) {
      const x = operand([21], dtype, 3);
      const inside = { ...x, data: x.data.map((v) => Math.max(v, least)) };
      const attrs = { fn, dtype: 'float32' as const };
      const { found } = await both.run('unary', [inside], [{ shape: [21] }], attrs);
      const [exact] = await both.exact('unary', [inside], [{ shape: [21] }], { fn, dtype: 'float64' });
      const bound = (i: number) => unaryBound(fn, inside.data[i]!, exact![i]!);
      expect(shares.add(fn, found[0]!, exact!, bound), dtype).toBeLessThanOrEqual(1);
    }
  });

  test.each(['neg', 'abs', 'square', 'sign', 'floor', 'ceil', 'round', 'relu'] as const)(
    '%s keeps integers whole, at every length up to a vector',
    async (fn) => {
      for (const dtype of ['int32', 'uint8'] as const) {
        const to = fn === 'neg' ? 'int32' : dtype;
        for (const size of [1, 3, 4, 5, 15, 16, 17, 65]) {
          const y = [{ shape: [size], dtype: to }];
          const { found, expected } = await both.run('unary', [operand([size], dtype, 4)], y, { fn, dtype: to });
          expect(found, `${dtype} [${size}]`).toEqual(expected);
        }
      }
    },
  );

  test.each(dtypes)('logicalNot of %s', async (dtype) => {
    const x = { shape: [7], dtype, data: [0, 1, 0, 1, 1, 0, 1] };
    const y = [{ shape: [7], dtype: 'bool' as const }];
    const { found } = await both.run('unary', [x], y, { fn: 'logicalNot', dtype: 'bool' });
    expect(Array.from(found[0]!)).toEqual([1, 0, 1, 0, 0, 1, 0]);
  });

  test('halves are rounded to even, and signs keep their sides', async () => {
    const data = [-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 0.49999997, 8388609, -8388609];
    const rounded = { round: [-2, -2, 0, 0, 2, 2, 0], floor: [-3, -2, -1, 0, 1, 2, 0], ceil: [-2, -1, 0, 1, 2, 3, 1] };
    for (const fn of ['round', 'floor', 'ceil'] as const) {
      const x = { shape: [data.length], data };
      const { found, expected } = await both.run('unary', [x], [{ shape: x.shape }], { fn, dtype: 'float32' });
      same(found, expected, fn);
      same([found[0]!], [Float32Array.from([...rounded[fn], 8388609, -8388609])], fn);
    }
  });

  test.each(dtypes.flatMap((from) => dtypes.map((to) => [from, to] as const)))(
    'a cast from %s to %s',
    async (from, to) => {
      const special = {
        float32: [
          -2.75,
          -0.5,
          0,
          0.5,
          2.75,
          255.5,
          300,
          -3e9,
          3e9,
          2147483520,
          -2147483648,
          1e-40,
          Infinity,
          -Infinity,
        ],
        int32: [-3, 0, 7, 255, 256, 70000, -1, 2 ** 31 - 1, -(2 ** 31), 2 ** 24 + 1],
        uint8: [0, 1, 255, 128, 7],
        bool: [0, 1, 1],
      };
      // what is below the smallest normal float may count as 0
      const data = special[from].filter((value) => to !== 'bool' || value !== 1e-40);
      const x = { shape: [data.length], dtype: from, data };
      const y = [{ shape: x.shape, dtype: to }];
      const { found, expected } = await both.run('unary', [x], y, { fn: 'identity', dtype: to });
      if (from === 'float32' && to === 'float32') found[0]![11] = expected[0]![11]!;
      same(found, expected);
    },
  );

  test.each(binaryFunctions)('%s of every pair of dtypes', async (fn) => {
    for (const a of dtypes) {
      for (const b of dtypes) {
        const dtype = binaryResultDType(fn, a, b, 'float32');
        const [left, right] = [operand([19], a, 5), operand([19], b, 6)];
        // a negative base has no power with a fractional exponent, and 0 none with a negative one
        const base = fn === 'pow' ? left.data.map((v) => Math.abs(v) + Number(isFloat(a) || isFloat(b))) : left.data;
        const second = fn === 'div' ? right.data.map((v) => (v === 0 ? 1 : v)) : right.data;
        const inputs = [
          { ...left, data: base },
          { ...right, data: second },
        ];
        const { found, expected } = await both.run('binary', inputs, [{ shape: [19], dtype }], { fn });
        const title = `${a} and ${b}`;
        if (!isFloat(dtype)) {
          expect(found, title).toEqual(expected);
          continue;
        }
        const [exact] = await both.exact('binary', inputs, [{ shape: [19], dtype }], { fn });
        const bound = (i: number) => binaryBound(fn, base[i]!, second[i]!, exact![i]!);
        expect(shares.add(fn, found[0]!, exact!, bound), title).toBeLessThanOrEqual(1);
      }
    }
  });

  test('int32 wraps around as two-complement numbers do', async () => {
    const edges = [2 ** 31 - 1, -(2 ** 31), 123_456_789, -987_654_321, 65_537, 3, -1, 0];
    const int32 = 'int32' as const;
    const a = { shape: [8, 1], dtype: int32, data: edges };
    const b = { shape: [8], dtype: int32, data: edges };
    for (const fn of ['add', 'sub', 'mul'] as const) {
      const { found, expected } = await both.run('binary', [a, b], [{ shape: [8, 8], dtype: int32 }], { fn });
      expect(found, fn).toEqual(expected);
    }
    for (const fn of ['neg', 'abs', 'square'] as const) {
      const { found, expected } = await both.run('unary', [b], [{ shape: [8], dtype: int32 }], { fn, dtype: int32 });
      expect(found, fn).toEqual(expected);
    }
    const bases = { ...b, data: [3, -3, 7, -7, 2, -2, 65_537, 10] };
    const exponents = { shape: [5, 1], dtype: int32, data: [0, 1, 21, 34, 63] };
    const power = await both.run('binary', [bases, exponents], [{ shape: [5, 8], dtype: int32 }], { fn: 'pow' });
    expect(power.found).toEqual(power.expected);
  });

  test('integer powers of negative exponents truncate to 0, but for 1 and -1', async () => {
    const int32 = 'int32' as const;
    const bases = { shape: [5], dtype: int32, data: [1, -1, 2, -3, 7] };
    const exponents = { shape: [2, 1], dtype: int32, data: [-1, -2] };
    const { found, expected } = await both.run('binary', [bases, exponents], [{ shape: [2, 5], dtype: int32 }], {
      fn: 'pow',
    });
    expect(Array.from(found[0]!)).toEqual([1, -1, 0, 0, 0, 1, 1, 0, 0, 0]);
    expect(found).toEqual(expected);
  });

  test('powers of zero and of negative bases are those of IEEE', async () => {
    const a = { shape: [7], data: [0, 0, -2, -2, -2, 1, 0] };
    const b = { shape: [7], data: [2, 0, 3, 2, -1, 1000, 0.5] };
    const { found } = await both.run('binary', [a, b], [{ shape: [7] }], { fn: 'pow' });
    const exact = [0, 1, -8, 4, -0.5, 1, 0];
    const worst = shares.add('pow', found[0]!, exact, (i) => binaryBound('pow', a.data[i]!, b.data[i]!, exact[i]!));
    expect(worst).toBeLessThanOrEqual(1);
  });

  test.each([[[0]], [[0, 3]], [[4, 0, 2]]])('nothing is written for a result of shape %j', async (shape) => {
    const empty = { shape, data: [] };
    const { found } = await both.run('binary', [empty, { shape: [], data: [1] }], [{ shape }], { fn: 'add' });
    expect(found[0]).toHaveLength(0);
    await both.run('unary', [empty], [{ shape, dtype: 'uint8' }], { fn: 'identity', dtype: 'uint8' });
    await both.run('where', [{ ...empty, dtype: 'bool' }, empty, empty], [{ shape }], {});
  });

  test('infinities and NaN pass through sums, products and comparisons', async () => {
    const data = [Infinity, -Infinity, NaN, 0, 1];
    const a = { shape: [5, 1], data };
    const b = { shape: [5], data };
    for (const fn of ['add', 'mul', 'less', 'equal'] as const) {
      const dtype = binaryResultDType(fn, 'float32', 'float32', 'float32');
      const { found, expected } = await both.run('binary', [a, b], [{ shape: [5, 5], dtype }], { fn });
      same(found, expected, fn);
    }
  });
});
