// The GPU: kernels become dispatches, dispatches are recorded, records are submitted.
import { BackendError } from '../../errors.ts';
import { bytesOf, viewArray } from '../../tensor/dtype.ts';
import { sizeOf } from '../../tensor/shape.ts';
import type { Backend, BackendMemory, DType, Replay, Roof, Storage, TextStore, TypedArray, View } from '../backend.ts';
import type { KernelCall, KernelName } from '../kernels.ts';
import { binding, ours, ParameterBuffer, ScratchSpace } from './bindings.ts';
import { BufferPool, type GpuStorage, ReadBackBuffers } from './bufferPool.ts';
import { DeviceErrors, type OpenDevice, openDevice } from './device.ts';
import { kernels, waysOf } from './kernels/index.ts';
import { NotLoaded, whenLoaded } from './later.ts';
import { type LinkedDispatch, link } from './link/link.ts';
import { type Pipeline, PipelineCache } from './pipelineCache.ts';
import { Recorder } from './recorder.ts';
import { Stopwatch } from './stopwatch.ts';
import { timePieces } from './timePieces.ts';
import { TunedWays } from './tuner/tunedWays.ts';
import type { DeviceFacts, Dispatch, Resource, WebgpuKernels } from './webgpuKernel.ts';
import { WorkOrder } from './workOrder.ts';

/**
 * A backend on the adapter whose name holds `adapter`; or a sentence that says why there is none. `ways` says how kernels
 * with a choice are computed: by name, or as the tuner has measured and kept in a store; else always in the first way.
 */
export async function openWebgpuBackend(
  gpu: GPU,
  adapter: string | undefined,
  ways?: DeviceFacts['chosen'] | TextStore,
): Promise<WebgpuBackend | string> {
  const opened = await openDevice(gpu, adapter);
  if (typeof opened === 'string') return opened;
  const backend = new WebgpuBackend(opened, ways);
  await backend.tuner?.load();
  return backend;
}

export class WebgpuBackend implements Backend {
  readonly name = 'webgpu';
  readonly adapter: string;
  readonly floatDType = 'float32';
  private readonly device: GPUDevice;
  readonly facts: DeviceFacts;
  readonly tuner: TunedWays | undefined;
  private readonly errors: DeviceErrors;
  private readonly order: WorkOrder;
  private readonly pool: BufferPool;
  private readonly pipelines: PipelineCache;
  private readonly recorder: Recorder;
  private readonly readBacks: ReadBackBuffers;
  private readonly stopwatch: Stopwatch;
  private measured: Roof | null = null;

  constructor({ device, description, facts, identity }: OpenDevice, ways?: DeviceFacts['chosen'] | TextStore) {
    this.device = device;
    this.adapter = description;
    this.tuner =
      typeof ways === 'object' ? new TunedWays(this, identity, ways, (call) => waysOf(call, this.facts)) : undefined;
    const chosen = typeof ways === 'function' ? ways : (call: KernelCall) => this.tuner?.chosen(call);
    this.facts = { ...facts, chosen };
    this.errors = new DeviceErrors(device);
    this.order = new WorkOrder((error) => this.errors.blame(error));
    this.pool = new BufferPool(device);
    this.pipelines = new PipelineCache(device);
    this.recorder = new Recorder(device, this.errors);
    this.readBacks = new ReadBackBuffers(device);
    this.stopwatch = new Stopwatch(device, this.recorder);
  }

  get isClosed(): boolean {
    return this.errors.closing;
  }

  supports(dtype: DType): boolean {
    return dtype !== 'float64';
  }

  allocate(byteLength: number): GpuStorage {
    this.errors.throwIfFailed();
    const storage = this.pool.reserve(byteLength);
    this.order.take(() => {
      this.recorder.begin();
      this.pool.fill(storage);
    });
    return storage;
  }

  free(storage: Storage): void {
    const own = ours(storage);
    if (!this.pool.forget(own)) return;
    this.order.take(() => {
      this.pool.reuse(own);
      if (!this.pool.wantsTrim) return;
      this.recorder.flush();
      this.pool.trim();
    });
  }

