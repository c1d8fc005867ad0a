// WebGPU does not throw: what goes wrong on the device must reach the next wait for a result, as an error that says what to do.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import * as w from '../../src/index.ts';
import { platform } from '../../src/platform/index.ts';
import { describeGpu } from '../setup/adapters.ts';

describeGpu('errors of the device', () => {
  let device: GPUDevice;

  beforeEach(async () => {
    const gpu = await platform.requestGpu();
    if (typeof gpu === 'string') throw new Error(gpu);
    // the only way to the device that the engine opens is to stand beside it when it asks
    const requestAdapter = gpu.requestAdapter.bind(gpu);
    vi.spyOn(gpu, 'requestAdapter').mockImplementation(async (options) => {
      const adapter = (await requestAdapter(options))!;
      const requestDevice = adapter.requestDevice.bind(adapter);
      vi.spyOn(adapter, 'requestDevice').mockImplementation(async (descriptor) => {
        device = await requestDevice(descriptor);
        return device;
      });
      return adapter;
    });
    await w.init({ backend: 'webgpu' });
  });

  afterEach(async () => {
    await w.close();
    vi.restoreAllMocks();
  });

  test('a lost device rejects the next wait with what to do, and init starts anew', async () => {
    const x = w.ones([4]);
    device.destroy();
    await expect(w.add(x, 1).data()).rejects.toThrow(w.BackendError);
    await expect(x.data()).rejects.toThrow(/device was lost.*call close\(\) and init\(\)/);
    await w.close();
    await w.init({ backend: 'webgpu' });
    expect(await w.add(w.ones([2]), 1).array()).toEqual([2, 2]);
  });

  test('a validation error rejects the next wait once; what was good can still be read', async () => {
    const good = w.ones([3]);
    await good.data();
    device.createBuffer({ size: 16, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.STORAGE });
    await vi.waitFor(() => expect(() => w.add(good, 1)).toThrow(/WebGPU refused work/), { timeout: 60_000 });
    expect(Array.from(await good.data())).toEqual([1, 1, 1]);
  });

  test('more than one buffer holds is refused with both sizes', () => {
    const before = w.memory().buffers;
    expect(() => w.zeros([2 ** 31])).toThrow(/tensor of 8589934592 bytes is above what this adapter can hold/);
    expect(w.memory().buffers).toBe(before);
  });
});
