import { expect, test } from 'vitest';
import { measure, type Row } from '../../bench/harness.ts';

test('rows take turns, every other round backwards, and warm-up does not count', async () => {
  const order: string[] = [];
  const row = (name: string): Row => ({
    name,
    units: 4,
    run() {
      order.push(name);
    },
  });
  const measured = await measure([row('a'), row('b'), row('c')], { warmUp: 1, counted: 3 });
  expect(order.join('')).toBe('cbaabccbaabc');
  expect(measured.map(({ name, samplesMs }) => [name, samplesMs.length])).toEqual([
    ['a', 3],
    ['b', 3],
    ['c', 3],
  ]);
});

test('figures are for one unit, and a median lies above the minimum', async () => {
  const slow: Row = { name: 'slow', units: 4, run: () => new Promise((resolve) => setTimeout(resolve, 20)) };
  const [row] = await measure([slow], { warmUp: 0, counted: 3 });
  expect(row!.minimumMs).toBeGreaterThan(4);
  expect(row!.minimumMs).toBe(Math.min(...row!.samplesMs));
  expect(row!.medianMs).toBe(row!.samplesMs.toSorted((a, b) => a - b)[1]);
});

test('a row that fails fails the bench', async () => {
  const broken: Row = { name: 'broken', units: 1, run: () => Promise.reject(new Error('refused by the GPU')) };
  await expect(measure([broken], { warmUp: 0, counted: 1 })).rejects.toThrow('refused by the GPU');
});
