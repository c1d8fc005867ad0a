// Memory of a list of dispatches beside its tensors, and what each of their variables is bound to.
import { BackendError } from '../../errors.ts';
import { bytesOf } from '../../tensor/dtype.ts';
import { sizeOf } from '../../tensor/shape.ts';
import { STORAGE_ALIGNMENT, type Storage } from '../backend.ts';
import { GpuStorage } from './bufferPool.ts';
import type { Dispatch, Resource } from './webgpuKernel.ts';

/** The scratch memory of a list of dispatches: one buffer for each index, as large as its largest use. */
export class ScratchSpace {
  private readonly byIndex = new Map<number, GpuStorage>();

  constructor(allocate: (bytes: number) => GpuStorage, dispatches: readonly Dispatch[]) {
    const sizes = new Map<number, number>();
    for (const { bindings } of dispatches) {
      for (const resource of Object.values(bindings)) {
        if (!('scratch' in resource)) continue;
        const end = (resource.byteOffset ?? 0) + resource.byteLength;
        sizes.set(resource.scratch, Math.max(sizes.get(resource.scratch) ?? 0, end));
      }
    }
    for (const [index, bytes] of sizes) this.byIndex.set(index, allocate(bytes));
  }

  get bytes(): number {
    return [...this.storages].reduce((total, { byteLength }) => total + byteLength, 0);
  }

  get storages(): Iterable<GpuStorage> {
    return this.byIndex.values();
  }

  at(index: number): GpuStorage {
    return this.byIndex.get(index)!;
  }
}

/** The uniform blocks of a prepared list of dispatches, written once. */
export class ParameterBuffer {
  private readonly buffer: GPUBuffer | null = null;
  private readonly offsets = new Map<Uint32Array, number>();

  constructor(device: GPUDevice, dispatches: readonly Dispatch[]) {
    let bytes = 0;
    for (const { bindings } of dispatches) {
      for (const resource of Object.values(bindings)) {
        if (!(resource instanceof Uint32Array)) continue;
        this.offsets.set(resource, bytes);
        bytes += Math.ceil(resource.byteLength / 256) * 256;
      }
    }
    if (bytes === 0) return;
    this.buffer = device.createBuffer({
      label: 'parameters of a replay',
      size: bytes,
      usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
    });
    for (const [values, offset] of this.offsets)
      device.queue.writeBuffer(this.buffer, offset, values.buffer, values.byteOffset, values.byteLength);
  }

  get byteLength(): number {
    return this.buffer?.size ?? 0;
  }

  binding(values: Uint32Array): GPUBufferBinding {
    return { buffer: this.buffer!, offset: this.offsets.get(values)!, size: values.byteLength };
  }

  destroy(): void {
    this.buffer?.destroy();
  }
}

export function binding(resource: Exclude<Resource, Uint32Array>, scratch: ScratchSpace): GPUBufferBinding {
  if ('scratch' in resource)
    return {
      buffer: scratch.at(resource.scratch).buffer,
      offset: resource.byteOffset ?? 0,
      size: aligned(resource.byteLength),
    };
  if ('view' in resource) {
    const { view, byteOffset, byteLength } = resource;
    return { buffer: ours(view.storage).buffer, offset: view.byteOffset + byteOffset, size: aligned(byteLength) };
  }
  const bytes = sizeOf(resource.shape) * bytesOf(resource.dtype);
  return { buffer: ours(resource.storage).buffer, offset: resource.byteOffset, size: aligned(bytes) };
}

function aligned(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / STORAGE_ALIGNMENT)) * STORAGE_ALIGNMENT;
}

export function ours(storage: Storage): GpuStorage {
  if (storage instanceof GpuStorage) return storage;
  throw new BackendError('a tensor of another backend reached the GPU');
}
