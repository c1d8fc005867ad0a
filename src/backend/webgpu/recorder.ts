import type { DeviceErrors } from './device.ts';

/** Dispatches recorded before they are handed to the queue without being asked for: keeps the GPU busy while JavaScript goes on. */
const MOST_EAGER = 64;
/** The same of steps that are replayed: encoding one takes microseconds, so that the GPU does not wait for several. */
const MOST_REPLAYED = 256;

const PARAMETER_ARENA_BYTES = 64 * 1024;
const PARAMETER_ALIGNMENT = 256;

/** Gathers dispatches into one compute pass and one submit. */
export class Recorder {
  private readonly device: GPUDevice;
  private readonly errors: DeviceErrors;
  private encoder: GPUCommandEncoder | null = null;
  private pass: GPUComputePassEncoder | null = null;
  private pipeline: GPUComputePipeline | null = null;
  private recorded = 0;
  /** Where the next pass writes when it begins and ends. */
  private writes: GPUComputePassTimestampWrites | null = null;

  private readonly arena: GPUBuffer;
  private readonly parameters = new Uint32Array(PARAMETER_ARENA_BYTES / 4);
  private parameterBytes = 0;

  constructor(device: GPUDevice, errors: DeviceErrors) {
    this.device = device;
    this.errors = errors;
    this.arena = device.createBuffer({
      label: 'parameters of eager dispatches',
      size: PARAMETER_ARENA_BYTES,
      usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
    });
  }

  /** Starts recording if nothing is; every GPU object made from here to the submit is under one error scope. */
  begin(): void {
    if (this.encoder) return;
    this.device.pushErrorScope('out-of-memory');
    this.device.pushErrorScope('validation');
    this.encoder = this.device.createCommandEncoder({ label: 'wgslgrad' });
  }

  dispatch(pipeline: GPUComputePipeline, bindGroup: GPUBindGroup, x: number, y: number): void {
    this.begin();
    this.pass ??= this.encoder!.beginComputePass({
      label: 'wgslgrad',
      ...(this.writes && { timestampWrites: this.writes }),
    });
    if (pipeline !== this.pipeline) this.pass.setPipeline(pipeline);
    this.pipeline = pipeline;
    this.pass.setBindGroup(0, bindGroup);
    this.pass.dispatchWorkgroups(x, y);
    this.recorded++;
  }

  copy(source: GPUBuffer, sourceOffset: number, target: GPUBuffer, targetOffset: number, bytes: number): void {
    this.begin();
    this.endPass();
    this.encoder!.copyBufferToBuffer(source, sourceOffset, target, targetOffset, bytes);
    this.recorded++;
  }

  /** A place for the uniform block of one eager dispatch. */
  parameterBlock(values: Uint32Array): GPUBufferBinding {
    if (this.parameterBytes + values.byteLength > PARAMETER_ARENA_BYTES) this.flush();
    const offset = this.parameterBytes;
    this.parameters.set(values, offset / 4);
    this.parameterBytes += Math.ceil(values.byteLength / PARAMETER_ALIGNMENT) * PARAMETER_ALIGNMENT;
    return { buffer: this.arena, offset, size: values.byteLength };
  }

  get isFull(): boolean {
    return !this.writes && this.recorded >= MOST_EAGER;
  }

  get isFullOfSteps(): boolean {
    return !this.writes && this.recorded >= MOST_REPLAYED;
  }

  /** The dispatches of `record` as one pass of their own, whose beginning and end the device writes down. */
  timed(writes: GPUComputePassTimestampWrites, record: () => void): void {
    this.flush();
    this.writes = writes;
    try {
      record();
    } finally {
      this.writes = null;
      this.flush();
    }
  }

  flush(): void {
    if (!this.encoder) return;
    this.endPass();
    if (this.parameterBytes > 0)
      this.device.queue.writeBuffer(this.arena, 0, this.parameters, 0, this.parameterBytes / 4);
    this.device.queue.submit([this.encoder.finish()]);
    this.encoder = null;
    this.recorded = 0;
    this.parameterBytes = 0;
    this.errors.expect(this.device.popErrorScope());
    this.errors.expect(this.device.popErrorScope());
  }

  private endPass(): void {
    this.pass?.end();
    this.pass = null;
    this.pipeline = null;
  }
}
