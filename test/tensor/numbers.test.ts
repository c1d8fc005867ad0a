// Numbers at the edge of their dtype: the same on both backends.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as w from '../../src/index.ts';
import { describeGpu } from '../setup/adapters.ts';

const MOST = 2 ** 31 - 1;
const LEAST = -(2 ** 31);
const ints = (...values: number[]) => w.tensor(Int32Array.from(values));
const flat = async (x: w.Tensor) => Array.from(await x.data());

function suite(backend: 'cpu' | 'webgpu') {
  beforeAll(() => w.init({ backend }));
  afterAll(() => w.close());

  test('int32 wraps around, exactly', async () => {
    expect(await flat(w.add(ints(MOST, 1), ints(1, 1)))).toEqual([LEAST, 2]);
    expect(await flat(w.mul(ints(46_341, 123_456_789), ints(46_341, 987_654_321)))).toEqual([
      -2_147_479_015, -67_153_019,
    ]);
    expect(await flat(w.neg(ints(LEAST, 5)))).toEqual([LEAST, -5]);
    expect(await flat(w.sum(ints(MOST, MOST, 2)))).toEqual([0]);
    expect(await flat(w.pow(ints(-2, 3, 2), ints(3, 4, 31)))).toEqual([-8, 81, LEAST]);
  });

  test('bytes wrap around, and comparisons of large integers are exact', async () => {
    expect(await flat(w.add(w.tensor(Uint8Array.of(250)), w.tensor(Uint8Array.of(10))))).toEqual([4]);
    expect(await flat(w.equal(ints(MOST, MOST), ints(MOST - 1, MOST)))).toEqual([0, 1]);
    expect(await flat(w.argMax(ints(MOST - 1, MOST)))).toEqual([1]);
  });

  test('a fill is a cast of its value', async () => {
    expect(await flat(w.full([1], 2.9, 'int32'))).toEqual([2]);
    expect(await flat(w.full([1], -2.9, 'int32'))).toEqual([-2]);
    expect(await flat(w.full([1], 0.5, 'bool'))).toEqual([1]);
    expect(await flat(w.full([1], 255, 'uint8'))).toEqual([255]);
  });

  test('halves round to even', async () => {
    expect(await flat(w.round(w.tensor([0.5, 1.5, 2.5, -1.5, 2.4])))).toEqual([0, 2, 2, -2, 2]);
    expect(await flat(w.sign(w.tensor([-3, 0, 7])))).toEqual([-1, 0, 1]);
    expect(await flat(w.abs(ints(-3, 3)))).toEqual([3, 3]);
  });

  test('a negative number has powers for whole exponents alone', async () => {
    const x = w.tensor([-2, -2, -2, -2.5, 2.5, 0, 0]);
    const powers = await flat(w.pow(x, w.tensor([3, 2, -1, 2.5, 2, 0, 2])));
    expect(powers).toEqual([-8, 4, -0.5, Number.NaN, expect.closeTo(6.25, 4), 1, 0]);
  });

  test('infinities pass through', async () => {
    const [up, down] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    const x = w.tensor([up, down, 1]);
    expect(await flat(w.add(x, 1))).toEqual([up, down, 2]);
    expect(await flat(w.max(x, 0))).toEqual([up]);
    expect(await flat(w.maximum(x, 0))).toEqual([up, 0, 1]);
    expect(await flat(w.div(x, up))).toEqual([Number.NaN, Number.NaN, 0]);
  });
}

describe('on the CPU', () => suite('cpu'));
describeGpu('on the GPU', () => suite('webgpu'));
