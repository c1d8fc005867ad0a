import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as w from '../../src/index.ts';
import { describeGpu } from '../setup/adapters.ts';

const names = ['sum', 'mean', 'max', 'min', 'prod', 'variance', 'logSumExp'] as const;

function suite(backend: 'cpu' | 'webgpu') {
  beforeAll(() => w.init({ backend }));
  afterAll(() => w.close());

  test.each(names)('%s drops or keeps the axes that it runs over, counted from either end', (name) => {
    const x = w.ones([2, 3, 4]);
    const shapes = [undefined, null, 1, -1, [0, 2], [-1, -3], []].flatMap((axes) => [
      w[name](x, axes).shape,
      w[name](x, axes, true).shape,
    ]);
    expect(shapes).toEqual([
      [],
      [1, 1, 1],
      [],
      [1, 1, 1],
      [2, 4],
      [2, 1, 4],
      [2, 3],
      [2, 3, 1],
      [3],
      [1, 3, 1],
      [3],
      [1, 3, 1],
      [2, 3, 4],
      [2, 3, 4],
    ]);
  });

  test('over no axes is the element itself, and over one element too', async () => {
    const x = w.tensor([
      [1, -2],
      [3, 4],
    ]);
    for (const name of ['sum', 'mean', 'max', 'min', 'prod', 'logSumExp'] as const) {
      expect(await w[name](x, []).array(), name).toEqual(await x.array());
      expect(await w[name](w.tensor(5)).array(), name).toBe(5);
    }
    expect(await w.variance(x, []).array()).toEqual([
      [0, 0],
      [0, 0],
    ]);
  });

  test('of nothing: a sum is 0, a product 1, a mean no number; there is no largest', async () => {
    const nothing = w.zeros([2, 0, 3]);
    expect(await w.sum(nothing).item()).toBe(0);
    expect(await w.sum(nothing, 1).array()).toEqual([
      [0, 0, 0],
      [0, 0, 0],
    ]);
    expect(await w.prod(nothing, [1, 2]).array()).toEqual([1, 1]);
    expect(await w.mean(nothing).item()).toBeNaN();
    expect(w.sum(nothing, 0).shape).toEqual([0, 3]);
    expect(await w.logSumExp(nothing).item()).toBe(-Infinity);
    for (const f of [w.max, w.min]) expect(() => f(nothing)).toThrow(w.ShapeError);
    expect(w.max(nothing, 0).shape).toEqual([0, 3]);
  });

  test('over axes apart gives what one axis after the other does', async () => {
    const x = w.reshape(w.arange(0, 24, 1, 'float32'), [2, 3, 4]);
    expect(await w.sum(x, [0, 2]).array()).toEqual([60, 92, 124]);
    expect(await w.sum(w.sum(x, 2), 0).array()).toEqual([60, 92, 124]);
    expect(await w.mean(x, [0, 2]).array()).toEqual([7.5, 11.5, 15.5]);
    expect(await w.variance(w.tensor([1, 2, 3, 6])).item()).toBe(3.5);
  });

  test('the first of equals wins', async () => {
    const x = w.tensor([
      [3, 1, 3],
      [1, 1, 0],
    ]);
    expect(await w.argMax(x, -1).array()).toEqual([0, 0]);
    expect(await w.argMax(x).array()).toBe(0);
    expect(await w.argMin(x, null, true).array()).toEqual([[5]]);
    expect(await w.argMax(x, 0).array()).toEqual([0, 0, 0]);
    expect(await w.argMin(x, -1, true).array()).toEqual([[1], [2]]);
    expect(await w.argMin(x, 0).array()).toEqual([1, 0, 1]);
  });

  test('logSumExp does not overflow', async () => {
    expect(await w.logSumExp(w.tensor([1000, 1000])).item()).toBeCloseTo(1000 + Math.LN2, 3);
    expect(await w.logSumExp(w.tensor([-1000, -1000])).item()).toBeCloseTo(-1000 + Math.LN2, 3);
  });
}

describe('on the CPU', () => suite('cpu'));
describeGpu('on the GPU', () => suite('webgpu'));
