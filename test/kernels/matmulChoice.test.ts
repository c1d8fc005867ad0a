// Which way of a product is taken unmeasured, by device class and size. Needs no GPU.
import { beforeAll, expect, test } from 'vitest';
import type { KernelCall } from '../../src/backend/kernels.ts';
import { kernels } from '../../src/backend/webgpu/kernels/index.ts';
import { isTunable } from '../../src/backend/webgpu/variant.ts';
import type { DeviceFacts } from '../../src/backend/webgpu/webgpuKernel.ts';
import { deviceOf as leastDeviceOf } from '../support/devices.ts';
import { loadFamilies } from '../support/families.ts';

beforeAll(loadFamilies);

/** A device of that class with more than WebGPU promises, as most have. */
const deviceOf = (name: Parameters<typeof leastDeviceOf>[0], facts: Partial<DeviceFacts> = {}) =>
  leastDeviceOf(name, { workgroupBytes: 32768, workgroupThreads: 1024, subgroupSize: 32, ...facts });

function waysOf(m: number, k: number, n: number, device: DeviceFacts): string[] {
  const view = (shape: number[]) => ({ shape, dtype: 'float32' as const, storage: { byteLength: 0 }, byteOffset: 0 });
  const sides = { transposeA: false, transposeB: false, broadcastA: false, broadcastB: false };
  const call: KernelCall<'matmul'> = {
    kernel: 'matmul',
    inputs: [view([1, m, k]), view([1, k, n])],
    outputs: [view([1, m, n])],
    attrs: { batch: 1, m, n, k, ...sides, activation: 'linear' },
  };
  const { matmul } = kernels;
  if (!isTunable(matmul)) throw new Error('matmul has no choice');
  return [...matmul.ways(call, device)].map(({ name }) => name);
}

test.each([
  ['nvidia', 2048, 'matmul_tiled BM=128 BN=128 BK=8 TM=8 TN=2 SPLITS=1'],
  ['amd', 512, 'matmul_tiled BM=64 BN=64 BK=16 TM=8 TN=2 SPLITS=1'],
  ['apple', 512, 'matmul_tiled BM=64 BN=64 BK=16 TM=8 TN=2 SPLITS=1'],
  ['intel', 512, 'matmul_tiled BM=64 BN=64 BK=16 TM=8 TN=1 SPLITS=1'],
  ['nvidia', 256, 'matmul_tiled BM=32 BN=32 BK=8 TM=4 TN=1 SPLITS=1'],
  ['unknown', 128, 'matmul TM=4 TN=2 threads=8192'],
  ['mobile', 512, 'matmul TM=4 TN=2 threads=2048'],
  ['software', 512, 'matmul TM=8 TN=2 threads=1024'],
] as const)('%s takes for %i cubed: %s', (name, size, way) => {
  expect(waysOf(size, size, size, deviceOf(name))[0]).toBe(way);
});

test('narrow products are not staged anywhere: most of a tile would be nobody’s', () => {
  for (const name of ['nvidia', 'amd', 'apple', 'intel', 'unknown'] as const)
    expect(waysOf(5408, 32, 10, deviceOf(name))[0], name).toMatch(/^matmul TM/);
});

test('only what fits the limits is offered', () => {
  const narrow = deviceOf('nvidia', { workgroupBytes: 8192, workgroupThreads: 64, subgroupSize: 0 });
  const ways = waysOf(2048, 2048, 2048, narrow);
  expect(ways[0]).toMatch(/^matmul_tiled BM=32 BN=32/);
  expect(ways.filter((way) => /BM=128|BM=64|subgroup/.test(way))).toEqual([]);
  expect(waysOf(64, 64, 64, deviceOf('nvidia', { subgroupSize: 2 })).join()).not.toMatch(/subgroup/);
});
