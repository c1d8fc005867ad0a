// Devices that are not here: what a host half of a kernel would be told on them.
import { type DeviceClass, profileNamed } from '../../src/backend/webgpu/profile.ts';
import type { DeviceFacts } from '../../src/backend/webgpu/webgpuKernel.ts';

/** A device of that class with the limits that WebGPU promises everywhere. */
export function deviceOf(name: DeviceClass, facts: Partial<DeviceFacts> = {}): DeviceFacts {
  const limits = { maxBinding: 2 ** 27, workgroupBytes: 16384, workgroupThreads: 256 };
  return { ...limits, subgroupSize: name === 'software' ? 8 : 32, profile: profileNamed(name), ...facts };
}