  write(target: View, data: TypedArray): void {
    // whoever waits may write other values to the array meanwhile
    const values = this.order.isWaiting ? data.slice() : data;
    this.order.take(() => this.writeNow(target, values));
  }

  private writeNow(target: View, data: TypedArray): void {
    // writeBuffer overtakes what is recorded but not submitted
    this.recorder.flush();
    const { buffer } = ours(target.storage);
    const whole = data.byteLength - (data.byteLength % 4);
    if (whole > 0) this.device.queue.writeBuffer(buffer, target.byteOffset, data.buffer, data.byteOffset, whole);
    if (whole === data.byteLength) return;
    const tail = new Uint8Array(4);
    tail.set(new Uint8Array(data.buffer, data.byteOffset + whole, data.byteLength - whole));
    this.device.queue.writeBuffer(buffer, target.byteOffset + whole, tail);
  }

  read(source: View): Promise<TypedArray> {
    return this.order.ask(() => this.readNow(source));
  }

  private async readNow(source: View): Promise<TypedArray> {
    const size = sizeOf(source.shape);
    const bytes = Math.ceil((size * bytesOf(source.dtype)) / 4) * 4;
    if (bytes === 0) return viewArray(source.dtype, new ArrayBuffer(0), 0, 0);
    this.errors.throwIfFailed();
    this.recorder.begin();
    const staging = this.readBacks.take(bytes);
    this.recorder.copy(ours(source.storage).buffer, source.byteOffset, staging, 0, bytes);
    this.recorder.flush();
    try {
      await staging.mapAsync(GPUMapMode.READ, 0, bytes);
    } catch (cause) {
      // Why it failed is reported beside it, perhaps a turn later.
      await new Promise((resolve) => setTimeout(resolve, 0));
      await this.errors.settle();
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new BackendError(`reading a tensor back failed: ${why}`, { cause });
    }
    const copy = staging.getMappedRange(0, bytes).slice(0);
    staging.unmap();
    this.readBacks.give(staging);
    await this.errors.settle();
    return viewArray(source.dtype, copy, 0, size);
  }

  run<K extends KernelName>(call: KernelCall<K>): void {
    this.order.take(() => this.runNow(call));
  }

  private runNow(call: KernelCall): void {
    this.errors.throwIfFailed();
    const dispatches = this.plan(call);
    const scratch = new ScratchSpace((bytes) => this.pool.allocate(bytes), dispatches);
    this.recorder.begin();
    for (const dispatch of dispatches) {
      const pipeline = this.pipelines.get(dispatch.shader, dispatch.constants);
      const bind = (resource: Resource) =>
        resource instanceof Uint32Array ? this.recorder.parameterBlock(resource) : binding(resource, scratch);
      const group = this.bindGroup(pipeline, dispatch, bind);
      this.recorder.dispatch(pipeline.pipeline, group, ...fold(dispatch.workgroups));
    }
    // Later work that gets the same memory comes later in the queue.
    for (const storage of scratch.storages) this.pool.release(storage);
    if (this.recorder.isFull) this.recorder.flush();
  }

  async prepare(calls: readonly KernelCall[], results: readonly View[]): Promise<Replay> {
    const plan = (call: KernelCall) => this.plan(call);
    const linked = () => link(calls, results, this.facts, plan);
    try {
      return await this.prepareLinked(linked());
    } catch (error) {
      if (!(error instanceof NotLoaded)) throw error;
      // What the calls miss is loaded side by side.
      await Promise.all(calls.map((call) => whenLoaded(() => plan(call))));
      return this.prepareLinked(await whenLoaded(linked));
    }
  }

  prepareDispatches(dispatches: readonly Dispatch[]): Promise<Replay> {
    return this.prepareLinked(dispatches.map((dispatch) => ({ dispatch, calls: [] })));
  }

