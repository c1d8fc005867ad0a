// Kernels that copy or make elements without arithmetic: every bit of every dtype arrives, and nothing else is touched.
// Those that find their elements by shape or by index are drawn: properties.test.ts.
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DType } from '../../src/backend/backend.ts';
import { uniformAt } from '../../src/tensor/random.ts';
import { sizeOf } from '../../src/tensor/shape.ts';
import { describeGpu } from '../setup/adapters.ts';
import { TwoBackends } from '../support/twoBackends.ts';
import { integers } from '../support/values.ts';

const dtypes = ['float32', 'int32', 'uint8', 'bool'] as const;

/** Numbers that differ from place to place. */
function counted(shape: readonly number[], dtype: DType) {
  const step = { float32: 0.37, int32: -70_001, uint8: 7, bool: 1, float64: 1 }[dtype];
  const at = (i: number) => (dtype === 'bool' ? Number(i % 3 === 0) : (i * step) % (dtype === 'uint8' ? 256 : 2 ** 31));
  return { shape, dtype, data: Array.from({ length: sizeOf(shape) }, (_, i) => at(i)) };
}

describeGpu('kernels that move elements', () => {
  let both: TwoBackends;
  beforeAll(async () => {
    both = await TwoBackends.open();
  });
  afterAll(() => both.close());

  test.each(dtypes)('%s is copied and assigned bit for bit, at every length up to a vector', async (dtype) => {
    for (const size of [0, 1, 2, 3, 4, 5, 15, 16, 17, 63, 64, 65, 257, 1030]) {
      const x = counted([size], dtype);
      const copy = await both.run('copy', [x], [{ shape: [size], dtype }], { shape: [size] });
      expect(copy.found, `copy of ${size}`).toEqual(copy.expected);
      const old = { ...x, data: x.data.map(() => 1) };
      const assigned = await both.run('assign', [old, x], [], {});
      expect(assigned.found, `assign of ${size}`).toEqual(assigned.expected);
      expect(Array.from(assigned.found[0]!)).toEqual(Array.from(copy.expected[0]!));
    }
  });

  test.each(['float32', 'int32'] as const)('%s is added in place', async (dtype) => {
    for (const size of [1, 4, 63, 65, 130]) {
      const [target, value] = [3, 4].map((seed) => ({ shape: [size], dtype, data: integers(size, seed) }));
      const { found, expected } = await both.run('assignAdd', [target!, value!], [], {});
      expect(found, `${size}`).toEqual(expected);
    }
  });

  test('floats keep every bit when they are copied: signed zero, infinities, the smallest and the largest', async () => {
    const words = [0x80000000, 0x7f800000, 0xff800000, 0x00800000, 0x80800001, 0x7f7fffff, 0xff7fffff, 0x3f800001, 0];
    const data = new Float32Array(Uint32Array.from(words).buffer);
    const { found } = await both.run('copy', [{ shape: [9], data }], [{ shape: [9] }], { shape: [9] });
    expect(Array.from(new Uint32Array(found[0]!.slice().buffer))).toEqual(words);
  });

  test.each([
    ['float32', -2.5],
    ['float32', 1e-30],
    ['int32', -7],
    ['int32', 2 ** 31 - 1],
    ['uint8', 200],
    ['uint8', 300],
    ['bool', 5],
    ['bool', 0],
  ] as const)('%s is filled with %d, at every length up to a vector', async (dtype, value) => {
    for (const size of [1, 3, 4, 5, 16, 17, 65, 1025]) {
      const shape = [size];
      const { found, expected } = await both.run('fill', [], [{ shape, dtype }], { value, shape, dtype });
      expect(found, `${size}`).toEqual(expected);
    }
  });

  test('tensors are packed side by side, each from its offset on, and the gaps stay as they were', async () => {
    const sizes = [15, 64, 1, 70];
    const offsets = [0, 64, 128, 192];
    const parts = sizes.map((size) => counted([size], 'float32'));
    const whole = [{ shape: [320] }];
    const { found, expected } = await both.run('pack', parts, whole, { offsets, size: 320 });
    sizes.forEach((size, i) => {
      const from = offsets[i]!;
      expect(found[0]!.slice(from, from + size)).toEqual(expected[0]!.slice(from, from + size));
      const gap = found[0]!.slice(Math.ceil((from + size) / 4) * 4, offsets[i + 1] ?? 320);
      expect(gap.every(Number.isNaN), 'the poison of the gap').toBe(true);
    });
  });

  test.each([
    [0, 0],
    [0xffffffff, 0xffffffff],
    [0x13198a2e, 0x03707344],
  ] as const)('random numbers of key %i %i are those of the CPU', async (...key) => {
    for (const size of [1, 63, 65, 1000]) {
      for (const draw of [0, 1, 70_000]) {
        const counter = { shape: [], dtype: 'int32' as const, data: [draw] };
        const { found } = await both.run('randomUniform', [counter], [{ shape: [size] }], { key, shape: [size] });
        expect(Array.from(found[0]!)).toEqual(Array.from({ length: size }, (_, i) => uniformAt(key, i, draw)));
      }
    }
  });

  test('nothing stays allocated', () => {
    for (const backend of [both.cpu, both.gpu]) expect(backend.memory().buffers).toBe(0);
  });
});
