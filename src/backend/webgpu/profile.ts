// What is believed of a device before anything is measured on it: which way of a kernel to begin with.

export type DeviceClass = 'apple' | 'nvidia' | 'amd' | 'intel' | 'mobile' | 'software' | 'unknown';

export interface Profile {
  readonly class: DeviceClass;
  /** Whether somebody measured these figures on such a device; the others are from the literature (see docs/performance.md). */
  readonly measured: boolean;
  /** Threads that keep it busy: below, long sums are split. */
  readonly threads: number;
  /** Accumulators of a thread, in floats, above which registers spill or too few threads fit. */
  readonly accumulators: number;
  /** Whether staging operands in workgroup memory pays. */
  readonly workgroupTiles: boolean;
  /** Whether handing operands round a subgroup pays. */
  readonly subgroupBroadcast: boolean;
  /** What a load costs, in multiply-adds of a scalar: from storage through caches, and from workgroup memory. */
  readonly loadCost: number;
  readonly sharedLoadCost: number;
}

const portable: Profile = {
  class: 'unknown',
  measured: false,
  threads: 8192,
  accumulators: 32,
  workgroupTiles: true,
  subgroupBroadcast: false,
  loadCost: 4,
  sharedLoadCost: 2,
};

const profiles: Readonly<Record<DeviceClass, Profile>> = {
  unknown: portable,
  // 8 to 10 cores of 128 lanes; workgroup memory is narrow, so register tiles are large
  apple: { ...portable, class: 'apple', threads: 8192, accumulators: 64 },
  // 28 and more multiprocessors, each with 512 and more threads in flight
  nvidia: { ...portable, class: 'nvidia', threads: 16384, accumulators: 64 },
  amd: { ...portable, class: 'amd', threads: 16384, accumulators: 64 },
  // few registers a thread
  intel: { ...portable, class: 'intel', threads: 4096, accumulators: 32 },
  // workgroup memory is ordinary memory on Mali
  mobile: { ...portable, class: 'mobile', threads: 2048, accumulators: 32, workgroupTiles: false },
  // accumulators live in the first cache; workgroup memory is the heap, and a barrier a coroutine
  software: {
    class: 'software',
    measured: true,
    threads: 2048,
    accumulators: 96,
    workgroupTiles: false,
    subgroupBroadcast: true,
    loadCost: 12,
    sharedLoadCost: 2,
  },
};

const patterns: readonly (readonly [RegExp, DeviceClass])[] = [
  [/llvmpipe|lavapipe|swiftshader|software|basic render/i, 'software'],
  [/apple/i, 'apple'],
  [/nvidia|geforce/i, 'nvidia'],
  [/\bamd\b|radeon|\bati\b/i, 'amd'],
  [/intel/i, 'intel'],
  [/qualcomm|adreno|\barm\b|mali|img-tec|powervr/i, 'mobile'],
];

/** The profile of an adapter by what it says of itself. */
export function profileOf({ vendor, architecture, device, description }: GPUAdapterInfo): Profile {
  const text = `${vendor} ${architecture} ${device} ${description}`;
  const found = patterns.find(([pattern]) => pattern.test(text));
  return profiles[found?.[1] ?? 'unknown'];
}

/** A profile by name, for tests of every choice that it leads to. */
export function profileNamed(name: DeviceClass): Profile {
  return profiles[name];
}
