// navigator.gpu for a program that measures its own start. Fails the program when the GPU refuses any of its work.
import { create, globals } from 'webgpu';

Object.assign(globalThis, globals);
const navigator = { gpu: create([]), userAgent: `Node ${process.version}`, hardwareConcurrency: 2 };
Object.defineProperty(globalThis, 'navigator', { value: navigator, configurable: true });

const request = GPUAdapter.prototype.requestDevice;
GPUAdapter.prototype.requestDevice = async function (descriptor) {
  const device = await request.call(this, descriptor);
  device.addEventListener('uncapturederror', ({ error }) => {
    console.error(error.message);
    process.exitCode = 1;
  });
  return device;
};
