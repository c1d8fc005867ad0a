// One Dawn for all engines, where each looks for it: navigator.gpu. And one ear for what any of them does wrong.
import { create, globals } from 'webgpu';
import { countBuffers } from './liveBytes.ts';

/** What went wrong on any device of any engine. WebGPU does not throw: refused work just does not run, and is fast. */
const errors: string[] = [];

/** Puts WebGPU where a browser has it. The object must outlive all that uses it, so it hangs on the global one. */
export function provideGpu(): void {
  Object.assign(globalThis, globals);
  const gpu = create([]);
  const navigator = { gpu, userAgent: `Node ${process.version}`, hardwareConcurrency: 2 };
  Object.defineProperty(globalThis, 'navigator', { value: navigator, configurable: true });
  listenToDevices();
  acceptSharedMemory();
  countBuffers();
}

/** Rejects when any device has reported an error. */
export async function requireNoErrors(): Promise<void> {
  // Errors are reported a turn after the wait for the work that they belong to.
  await new Promise((resolve) => setTimeout(resolve, 0));
  if (errors.length > 0) throw new Error(`WebGPU refused work, so no time can be believed:\n${errors.join('\n')}`);
}

function listenToDevices(): void {
  const request = GPUAdapter.prototype.requestDevice;
  const listening = async function (this: GPUAdapter, descriptor?: GPUDeviceDescriptor): Promise<GPUDevice> {
    const device = await request.call(this, descriptor);
    device.addEventListener('uncapturederror', ({ error }) => errors.push(`${device.label}: ${error.message}`));
    return device;
  };
  Object.assign(GPUAdapter.prototype, { requestDevice: listening });
}

/** Browsers take the shared memory of WebAssembly threads, which onnxruntime-web writes from; Dawn in Node does not. */
function acceptSharedMemory(): void {
  const write = GPUQueue.prototype.writeBuffer;
  const copying = function (this: GPUQueue, ...args: Parameters<typeof write>): void {
    const [buffer, offset, data, from = 0, size] = args;
    if (data instanceof Uint8Array && data.buffer instanceof SharedArrayBuffer)
      write.call(this, buffer, offset, data.slice(from, size === undefined ? undefined : from + size));
    else write.apply(this, args);
  };
  Object.assign(GPUQueue.prototype, { writeBuffer: copying });
}
