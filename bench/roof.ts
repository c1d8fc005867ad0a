// What this adapter can do at most: multiply-adds and bytes a second, and what a dispatch costs. Every figure of the bench is
// held against these.
import { DeviceErrors, openDevice } from '../src/backend/webgpu/device.ts';
import { platform } from '../src/platform/index.ts';
import { rounded } from './arithmetic.ts';
import { copyShader, multiplyAddShader, nothingShader, type RoofShader } from './roofShaders.ts';

export interface Roof {
  /** 10⁹ floating-point operations a second; a multiply-add is two. */
  readonly gflops: number;
  /** 10⁹ bytes a second, read and written, from one large buffer to another. */
  readonly gbps: number;
  /** Microseconds of one dispatch among many in a pass. */
  readonly dispatchUs: number;
  /** Each variant that was tried. The roofs are the best of them. */
  readonly tried: Readonly<Record<string, number>>;
}

export interface Cost {
  readonly flops: number;
  readonly bytes: number;
}

const COPIED_BYTES = 64 * 2 ** 20;
const ROUNDS = 11;
/** A run lasts at least this long, so that starting it does not count. */
const SHORTEST_MS = 25;
const MANY_DISPATCHES = 1000;

/** The least milliseconds that the roofs allow for so much work, and which of them it is. */
export function leastTime(
  roof: Roof,
  { flops, bytes }: Cost,
): { readonly ms: number; readonly bound: 'arithmetic' | 'bytes' } {
  const arithmetic = flops / roof.gflops / 1e6;
  const moving = bytes / roof.gbps / 1e6;
  return arithmetic >= moving ? { ms: arithmetic, bound: 'arithmetic' } : { ms: moving, bound: 'bytes' };
}

/** Measures the roofs on a device of its own; what is computed is checked. Throws where there is no WebGPU. */
export async function measureRoof(): Promise<Roof> {
  const gpu = await platform.requestGpu();
  if (typeof gpu === 'string') throw new Error(gpu);
  const opened = await openDevice(gpu, undefined);
  if (typeof opened === 'string') throw new Error(opened);
  const { device } = opened;
  const bench = new RoofBench(device);
  const tried: Record<string, number> = {};
  const arithmetic: number[] = [];
  for (const [accumulators, type] of [
    [8, 'f32'],
    [16, 'f32'],
    [4, 'vec4f'],
    [8, 'vec4f'],
  ] as const) {
    const gflops = await bench.multiplyAdds(accumulators, type);
    tried[`GFLOP/s, ${accumulators} accumulators of ${type}`] = rounded(gflops);
    arithmetic.push(gflops);
  }
  const copies: number[] = [];
  for (const type of ['f32', 'vec4f'] as const) {
    const gbps = await bench.copies(type);
    tried[`GB/s, copy by ${type}`] = rounded(gbps);
    copies.push(gbps);
  }
  const dispatchUs = await bench.dispatches();
  device.destroy();
  return { gflops: Math.max(...arithmetic), gbps: Math.max(...copies), dispatchUs, tried };
}

class RoofBench {
  private readonly device: GPUDevice;
  private readonly errors: DeviceErrors;
  private readonly buffers: readonly GPUBuffer[];

  constructor(device: GPUDevice) {
    this.device = device;
    this.errors = new DeviceErrors(device);
    this.errors.closing = true;
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
    this.buffers = [0, 1].map(() => device.createBuffer({ size: COPIED_BYTES, usage }));
  }

  async multiplyAdds(accumulators: number, type: 'f32' | 'vec4f'): Promise<number> {
    const shader = multiplyAddShader(accumulators, type);
    // a = a / 2 + 3, again and again, is 6 in the end wherever it began.
    for (let loops = 16; ; loops *= 2) {
      this.write([0.5, 3, loops]);
      const ms = await this.time(shader, 1);
      if (ms < SHORTEST_MS) continue;
      await this.expect(6 * accumulators * (type === 'vec4f' ? 4 : 1));
      return (shader.flopsALoop * loops) / ms / 1e6;
    }
  }

  async copies(type: 'f32' | 'vec4f'): Promise<number> {
    const shader = copyShader(type, COPIED_BYTES);
    this.write([7]);
    const ms = await this.time(shader, 2);
    await this.expect(7);
    return (2 * COPIED_BYTES) / ms / 1e6;
  }

  async dispatches(): Promise<number> {
    this.write([8]);
    const ms = await this.time(nothingShader, MANY_DISPATCHES);
    await this.expect(8);
    return 1000 * ms;
  }

  /** Milliseconds of one dispatch of so many in a pass. The least: a roof is what can be had undisturbed. */
  private async time(shader: RoofShader, times: number): Promise<number> {
    const module = this.device.createShaderModule({ code: shader.text });
    const pipeline = await this.device.createComputePipelineAsync({ layout: 'auto', compute: { module } });
    const entries = this.buffers.map((buffer, binding) => ({ binding, resource: { buffer } }));
    const group = this.device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
    const samples: number[] = [];
    for (let round = -1; round < ROUNDS; round++) {
      const begin = performance.now();
      const encoder = this.device.createCommandEncoder();
      const pass = encoder.beginComputePass();
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, group);
      for (let i = 0; i < times; i++) pass.dispatchWorkgroups(shader.workgroups);
      pass.end();
      this.device.queue.submit([encoder.finish()]);
      await this.device.queue.onSubmittedWorkDone();
      await this.errors.settle();
      if (round >= 0) samples.push((performance.now() - begin) / times);
    }
    return Math.min(...samples);
  }

  private write(numbers: readonly number[]): void {
    this.device.queue.writeBuffer(this.buffers[0]!, 0, new Float32Array(numbers));
  }

  /** Throws unless the first element of the result is this, and forgets it. */
  private async expect(wanted: number): Promise<void> {
    const [, result] = this.buffers;
    const staging = this.device.createBuffer({ size: 4, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
    const encoder = this.device.createCommandEncoder();
    encoder.copyBufferToBuffer(result!, 0, staging, 0, 4);
    encoder.clearBuffer(result!, 0, 4);
    this.device.queue.submit([encoder.finish()]);
    await staging.mapAsync(GPUMapMode.READ);
    const [found] = new Float32Array(staging.getMappedRange().slice(0));
    staging.destroy();
    await this.errors.settle();
    if (found !== wanted) throw new Error(`a roof was measured wrong: ${found} was computed instead of ${wanted}`);
  }
}
