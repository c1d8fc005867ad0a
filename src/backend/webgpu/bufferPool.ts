import { BackendError } from '../../errors.ts';
import type { BackendMemory, Storage } from '../backend.ts';

/** GPU memory: of the size class of what was asked for. */
export class GpuStorage implements Storage {
  readonly byteLength: number;
  /** Who asked for the memory has it at once, the buffer comes in the order of the work: see BufferPool.fill. */
  private given: GPUBuffer | null = null;

  constructor(byteLength: number) {
    this.byteLength = byteLength;
  }

  get buffer(): GPUBuffer {
    if (this.given) return this.given;
    throw new Error('memory was used that has no buffer yet');
  }

  set buffer(buffer: GPUBuffer) {
    this.given = buffer;
  }
}

/** Two to this power are the sizes between a power of two and the next: an eighth at most is wasted. */
const CLASSES_BITS = 3;

/** Free buffers above this many bytes are destroyed, the largest first. */
const MOST_POOLED_BYTES = 256 * 2 ** 20;

/** Buffers by size class, so that a program that makes tensors of changing sizes still reuses them. */
export class BufferPool {
  private readonly device: GPUDevice;
  private readonly free = new Map<number, GPUBuffer[]>();
  private readonly living = new Set<GpuStorage>();
  private bytes = 0;
  private pooledBytes = 0;

  constructor(device: GPUDevice) {
    this.device = device;
  }

  allocate(byteLength: number): GpuStorage {
    const storage = this.reserve(byteLength);
    this.fill(storage);
    return storage;
  }

  /** Memory that counts from now on, without a buffer. */
  reserve(byteLength: number): GpuStorage {
    const maxBufferSize = Math.floor(this.device.limits.maxBufferSize / 256) * 256;
    if (byteLength > maxBufferSize) {
      throw new BackendError(
        `a tensor of ${byteLength} bytes is above what this adapter can hold in one buffer (${maxBufferSize} bytes)`,
      );
    }
    const size = Math.min(sizeClass(byteLength), maxBufferSize);
    const storage = new GpuStorage(size);
    this.living.add(storage);
    this.bytes += size;
    return storage;
  }

  fill(storage: GpuStorage): void {
    const size = storage.byteLength;
    const kept = this.free.get(size)?.pop();
    if (kept) this.pooledBytes -= size;
    storage.buffer = kept ?? this.create(size);
  }

  release(storage: GpuStorage): void {
    if (this.forget(storage)) this.reuse(storage);
  }

  /** Memory that counts no more, though its buffer may be in use; false when it was forgotten before. */
  forget(storage: GpuStorage): boolean {
    if (!this.living.delete(storage)) return false;
    this.bytes -= storage.byteLength;
    return true;
  }

  /** Whoever asks next may have the buffer. */
  reuse({ buffer }: GpuStorage): void {
    this.pooledBytes += buffer.size;
    const list = this.free.get(buffer.size);
    if (list) list.push(buffer);
    else this.free.set(buffer.size, [buffer]);
  }

  /** Destroys free buffers beyond what is worth keeping. Nothing recorded may be unsubmitted when it is called. */
  trim(most = MOST_POOLED_BYTES): void {
    for (const size of [...this.free.keys()].sort((a, b) => b - a)) {
      const list = this.free.get(size)!;
      while (this.pooledBytes > most && list.length > 0) {
        list.pop()!.destroy();
        this.pooledBytes -= size;
      }
    }
  }

  get wantsTrim(): boolean {
    return this.pooledBytes > MOST_POOLED_BYTES;
  }

  memory(): BackendMemory {
    return { bytes: this.bytes, buffers: this.living.size, pooledBytes: this.pooledBytes };
  }

  private create(size: number): GPUBuffer {
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
    return this.device.createBuffer({ label: `storage ${size}`, size, usage });
  }
}

/** A training run reads the same few numbers again and again: small buffers that the host can map are kept for it. */
const LARGEST_KEPT = 64 * 1024;
const MOST_KEPT = 8;

/** Buffers that results are copied to for the host to read. */
export class ReadBackBuffers {
  private readonly device: GPUDevice;
  private readonly kept: GPUBuffer[] = [];

  constructor(device: GPUDevice) {
    this.device = device;
  }

  /** A buffer of at least `bytes`, not mapped. */
  take(bytes: number): GPUBuffer {
    const fits = this.kept.findIndex(({ size }) => size >= bytes);
    if (fits >= 0) return this.kept.splice(fits, 1)[0]!;
    const usage = GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST;
    return this.device.createBuffer({ label: `read-back ${bytes}`, size: bytes, usage });
  }

  give(buffer: GPUBuffer): void {
    if (buffer.size <= LARGEST_KEPT && this.kept.length < MOST_KEPT) this.kept.push(buffer);
    else buffer.destroy();
  }
}

/** The next power of two, or three quarters of it: at most a third is wasted. */
function sizeClass(byteLength: number): number {
  const step = Math.max(256, 2 ** (Math.ceil(Math.log2(Math.max(byteLength, 256))) - CLASSES_BITS - 1));
  return Math.max(256, Math.ceil(byteLength / step) * step);
}
