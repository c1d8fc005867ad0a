// What is really asked of the GPU, counted where it is asked, whatever the engine believes of itself. These counts do not
// depend on the machine, so tests hold them to exact bounds.

export interface Ledger {
  readonly dispatches: number;
  readonly submits: number;
  /** Bytes of all buffers bound to each dispatch, summed. */
  readonly bytesBound: number;
  readonly buffers: number;
  readonly bindGroups: number;
  readonly pipelines: number;
  /** Buffers mapped to be read. */
  readonly readBacks: number;
  readonly uploads: number;
  readonly uploadedBytes: number;
}

type Counts = { -readonly [Name in keyof Ledger]: number };

const nothing = (): Counts => ({
  dispatches: 0,
  submits: 0,
  bytesBound: 0,
  buffers: 0,
  bindGroups: 0,
  pipelines: 0,
  readBacks: 0,
  uploads: 0,
  uploadedBytes: 0,
});

export interface OpenLedger {
  /** What was asked since it was opened or last reset. */
  read(): Ledger;
  /** The same, a unit of so many. */
  perUnit(units: number): Ledger;
  reset(): void;
  close(): void;
}

/** Starts counting. The classes that it watches exist once WebGPU was started. */
export function openLedger(): OpenLedger {
  let counts = nothing();
  const bytesOf = new WeakMap<GPUBindGroup, number>();
  const bound = new WeakMap<GPUComputePassEncoder, number>();
  const undo = [
    watch(GPUDevice.prototype, 'createBuffer', () => counts.buffers++),
    watch(GPUDevice.prototype, 'createComputePipeline', () => counts.pipelines++),
    watch(GPUDevice.prototype, 'createComputePipelineAsync', () => counts.pipelines++),
    watch(GPUDevice.prototype, 'createBindGroup', ([descriptor], group) => {
      counts.bindGroups++;
      bytesOf.set(group, bytesIn(descriptor));
    }),
    watch(GPUComputePassEncoder.prototype, 'setBindGroup', ([, group], _, pass) => {
      if (group) bound.set(pass, bytesOf.get(group) ?? 0);
    }),
    watch(GPUComputePassEncoder.prototype, 'dispatchWorkgroups', (_, __, pass) => {
      counts.dispatches++;
      counts.bytesBound += bound.get(pass) ?? 0;
    }),
    watch(GPUQueue.prototype, 'submit', () => counts.submits++),
    watch(GPUQueue.prototype, 'writeBuffer', ([, , data, , size]) => {
      counts.uploads++;
      counts.uploadedBytes += size ?? data.byteLength;
    }),
    watch(GPUBuffer.prototype, 'mapAsync', () => counts.readBacks++),
  ];
  return {
    read: () => ({ ...counts }),
    perUnit: (units) => ({
      dispatches: counts.dispatches / units,
      submits: counts.submits / units,
      bytesBound: Math.round(counts.bytesBound / units),
      buffers: counts.buffers / units,
      bindGroups: counts.bindGroups / units,
      pipelines: counts.pipelines / units,
      readBacks: counts.readBacks / units,
      uploads: counts.uploads / units,
      uploadedBytes: Math.round(counts.uploadedBytes / units),
    }),
    reset() {
      counts = nothing();
    },
    close() {
      for (const one of undo) one();
    },
  };
}

function bytesIn({ entries }: GPUBindGroupDescriptor): number {
  let bytes = 0;
  for (const { resource } of entries) if ('buffer' in resource) bytes += resource.size ?? resource.buffer.size;
  return bytes;
}

/** Calls `see` after each call of a method; returns what undoes that. */
function watch<T extends object, Name extends keyof T>(
  prototype: T,
  name: Name,
  see: T[Name] extends (...args: infer Args) => infer Result ? (args: Args, result: Result, self: T) => void : never,
): () => void {
  const original = prototype[name];
  if (typeof original !== 'function') throw new Error(`there is no ${String(name)} to watch`);
  const watched = function (this: T, ...args: unknown[]): unknown {
    const result: unknown = original.apply(this, args);
    Reflect.apply(see, undefined, [args, result, this]);
    return result;
  };
  Object.assign(prototype, { [name]: watched });
  return () => {
    Object.assign(prototype, { [name]: original });
  };
}
