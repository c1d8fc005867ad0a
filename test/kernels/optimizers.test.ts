// The kernels of optimizers on drawn cases: bit for bit with the CPU wherever their arithmetic is exact. That it is near in
// the other cases is shown by test/engine/backends.test.ts.
import fc from 'fast-check';
import { afterAll, beforeAll, expect } from 'vitest';
import type { KernelAttrs, UpdateAttrs } from '../../src/backend/kernels.ts';
import type { UpdateKernel } from '../../src/ops/updates.ts';
import { describeGpu } from '../setup/adapters.ts';
import { seed } from '../support/arbitraries.ts';
import { among, property } from '../support/property.ts';
import { type Operand, TwoBackends } from '../support/twoBackends.ts';
import { whole } from '../support/values.ts';

const sizes = among([1, 3, 4, 5, 64, 255, 257, 1000]);
const counts = fc.nat(12);
const windows = fc.integer({ min: 1, max: 4 });

const count = (value: number): Operand => ({ shape: [1], dtype: 'int32', data: [value] });
const number = (value: number): Operand => ({ shape: [1], data: [value] });
const squares = (x: Operand): Operand => ({ ...x, data: Float32Array.from(x.data, Math.abs) });

const halves = { beta1: 0.5, beta2: 0.75, epsilon: 0.5 };

interface Drawn<K extends UpdateKernel> {
  readonly kernel: K;
  readonly attrs: KernelAttrs[K];
  /** The slots of each weight; 'square' for those that are never below 0, 'unused' for those that are switched off. */
  readonly slots: readonly ('any' | 'square' | 'unused' | 'number')[];
}
const drawn = <K extends UpdateKernel>(kernel: K, attrs: KernelAttrs[K], ...slots: Drawn<K>['slots']) =>
  ({ kernel, attrs, slots }) as Drawn<UpdateKernel>;

const rmsprop = { rho: 0.5, momentum: 0, epsilon: 0.5, centered: false };
const updates = among([
  drawn('sgd', { momentum: 0, nesterov: false }, 'unused'),
  drawn('sgd', { momentum: 0.5, nesterov: false }, 'any'),
  drawn('sgd', { momentum: 0.5, nesterov: true }, 'any'),
  drawn('adam', halves, 'any', 'square'),
  drawn('amsgrad', halves, 'any', 'square', 'square'),
  drawn('rmsprop', rmsprop, 'square', 'unused', 'unused'),
  drawn('rmsprop', { ...rmsprop, momentum: 0.5 }, 'square', 'any', 'unused'),
  drawn('rmsprop', { ...rmsprop, centered: true }, 'square', 'unused', 'any'),
  drawn('adagrad', { epsilon: 0.5 }, 'square'),
  drawn('adamax', halves, 'any', 'square'),
  drawn('nadam', halves, 'any', 'square', 'number'),
]);

describeGpu('the kernels of optimizers agree bit for bit with the CPU', () => {
  let both: TwoBackends;
  beforeAll(async () => {
    both = await TwoBackends.open();
  });
  afterAll(() => both.close());

  /**
   * At a rate of 0 the weights stay and the slots, halves of whole numbers, are exact; where nothing moves, decay is exact at any
   * rate. SGD always is.
   */
  property(
    'updates',
    60,
    fc.record({
      update: updates,
      size: sizes,
      calls: counts,
      every: windows,
      share: among([0, 0.5, 1]),
      still: fc.boolean(),
      seed,
    }),
    async ({ update: { kernel, attrs, slots }, size, calls, every, share, still, seed }) => {
      const shape = [size];
      const span = still ? 0 : 4;
      const own = slots.map((slot, i) => {
        if (slot === 'number') return number(0);
        return slot === 'square'
          ? squares(whole(shape, seed + i))
          : whole(slot === 'any' ? shape : [4], seed + i, span);
      });
      const decayed = Math.floor((share * size) / 4) * 4;
      const shared: UpdateAttrs = { every, decay: 0.5, decayed };
      const rate = number(kernel === 'sgd' || still ? 0.25 : 0);
      const inputs = [whole(shape, seed + 7), ...own, whole(shape, seed + 8, span), count(calls), rate];
      await both.agree(kernel, inputs, [], { ...attrs, ...shared });
    },
  );

  property(
    'accumulateGradient',
    15,
    fc.record({ size: sizes, calls: counts, every: windows, seed }),
    async ({ size, calls, every, seed }) => {
      await both.agree('accumulateGradient', [whole([size], seed), whole([size], seed + 1), count(calls)], [], {
        every,
      });
    },
  );

  property(
    'movingAverage',
    15,
    fc.record({ size: sizes, calls: counts, every: windows, overwrite: fc.nat(3), seed }),
    async ({ size, calls, every, overwrite, seed }) => {
      const inputs = [whole([size], seed), whole([size], seed + 1), count(calls)];
      await both.agree('movingAverage', inputs, [], { momentum: 0.5, every, overwrite });
    },
  );

  // 1, 1,023, 1,024 and 1,025 elements are the edges of a workgroup's part
  const parts = fc.array(among([1, 2, 64, 65, 1023, 1024, 1025, 3000]), { minLength: 1, maxLength: 5 });

  property(
    'clipNorm: exactly nothing below the limit, and near above it',
    10,
    fc.record({ parts, together: fc.boolean(), above: fc.boolean(), seed }),
    async ({ parts, together, above, seed }) => {
      const offsets: number[] = [];
      let size = 0;
      for (const part of parts) {
        offsets.push(size);
        size += Math.ceil(part / 64) * 64;
      }
      const gradient = whole([size], seed);
      const norms = offsets.map((first, i) => normOf(Array.from(gradient.data).slice(first, first + parts[i]!)));
      const largest = together ? normOf(norms) : Math.max(...norms);
      const attrs = { together, offsets, sizes: parts, limit: above ? largest / 4 : largest + 1 };
      const { found, expected } = await both.run('clipNorm', [gradient], [{ shape: [size] }], attrs);
      const off = Array.from(found[0]!, (value, i) => Math.abs(value - expected[0]![i]!));
      // square root, division and product: 4.5, 2.5 and 1 ULP of values up to 4, and what the norm's sum brings
      expect(Math.max(...off)).toBeLessThanOrEqual(above ? 4 * 9 * 2 ** -23 : 0);
    },
  );
});

const normOf = (values: readonly number[]) => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
