import type { Recorder } from './recorder.ts';

/** Times work on the device: by the device's own clock where it has one, else by ours around the wait for the result. */
export class Stopwatch {
  private readonly device: GPUDevice;
  private readonly recorder: Recorder;

  constructor(device: GPUDevice, recorder: Recorder) {
    this.device = device;
    this.recorder = recorder;
  }

  /** Whose time it tells. */
  get clock(): 'device' | 'program' {
    return this.device.features.has('timestamp-query') ? 'device' : 'program';
  }

  /** Milliseconds that the device takes for the dispatches of `record`. */
  async time(record: () => void): Promise<number> {
    const { queue } = this.device;
    this.recorder.flush();
    await queue.onSubmittedWorkDone();
    const clock = this.clock === 'device' ? new DeviceClock(this.device) : null;
    const start = performance.now();
    if (clock) this.recorder.timed(clock.writes, record);
    else record();
    this.recorder.flush();
    await queue.onSubmittedWorkDone();
    const waited = performance.now() - start;
    const ticked = await clock?.read();
    // A clock that stands still has none, and nothing took longer than we waited for it.
    return ticked ? Math.min(ticked, waited) : waited;
  }
}

/** Two timestamps of one pass. */
class DeviceClock {
  readonly writes: GPUComputePassTimestampWrites;
  private readonly device: GPUDevice;
  private readonly querySet: GPUQuerySet;

  constructor(device: GPUDevice) {
    this.device = device;
    this.querySet = device.createQuerySet({ label: 'stopwatch', type: 'timestamp', count: 2 });
    this.writes = { querySet: this.querySet, beginningOfPassWriteIndex: 0, endOfPassWriteIndex: 1 };
  }

  /** Milliseconds between them, once the pass is done; the clock is used up. */
  async read(): Promise<number> {
    const make = (usage: number) => this.device.createBuffer({ label: 'stopwatch', size: 16, usage });
    const ticks = make(GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC);
    const copy = make(GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST);
    const encoder = this.device.createCommandEncoder({ label: 'stopwatch' });
    encoder.resolveQuerySet(this.querySet, 0, 2, ticks, 0);
    encoder.copyBufferToBuffer(ticks, 0, copy, 0, 16);
    this.device.queue.submit([encoder.finish()]);
    await copy.mapAsync(GPUMapMode.READ);
    const [begin = 0n, end = 0n] = new BigUint64Array(copy.getMappedRange());
    for (const used of [this.querySet, ticks, copy]) used.destroy();
    return Number(end - begin) / 1e6;
  }
}
