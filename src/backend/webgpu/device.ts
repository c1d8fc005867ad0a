import { BackendError } from '../../errors.ts';
import { profileOf } from './profile.ts';
import type { DeviceFacts } from './webgpuKernel.ts';

export interface OpenDevice {
  readonly device: GPUDevice;
  /** For people: vendor, architecture and driver, and whether software plays the GPU. */
  readonly description: string;
  readonly facts: DeviceFacts;
  readonly identity: AdapterIdentity;
}

/** What a measurement holds for: another driver, feature or limit may make another way the best. */
export interface AdapterIdentity {
  readonly adapter: string;
  readonly features: readonly string[];
  readonly limits: Readonly<Record<string, number>>;
}

const wantedFeatures: readonly GPUFeatureName[] = ['timestamp-query', 'subgroups', 'shader-f16'];

const wantedLimits = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxStorageBuffersPerShaderStage',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
  'maxComputeWorkgroupSizeY',
  'maxComputeWorkgroupStorageSize',
] as const;

/** The adapter whose name holds `name`, with all the limits and features it has; or a sentence that says why not. */
export async function openDevice(gpu: GPU, name: string | undefined): Promise<OpenDevice | string> {
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) return 'no adapter was found (no GPU, or no driver for it)';
  const description = describe(adapter.info);
  if (name && !description.toLowerCase().includes(name.toLowerCase()))
    return `the adapter is ${description}, not ${name}`;
  const device = await adapter.requestDevice({
    label: 'wgslgrad',
    requiredFeatures: wantedFeatures.filter((feature) => adapter.features.has(feature)),
    requiredLimits: Object.fromEntries(wantedLimits.map((limit) => [limit, adapter.limits[limit]])),
  });
  const facts = {
    maxBinding: Math.floor(device.limits.maxStorageBufferBindingSize / 1024) * 1024,
    workgroupBytes: device.limits.maxComputeWorkgroupStorageSize,
    workgroupThreads: device.limits.maxComputeInvocationsPerWorkgroup,
    subgroupSize: subgroupSize(device, adapter.info),
    profile: profileOf(adapter.info),
  };
  return { device, description, facts, identity: identityOf(device, adapter.info) };
}

function identityOf({ features, limits }: GPUDevice, info: GPUAdapterInfo): AdapterIdentity {
  return {
    adapter: [info.vendor, info.architecture, info.device, info.description].join('|'),
    features: wantedFeatures.filter((feature) => features.has(feature)).sort(),
    limits: {
      ...Object.fromEntries(wantedLimits.map((limit) => [limit, limits[limit]])),
      subgroupMinSize: info.subgroupMinSize,
      subgroupMaxSize: info.subgroupMaxSize,
    },
  };
}

function subgroupSize({ features }: GPUDevice, { subgroupMinSize, subgroupMaxSize }: GPUAdapterInfo): number {
  return features.has('subgroups') && subgroupMinSize === subgroupMaxSize ? subgroupMinSize : 0;
}

function describe(info: GPUAdapterInfo): string {
  const text = [info.vendor, info.architecture, info.description || info.device].filter(Boolean).join(' ');
  return `${text || 'an adapter without a name'}${profileOf(info).class === 'software' ? ' (software)' : ''}`;
}

/**
 * Collects what WebGPU reports when nobody listens: a validation error does not throw, the work just does not run.
 * The next wait for a result rejects with it, once: after that the program may go on with what is still good, say to save
 * its weights. A lost device stays lost.
 */
export class DeviceErrors {
  private failure: Error | null = null;
  private lost: BackendError | null = null;
  private readonly pending: Promise<void>[] = [];

  constructor(device: GPUDevice) {
    device.addEventListener('uncapturederror', (event) => this.report(event.error));
    void device.lost.then((info) => {
      if (info.reason === 'destroyed' && this.closing) return;
      this.lost = new BackendError(
        `the GPU device was lost (${info.message || info.reason}): call close() and init(), then continue from the last saved weights`,
      );
    });
  }

  /** Set when the backend itself destroys the device. */
  closing = false;

  get isLost(): boolean {
    return this.lost !== null;
  }

  report(error: GPUError): void {
    // Running out of memory is the cause of the validation errors that come with it.
    if (error instanceof GPUOutOfMemoryError) this.failure = outOfMemory(error);
    else this.failure ??= new BackendError(`WebGPU refused work: ${error.message}`, { cause: error });
  }

  /** Of work that could not even be given to the device. */
  blame(error: unknown): void {
    this.failure ??= error instanceof Error ? error : new BackendError(String(error), { cause: error });
  }

  /** Remembers an error scope that was popped but has not answered yet. */
  expect(scope: Promise<GPUError | null>): void {
    const settled = scope.then(
      (error) => {
        if (error) this.report(error);
      },
      // the device is gone: device.lost says so better
      () => {},
    );
    this.pending.push(settled);
  }

  throwIfFailed(): void {
    if (this.lost) throw this.lost;
    const { failure } = this;
    this.failure = null;
    if (failure) throw failure;
  }

  async settle(): Promise<void> {
    await Promise.all(this.pending.splice(0));
    this.throwIfFailed();
  }
}

function outOfMemory(error: GPUError): BackendError {
  return new BackendError(`the GPU is out of memory: use a smaller batch or dispose of tensors (${error.message})`, {
    cause: error,
  });
}
