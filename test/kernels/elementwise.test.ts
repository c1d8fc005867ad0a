import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DType } from '../../src/backend/backend.ts';
import { type BinaryFunction, binaryFunctions, type UnaryFunction, unaryFunctions } from '../../src/backend/kernels.ts';
import { binaryResultDType, isFloat } from '../../src/tensor/dtype.ts';
import { describeGpu } from '../setup/adapters.ts';
import { integers, TwoBackends } from '../support/twoBackends.ts';

const dtypes = ['float32', 'int32', 'uint8', 'bool'] as const;

function operand(shape: readonly number[], dtype: DType, seed: number) {
  const count = shape.reduce((product, length) => product * length, 1);
  const whole = integers(count, seed, 2);
  const values = {
    float32: whole.map((v) => v + 0.25),
    int32: whole,
    uint8: whole.map(Math.abs),
    bool: whole.map((v) => Number(v > 0)),
  };
  return { shape, dtype, data: values[dtype as keyof typeof values] };
}

/** The largest error in units in the last place of float32. */
function ulps(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  let worst = 0;
  for (let i = 0; i < expected.length; i++) {
    const [a, b] = [found[i]!, expected[i]!];
    if (Object.is(a, b) || a === b) continue;
    if (!Number.isFinite(b)) return Number.isNaN(b) && Number.isNaN(a) ? worst : Infinity;
    worst = Math.max(worst, Math.abs(a - b) / 2 ** (Math.floor(Math.log2(Math.max(Math.abs(b), 2 ** -126))) - 23));
  }
  return worst;
}

/** What the WGSL specification allows (section "accuracy"), for the arguments used here; 0 is correctly rounded. */
const allowed: Partial<Record<UnaryFunction | BinaryFunction, number>> = {
  exp: 16,
  log: 64,
  log1p: 64,
  sqrt: 4,
  rsqrt: 8,
  tanh: 64,
  sigmoid: 32,
  erf: 64,
  softplus: 64,
  div: 3,
  pow: 256,
};

describeGpu('elementwise kernels', () => {
  let both: TwoBackends;
  beforeAll(async () => {
    both = await TwoBackends.open();
  });
  afterAll(() => both.close());

  test.each(unaryFunctions.filter((fn) => fn !== 'identity'))('%s', async (fn) => {
    const needsPositive = ['log', 'log1p', 'sqrt', 'rsqrt'].includes(fn);
    const x = operand([37], 'float32', 3);
    const data = needsPositive ? x.data.map((v) => Math.abs(v) + 0.125) : x.data;
    const dtype = fn === 'logicalNot' ? ('bool' as const) : ('float32' as const);
    const { found, expected } = await both.run('unary', [{ ...x, data }], [{ shape: [37], dtype }], { fn, dtype });
    if (fn === 'sin' || fn === 'cos') {
      // The specification bounds these absolutely, for arguments between -pi and pi.
      found[0]!.forEach((value, i) => {
        expect(Math.abs(value - expected[0]![i]!)).toBeLessThanOrEqual(2 ** -11);
      });
    } else expect(ulps(found[0]!, expected[0]!)).toBeLessThanOrEqual(allowed[fn] ?? 0);
  });

  test.each(['neg', 'abs', 'square', 'sign', 'relu'] as const)('%s of integers', async (fn) => {
    const { found, expected } = await both.run(
      'unary',
      [operand([21], 'int32', 4)],
      [{ shape: [21], dtype: 'int32' }],
      { fn, dtype: 'int32' },
    );
    expect(found).toEqual(expected);
  });

  test.each(dtypes.flatMap((from) => dtypes.map((to) => [from, to] as const)))(
    'a cast from %s to %s',
    async (from, to) => {
      const special = {
        float32: [-2.75, -0.5, 0, 0.5, 2.75, 255.5, 300, -3e9, 3e9],
        int32: [-3, 0, 7, 255, 256, 70000],
        uint8: [0, 1, 255],
        bool: [0, 1, 1],
      };
      const data = special[from];
      const x = { shape: [data.length], dtype: from, data };
      const { found, expected } = await both.run('unary', [x], [{ shape: x.shape, dtype: to }], {
        fn: 'identity',
        dtype: to,
      });
      expect(found).toEqual(expected);
    },
  );

  test.each(binaryFunctions)('%s of every pair of dtypes', async (fn) => {
    for (const a of dtypes) {
      for (const b of dtypes) {
        const dtype = binaryResultDType(fn, a, b, 'float32');
        const left = operand([19], a, 5);
        const right = operand([19], b, 6);
        // a negative base has no power with a fractional exponent; that is tested as NaN elsewhere
        const base = fn === 'pow' ? { ...left, data: left.data.map((v) => Math.abs(v) + Number(isFloat(a))) } : left;
        const divisor = fn === 'div' ? { ...right, data: right.data.map((v) => (v === 0 ? 1 : v)) } : right;
        const { found, expected } = await both.run('binary', [base, divisor], [{ shape: [19], dtype }], { fn });
        expect(ulps(found[0]!, expected[0]!), `${a} and ${b}`).toBeLessThanOrEqual(allowed[fn] ?? 0);
      }
    }
  });

  test.each([
    [[], []],
    [[5], []],
    [
      [3, 1],
      [1, 4],
    ],
    [
      [2, 3, 4],
      [3, 1],
    ],
    [
      [2, 1, 4, 1],
      [3, 1, 5],
    ],
    [
      [1, 2, 1, 3, 1, 2],
      [2, 1, 3, 1, 2, 1],
    ],
    [
      [0, 3],
      [1, 3],
    ],
  ])('broadcasting %j with %j', async (a, b) => {
    const rank = Math.max(a.length, b.length);
    const at = (shape: readonly number[], d: number) => shape[d - rank + shape.length] ?? 1;
    const y = Array.from({ length: rank }, (_, d) => (at(a, d) === 1 ? at(b, d) : at(a, d)));
    const inputs = [operand(a, 'float32', 7), operand(b, 'uint8', 8)];
    const { found, expected } = await both.run('binary', inputs, [{ shape: y }], { fn: 'sub' });
    expect(found).toEqual(expected);
    const choice = await both.run('where', [operand(b, 'bool', 9), inputs[0]!, inputs[1]!], [{ shape: y }], {});
    expect(choice.found).toEqual(choice.expected);
  });

  test('bytes are chosen and broadcast as bytes', async () => {
    const inputs = [operand([7], 'bool', 1), operand([3, 7], 'uint8', 2), operand([3, 1], 'uint8', 3)];
    const { found, expected } = await both.run('where', inputs, [{ shape: [3, 7], dtype: 'uint8' }], {});
    expect(found).toEqual(expected);
  });

  test('infinities and NaN pass through sums, products and comparisons', async () => {
    const data = [Infinity, -Infinity, NaN, 0, 1];
    const a = { shape: [5, 1], data };
    const b = { shape: [5], data };
    for (const fn of ['add', 'mul', 'less', 'equal'] as const) {
      const dtype = binaryResultDType(fn, 'float32', 'float32', 'float32');
      const { found, expected } = await both.run('binary', [a, b], [{ shape: [5, 5], dtype }], { fn });
      expect(Array.from(found[0]!), fn).toEqual(Array.from(expected[0]!));
    }
  });
});
