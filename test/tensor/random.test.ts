import { afterEach, expect, test } from 'vitest';
import * as w from '../../src/index.ts';
import { normalValues, permutation, threefry, truncatedNormalValues, uniformValues } from '../../src/tensor/random.ts';
import { describeGpu } from '../setup/adapters.ts';

afterEach(() => w.close());

// Known answers of Random123, the authors' own implementation, for 20 rounds.
test.each([
  [
    [0, 0],
    [0, 0],
    [0x6b200159, 0x99ba4efe],
  ],
  [
    [0xffffffff, 0xffffffff],
    [0xffffffff, 0xffffffff],
    [0x1cb996fc, 0xbb002be7],
  ],
  [
    [0x13198a2e, 0x03707344],
    [0x243f6a88, 0x85a308d3],
    [0xc4923a9c, 0x483df7a0],
  ],
] as const)('Threefry of key %j and counter %j', (key, counter, words) => {
  expect(threefry(key, counter)).toEqual([...words]);
});

test('uniform values fill [0, 1) evenly, normal ones have mean 0 and variance 1', () => {
  const uniform = uniformValues([1, 2], 20000);
  const mean = uniform.reduce((sum, value) => sum + value, 0) / uniform.length;
  expect(Math.abs(mean - 0.5)).toBeLessThan(4 * Math.sqrt(1 / 12 / uniform.length));
  expect(uniform.every((value) => value >= 0 && value < 1)).toBe(true);
  const normal = normalValues([3, 4], 20000);
  const square = normal.reduce((sum, value) => sum + value * value, 0) / normal.length;
  expect(Math.abs(square - 1)).toBeLessThan(4 * Math.sqrt(2 / normal.length));
  expect(truncatedNormalValues([5, 6], 5000).every((value) => Math.abs(value) <= 2)).toBe(true);
});

test('a permutation holds every number once and differs by key', () => {
  const order = permutation([7, 8], 1000);
  expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, i) => i));
  expect(permutation([7, 9], 1000)).not.toEqual(order);
  expect(permutation([7, 8], 1000)).toEqual(order);
});

test('the same seed draws the same tensors, another seed others', async () => {
  await w.init({ backend: 'cpu', seed: 11 });
  const draw = async () => [...(await w.randomUniform([5]).data()), ...(await w.randomNormal([5]).data())];
  const first = await draw();
  expect(await draw()).not.toEqual(first);
  w.setRandomSeed(11);
  expect(await draw()).toEqual(first);
  w.setRandomSeed(12);
  expect(await draw()).not.toEqual(first);
});

describeGpu('random numbers', () => {
  test('are the same bits on CPU and GPU, scaled too', async () => {
    const drawn: number[][] = [];
    for (const backend of ['cpu', 'webgpu'] as const) {
      await w.init({ backend, seed: 3 });
      const tensors = [w.randomUniform([1000]), w.randomUniform([37], -3, 5), w.randomNormal([37], 1, 2)];
      drawn.push((await Promise.all(tensors.map(async (t) => Array.from(await t.data())))).flat());
      await w.close();
    }
    expect(drawn[1]).toEqual(drawn[0]);
  });
});
