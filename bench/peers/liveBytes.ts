// Bytes of all GPU buffers that were made and not destroyed, whoever made them.

let bytes = 0;

export const liveBytes = (): number => bytes;

/** Starts counting; before any device is asked for a buffer. */
export function countBuffers(): void {
  const alive = new WeakSet<GPUBuffer>();
  const { createBuffer } = GPUDevice.prototype;
  const { destroy } = GPUBuffer.prototype;
  Object.assign(GPUDevice.prototype, {
    createBuffer(this: GPUDevice, descriptor: GPUBufferDescriptor): GPUBuffer {
      const buffer = createBuffer.call(this, descriptor);
      alive.add(buffer);
      bytes += buffer.size;
      return buffer;
    },
  });
  Object.assign(GPUBuffer.prototype, {
    destroy(this: GPUBuffer): undefined {
      if (alive.delete(this)) bytes -= this.size;
      return destroy.call(this);
    },
  });
}
