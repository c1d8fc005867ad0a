import { expect, test } from 'vitest';
import { leastTime } from '../../bench/roof.ts';
import { drawRoofline, roofCorners } from '../../bench/roofline.ts';
import type { Point } from '../../bench/section.ts';
import type { Roof } from '../../src/backend/backend.ts';

const roof: Roof = { flops: 80e9, cachedBytes: 4e9, bytes: 2e9, dispatchMs: 0.5 };
const point = (name: string, kind: string, flops: number): Point => ({ name, kind, flops, bytes: 1e6, ms: 2 });
const points = [
  point('matmul 256x256x256', 'matmul', 33e6),
  point('conv2d 1x56x56x64 -> 64, 3x3 same', 'conv2d', 231e6),
  point('conv2dGradInput 8x32x32x32 -> 64, 3x3 same', 'conv2dGradInput', 1e6),
  point('conv2dGradKernel 8x32x32x32 -> 64, 3x3 same', 'conv2dGradKernel', 302e6),
];

test('the picture names each kernel, numbers its point, and says whose roof it is', async () => {
  const { bytes, extension } = await drawRoofline('a fine adapter', roof, points);
  const svg = new TextDecoder().decode(bytes);
  expect(extension).toBe('svg');
  for (const [i, { name }] of points.entries()) {
    expect(svg).toContain(`${i + 1}  ${name.replace('>', '&gt;')}: `);
    expect(svg).toContain(`>${i + 1}</text>`);
  }
  expect(svg).toContain('a fine adapter: 80 GFLOP/s, 4 GB/s copied');
});

test('the roof rises with the bytes as far as the arithmetic', () => {
  expect(roofCorners(roof, [1, 100])).toEqual([
    [1, 4],
    [20, 80],
    [100, 80],
  ]);
  expect(roofCorners(roof, [1, 10])).toEqual([
    [1, 4],
    [10, 40],
  ]);
});

test('the least time is that of whichever binds', () => {
  expect(leastTime(roof, { flops: 80e6, bytes: 1e6 })).toEqual({ ms: 1.5, bound: 'arithmetic' });
  expect(leastTime(roof, { flops: 1e6, bytes: 8e6 })).toEqual({ ms: 2.5, bound: 'bytes' });
  // no cache holds it
  expect(leastTime(roof, { flops: 1e6, bytes: 64e6 })).toEqual({ ms: 32.5, bound: 'bytes' });
});
