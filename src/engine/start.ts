// Starting and ending: the one file of the engine that names the backends.
import type { Backend, FloatDType } from '../backend/backend.ts';
import { BackendError, ValueError } from '../errors.ts';
import { platform } from '../platform/index.ts';
import { refuseUnknown } from '../tensor/options.ts';
import { livingTensors } from '../tensor/tensor.ts';
import { runningBackend, setBackend } from './runtime.ts';
import { setRandomSeed } from './seed.ts';

export interface InitOptions {
  /** `auto` (default) takes WebGPU when an adapter is found, else the CPU. WGSLGRAD_BACKEND overrides it in Node. */
  readonly backend?: 'auto' | 'webgpu' | 'cpu';
  /** The dtype of floats; `float64` on the CPU backend only. */
  readonly dtype?: FloatDType;
  /** Seeds every random generator. */
  readonly seed?: number;
  /** Part of the wanted adapter's name, when there are several. */
  readonly adapter?: string;
  /**
   * `cached` (default) computes kernels in the ways that `tuner.tune` found best on this adapter, now or in an earlier run;
   * `off` always in the same ones. WGSLGRAD_TUNER overrides it in Node.
   */
  readonly tuner?: 'cached' | 'off';
}

export interface InitResult {
  readonly backend: 'webgpu' | 'cpu';
  /** The hardware or driver in use. */
  readonly adapter: string;
  /** Why this one. */
  readonly reason: string;
}

let started: InitResult | null = null;

// A start or a close that overtook another would take the device from under it.
let lastTurn: Promise<unknown> = Promise.resolve();

/** Runs `work` after all that was asked for before it, whatever became of that. */
function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const turn = lastTurn.then(work, work);
  lastTurn = turn;
  return turn;
}

/**
 * Starts a backend. A second call with no options returns what runs; with options it closes the old backend first,
 * whose tensors cannot be used any more. Calls of init and close take effect in their order, awaited or not.
 */
export async function init(options: InitOptions = {}): Promise<InitResult> {
  check(options);
  if (options.seed !== undefined) setRandomSeed(options.seed);
  const wantsOther =
    options.backend !== undefined ||
    options.dtype !== undefined ||
    options.adapter !== undefined ||
    options.tuner !== undefined;
  return inTurn(async () => {
    if (wantsOther) await stop();
    started ??= await start(options);
    return started;
  });
}

/** What asynchronous entry points call: starts `auto` unless something runs. */
export async function ensureStarted(): Promise<void> {
  await init();
}

/**
 * Frees everything, once the work asked for is done; the next init starts anew.
 * A program that ends without it exits all the same, and drops GPU work that nobody waits for.
 */
export function close(): Promise<void> {
  return inTurn(stop);
}

async function stop(): Promise<void> {
  const backend = runningBackend();
  started = null;
  setBackend(null);
  await backend?.close();
}

/** A float64 CPU backend beside the one in use: the oracle that gradients are checked on. */
export async function openOracle(): Promise<Backend> {
  const { CpuBackend } = await import('../backend/cpu/cpuBackend.ts');
  return new CpuBackend('float64');
}

export interface MemoryInfo {
  readonly backend: 'webgpu' | 'cpu' | 'none';
  /** Tensors that hold storage. */
  readonly tensors: number;
  /** Bytes of storage in use, and the number of pieces. */
  readonly bytes: number;
  readonly buffers: number;
  /** Bytes kept for reuse. */
  readonly pooledBytes: number;
}

export function memory(): MemoryInfo {
  const backend = runningBackend();
  const held = backend?.memory() ?? { bytes: 0, buffers: 0, pooledBytes: 0 };
  return { backend: backend?.name ?? 'none', tensors: livingTensors(), ...held };
}

function check(options: InitOptions): void {
  refuseUnknown('init', options, ['backend', 'dtype', 'seed', 'adapter', 'tuner']);
  const { backend, dtype, tuner } = options;
  if (backend !== undefined && !['auto', 'webgpu', 'cpu'].includes(backend)) {
    throw new ValueError(`init: backend must be 'auto', 'webgpu' or 'cpu', got ${JSON.stringify(backend)}`);
  }
  if (tuner !== undefined && tuner !== 'cached' && tuner !== 'off') {
    throw new ValueError(`init: tuner must be 'cached' or 'off', got ${JSON.stringify(tuner)}`);
  }
  if (dtype !== undefined && dtype !== 'float32' && dtype !== 'float64') {
    throw new ValueError(`init: dtype must be 'float32' or 'float64', got ${JSON.stringify(dtype)}`);
  }
  if (dtype === 'float64' && backend !== 'cpu') {
    throw new ValueError(
      `init: float64 exists on the CPU backend only; use init({ backend: 'cpu', dtype: 'float64' })`,
    );
  }
}

async function start(options: InitOptions): Promise<InitResult> {
  const { wanted, because } = wantedBackend(options);
  if (wanted === 'cpu') return startCpu(options, because);
  const gpu = await startWebgpu(options);
  if (typeof gpu !== 'string') return use(gpu, because || 'an adapter was found');
  if (wanted === 'webgpu') throw new BackendError(`WebGPU was asked for (${because}) but cannot be used: ${gpu}`);
  // The slower backend is a surprise worth one line; the faster one is not.
  console.warn(`wgslgrad runs on the CPU: ${gpu}`);
  return startCpu(options, `no WebGPU: ${gpu}`);
}

function wantedBackend(options: InitOptions): { wanted: string; because: string } {
  const asked = options.backend ?? 'auto';
  const override = platform.env('WGSLGRAD_BACKEND');
  // float64 is only ever asked for on purpose, as the oracle
  if (override && options.dtype !== 'float64') {
    if (!['auto', 'webgpu', 'cpu'].includes(override)) {
      throw new ValueError(`WGSLGRAD_BACKEND must be auto, webgpu or cpu, got ${JSON.stringify(override)}`);
    }
    return { wanted: override, because: `WGSLGRAD_BACKEND=${override}` };
  }
  return { wanted: asked, because: asked === 'auto' ? '' : `backend: '${asked}'` };
}

async function startCpu(options: InitOptions, because: string): Promise<InitResult> {
  const { CpuBackend } = await import('../backend/cpu/cpuBackend.ts');
  return use(new CpuBackend(options.dtype ?? 'float32'), because);
}

async function startWebgpu(options: InitOptions): Promise<Backend | string> {
  const gpu = await platform.requestGpu();
  if (typeof gpu === 'string') return gpu;
  const { openWebgpuBackend } = await import('../backend/webgpu/webgpuBackend.ts');
  return openWebgpuBackend(gpu, options.adapter, usesTuner(options) ? platform.store : undefined);
}

function usesTuner(options: InitOptions): boolean {
  const override = platform.env('WGSLGRAD_TUNER');
  if (override && override !== 'cached' && override !== 'off')
    throw new ValueError(`WGSLGRAD_TUNER must be cached or off, got ${JSON.stringify(override)}`);
  return (override || options.tuner || 'cached') === 'cached';
}

function use(backend: Backend, reason: string): InitResult {
  setBackend(backend);
  return { backend: backend.name, adapter: backend.adapter, reason };
}
