// What the comparison with other engines rests on, without them.
import { expect, test } from 'vitest';
import { channelsFirst, channelsLast, kernelsFirst, kernelsLast } from '../../bench/peers/engine.ts';
import { provideGpu, requireNoErrors } from '../../bench/peers/gpu.ts';
import { wanted } from '../../bench/peers/versions.ts';
import { describeGpu } from '../setup/adapters.ts';

const values = Float32Array.from({ length: 2 * 3 * 4 * 5 }, (_, i) => i);

test('images and kernels are turned for engines with channels first, and back', () => {
  const shape = [2, 3, 4, 5];
  const image = channelsFirst(values, shape);
  // n 1, h 2, w 3, c 4
  expect(image[((1 * 5 + 4) * 3 + 2) * 4 + 3]).toBe(values[((1 * 3 + 2) * 4 + 3) * 5 + 4]);
  expect(channelsLast(image, shape)).toEqual(values);
  const kernel = kernelsFirst(values, shape);
  // r 1, s 2, c 3, k 4
  expect(kernel[((4 * 4 + 3) * 2 + 1) * 3 + 2]).toBe(values[((1 * 3 + 2) * 4 + 3) * 5 + 4]);
  expect(kernelsLast(kernel, shape)).toEqual(values);
});

test('the other engines are pinned, so that a comparison can be repeated', () => {
  expect(wanted().map(([name]) => name)).toContain('@tensorflow/tfjs');
  expect(wanted().filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
});

describeGpu('on a GPU', () => {
  test('what any engine does wrong fails the comparison', async () => {
    provideGpu();
    const adapter = await navigator.gpu.requestAdapter();
    const device = await adapter!.requestDevice({ label: 'rival' });
    await requireNoErrors();
    device.createBuffer({ size: 16, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.STORAGE });
    await device.queue.onSubmittedWorkDone();
    await expect(requireNoErrors()).rejects.toThrow(/no time can be believed:\nrival: /);
    device.destroy();
  });
});
