// Which way of a convolution is taken unmeasured, by device class and size. Needs no GPU.
import { beforeAll, expect, test } from 'vitest';
import { kernels } from '../../src/backend/webgpu/kernels/index.ts';
import { isTunable } from '../../src/backend/webgpu/variant.ts';
import type { DeviceFacts } from '../../src/backend/webgpu/webgpuKernel.ts';
import { type Convolution, fitted } from '../support/convolutions.ts';
import { deviceOf as leastDeviceOf } from '../support/devices.ts';
import { loadFamilies } from '../support/families.ts';

beforeAll(loadFamilies);

/** A device of that class with more than WebGPU promises, as most have. */
const deviceOf = (name: Parameters<typeof leastDeviceOf>[0], facts: Partial<DeviceFacts> = {}) =>
  leastDeviceOf(name, { workgroupBytes: 32768, workgroupThreads: 1024, subgroupSize: 32, ...facts });

/** Names of the ways, forward and by input and kernel. */
function waysOf({ attrs, x, kernel, y }: Convolution, device: DeviceFacts): [string[], string[], string[]] {
  const view = (shape: readonly number[]) => {
    return { shape, dtype: 'float32' as const, storage: { byteLength: 0 }, byteOffset: 0 };
  };
  const { conv2d, conv2dGradInput, conv2dGradKernel } = kernels;
  if (!isTunable(conv2d) || !isTunable(conv2dGradInput) || !isTunable(conv2dGradKernel)) throw new Error('no choice');
  const [image, weights, result] = [view(x), view(kernel), view(y)];
  const forward = { ...attrs, activation: 'linear' as const };
  const names = (ways: Iterable<{ name: string }>) => [...ways].map(({ name }) => name);
  return [
    names(conv2d.ways({ kernel: 'conv2d', inputs: [image, weights], outputs: [result], attrs: forward }, device)),
    names(
      conv2dGradInput.ways(
        { kernel: 'conv2dGradInput', inputs: [result, weights], outputs: [image], attrs: { ...attrs, shape: x } },
        device,
      ),
    ),
    names(
      conv2dGradKernel.ways(
        { kernel: 'conv2dGradKernel', inputs: [image, result], outputs: [weights], attrs: { ...attrs, shape: kernel } },
        device,
      ),
    ),
  ];
}

const layer = fitted([8, 56, 56, 64], [3, 3, 64, 64], { padding: 'same' });
const grey = fitted([32, 28, 28, 1], [3, 3, 1, 32], {});
const depthwise = fitted([1, 28, 28, 64], [3, 3, 1, 64], { groups: 64 });

test.each([
  ['nvidia', /^conv2d_\w+_workgroup BM=64 BN=64 BK=16 TM=8 TN=8/],
  ['amd', /^conv2d_\w+_workgroup BM=64 BN=64 BK=16 TM=8 TN=8/],
  ['apple', /^conv2d_\w+_workgroup BM=64 BN=64 BK=16 TM=8 TN=8/],
  ['intel', /^conv2d_\w+_workgroup BM=64 BN=64 BK=16 TM=8 TN=4/],
  ['unknown', /^conv2d_\w+_workgroup BM=32 BN=32 BK=8 TM=4 TN=4/],
  ['mobile', /^conv2d_\w+ T[QWK]=/],
] as const)('%s begins a layer between layers with %s', (name, way) => {
  for (const ways of waysOf(layer, deviceOf(name))) expect(ways[0]).toMatch(way);
});

test('where a CPU plays the GPU, subgroups share loads', () => {
  const [forward, byInput, byKernel] = waysOf(layer, deviceOf('software', { subgroupSize: 8 }));
  expect(forward[0]).toMatch(/^conv2d_forward_subgroup TQ=8 TK=2/);
  expect(byInput[0]).toMatch(/^conv2d_grad_input_subgroup TW=8 TC=2/);
  expect(byKernel[0]).toMatch(/^conv2d_grad_kernel TK/);
  const without = waysOf(layer, deviceOf('software', { subgroupSize: 0 }));
  expect(without.flat().join()).not.toMatch(/subgroup/);
});

test('few channels are not staged anywhere: most of a slab would be empty', () => {
  for (const name of ['nvidia', 'amd', 'apple', 'intel', 'unknown', 'software'] as const) {
    const [forward, byInput, byKernel] = waysOf(grey, deviceOf(name));
    expect(forward[0], name).not.toMatch(/workgroup/);
    expect(byInput[0], name).toMatch(/^conv2d_grad_input_few/);
    expect(byKernel[0], name).toMatch(/^conv2d_grad_kernel TK/);
  }
});

test('groups are the register tile’s alone', () => {
  const ways = waysOf(depthwise, deviceOf('nvidia')).flat();
  expect(ways.filter((way) => !/^conv2d_(forward|grad_input|grad_kernel) T/.test(way))).toEqual([]);
});

test('Winograd is the last of all ways, and none of few channels, of steps, or of the gradient by kernel', () => {
  for (const name of ['nvidia', 'apple', 'software', 'mobile'] as const) {
    const [forward, byInput, byKernel] = waysOf(layer, deviceOf(name));
    expect(forward.indexOf('conv2d_winograd'), name).toBe(forward.length - 1);
    expect(byInput.indexOf('conv2d_winograd'), name).toBe(byInput.length - 1);
    expect(byKernel).not.toContain('conv2d_winograd');
  }
  const others = [grey, fitted([1, 56, 56, 64], [3, 3, 64, 64], { strides: [2, 2] })];
  for (const one of others) expect(waysOf(one, deviceOf('nvidia')).flat()).not.toContain('conv2d_winograd');
});

test('results of few columns take the narrow tile', () => {
  const [forward] = waysOf(fitted([8, 56, 56, 64], [3, 3, 64, 16], { padding: 'same' }), deviceOf('nvidia'));
  expect(forward[0]).toMatch(/^conv2d_forward_workgroup BM=64 BN=16/);
});

test('only what fits the limits is offered', () => {
  const narrow = deviceOf('nvidia', { workgroupBytes: 6144, workgroupThreads: 64 });
  const ways = waysOf(layer, narrow).flat();
  expect(ways.filter((way) => /BM=128|BM=64 BN=64/.test(way))).toEqual([]);
  expect(ways[0]).toMatch(/^conv2d_forward_workgroup BM=32 BN=32/);
});