  private async prepareLinked(linked: readonly LinkedDispatch[]): Promise<Replay> {
    const dispatches = linked.map(({ dispatch }) => dispatch);
    const pipelines = await Promise.all(
      dispatches.map(({ shader, constants }) => this.pipelines.compile(shader, constants)),
    );
    // until then operands may be without a buffer
    await this.order.settle();
    this.errors.throwIfFailed();
    this.recorder.begin();
    const scratch = new ScratchSpace((bytes) => this.pool.allocate(bytes), dispatches);
    const parameters = new ParameterBuffer(this.device, dispatches);
    const recorded = dispatches.map((dispatch, i) => {
      const bind = (resource: Resource) =>
        resource instanceof Uint32Array ? parameters.binding(resource) : binding(resource, scratch);
      const [x, y] = fold(dispatch.workgroups);
      return { pipeline: pipelines[i]!.pipeline, group: this.bindGroup(pipelines[i]!, dispatch, bind), x, y };
    });
    const run = () => {
      this.errors.throwIfFailed();
      for (const { pipeline, group, x, y } of recorded) this.recorder.dispatch(pipeline, group, x, y);
      if (this.recorder.isFullOfSteps) this.recorder.flush();
    };
    return {
      dispatches: recorded.length,
      bytes: scratch.bytes + parameters.byteLength,
      run: () => this.order.take(run),
      time: (rounds) => {
        const runs = recorded.map(
          ({ pipeline, group, x, y }) =>
            () =>
              this.recorder.dispatch(pipeline, group, x, y),
        );
        return this.order.ask(() => timePieces(linked, runs, rounds, this.stopwatch));
      },
      dispose: () =>
        this.order.take(() => {
          this.recorder.flush();
          for (const storage of scratch.storages) this.pool.release(storage);
          parameters.destroy();
        }),
    };
  }

  async roof(): Promise<Roof> {
    const { calibrate } = await import('./tuner/measuring.ts');
    if (!this.measured) {
      this.measured = await calibrate(this);
      // What it copied is larger than most that a program needs again.
      this.recorder.flush();
      this.pool.trim(0);
    }
    return this.measured;
  }

  /** Milliseconds that the device takes for what `record` runs. */
  time(record: () => void): Promise<number> {
    return this.order.ask(() => this.stopwatch.time(record));
  }

  flush(): void {
    this.order.take(() => this.recorder.flush());
  }

  sync(): Promise<void> {
    return this.order.ask(async () => {
      this.recorder.flush();
      await this.device.queue.onSubmittedWorkDone();
      await this.errors.settle();
    });
  }

  memory(): BackendMemory {
    return this.pool.memory();
  }

  async close(): Promise<void> {
    this.errors.closing = true;
    await this.order.settle();
    this.recorder.flush();
    // a lost device has nothing to wait for
    if (!this.errors.isLost) await this.device.queue.onSubmittedWorkDone();
    this.device.destroy();
  }

  private plan<K extends KernelName>(call: KernelCall<K>): Dispatch[] {
    const kernel: WebgpuKernels[K] = kernels[call.kernel];
    return kernel(call, this.facts).filter(({ workgroups }) => workgroups > 0);
  }

  private bindGroup(
    pipeline: Pipeline,
    dispatch: Dispatch,
    bind: (resource: Resource) => GPUBufferBinding,
  ): GPUBindGroup {
    const entries = pipeline.slots.map(({ binding, name }) => {
      const resource = dispatch.bindings[name];
      if (!resource) throw new Error(`${dispatch.shader.name}: nothing is bound to ${name}`);
      return { binding, resource: bind(resource) };
    });
    return this.device.createBindGroup({ label: pipeline.label, layout: pipeline.layout, entries });
  }
}

/** A grid of at least `workgroups`: a dimension holds at most 65,535. */
function fold(workgroups: number): [x: number, y: number] {
  const y = Math.ceil(workgroups / 65535);
  return [Math.ceil(workgroups / y), y];
}
