// Pictures transformed on drawn cases: quarters of pixels and of turns, which float32 has exactly, so both backends must agree
// bit for bit.
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeGpu } from '../setup/adapters.ts';
import { lengths, resamplings, seed, transformations } from '../support/arbitraries.ts';
import { property } from '../support/property.ts';
import { TwoBackends } from '../support/twoBackends.ts';
import { whole } from '../support/values.ts';

const columns = { theta: 0, tx: 1, ty: 2, shear: 3, zx: 4, zy: 5, flipHorizontal: 7, flipVertical: 6 };

describeGpu('transformed pictures agree bit for bit with the CPU', () => {
  let both: TwoBackends;
  beforeAll(async () => {
    both = await TwoBackends.open();
  });
  afterAll(() => both.close());

  const drawn = fc.record({ list: transformations, width: lengths, height: lengths, swapped: fc.boolean() });
  property('affineMatrices', 10, drawn, async ({ list, width, height, swapped }) => {
    const rows = list.map(({ theta, shear, tx, ty, zx, zy, flipX, flipY }) => {
      const flips = [flipY ? 0.25 : 0.5, flipX ? 0 : 1];
      return [90 * theta, tx / 2, ty / 2, 90 * shear, zx / 2, zy / 2, ...flips, 99];
    });
    const [centerX, centerY] = (swapped ? [height, width] : [width, height]).map((length) => (length - 1) / 2);
    const parameters = { shape: [rows.length, 9], data: rows.flat() };
    const attrs = { columns, width, height, centerX: centerX!, centerY: centerY! };
    await both.agree('affineMatrices', [parameters], [{ shape: [rows.length, 6] }], attrs);
  });

  property('affineResample', 24, fc.record({ resampling: resamplings, seed }), async ({ resampling, seed }) => {
    const { attrs, x, y, dtype, matrices } = resampling;
    const operand = { shape: [x[0]!, 6], data: matrices };
    await both.agree('affineResample', [whole(x, seed, 9, dtype), operand], [{ shape: y }], attrs);
  });

  test('what is drawn lies on all sides of the picture, and inside', async () => {
    const places = fc.sample(resamplings, { seed: 1, numRuns: 200 }).flatMap(({ x, matrices }) => {
      const [w, h] = [x[2]!, x[1]!];
      return [
        matrices[2]! < 0,
        matrices[2]! > w,
        matrices[5]! < 0,
        matrices[5]! > h,
        matrices[2]! > 0 && matrices[2]! < w - 1,
      ];
    });
    for (let side = 0; side < 5; side++)
      expect(places.filter((seen, i) => seen && i % 5 === side).length).toBeGreaterThan(9);
  });
});
