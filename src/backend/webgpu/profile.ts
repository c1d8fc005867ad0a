// What is believed of a device before anything is measured on it: which way of a kernel to begin with.

export type DeviceClass = 'apple' | 'nvidia' | 'amd' | 'intel' | 'mobile' | 'software' | 'unknown';

export interface Profile {
  readonly class: DeviceClass;
  /** Whether somebody measured these figures on such a device; the others are from the literature, as said beside each. */
  readonly measured: boolean;
  /** Threads that keep it busy: below, long sums are split. */
  readonly threads: number;
  /** Accumulators of a thread, in floats, above which registers spill or too few threads fit. */
  readonly accumulators: number;
  /** Whether staging operands in workgroup memory pays. */
  readonly workgroupTiles: boolean;
  /** What a load costs, in multiply-adds of a scalar: from storage through caches, and from workgroup memory. */
  readonly loadCost: number;
  readonly sharedLoadCost: number;
}

/**
 * ggml's portable tile (32 x 32, 4 x 4 a thread) has 16 accumulators, those of MLX and CUTLASS have 64; half of that is taken
 * to spill nowhere. 32 cores with 256 threads each, where the number of cores is not known. NVIDIA's workgroup memory gives
 * 128 bytes a clock to 128 lanes, so a vector for each costs 16 multiply-adds, and a quarter of that where lanes share it, as
 * they do in a tile; storage in the first cache is taken to cost twice as much.
 */
const portable: Profile = {
  class: 'unknown',
  measured: false,
  threads: 8192,
  accumulators: 32,
  workgroupTiles: true,
  loadCost: 8,
  sharedLoadCost: 4,
};

const profiles: Readonly<Record<DeviceClass, Profile>> = {
  unknown: portable,
  // 8 to 10 cores of 128 lanes. 8 x 8 tiles are what MLX takes, and the WGSL port of Boehm's kernels that came to 67 to 72 %
  // of an M2's peak; both keep operands in registers, since threadgroup memory is narrower than NVIDIA's.
  apple: { ...portable, class: 'apple', threads: 8192, accumulators: 64, sharedLoadCost: 6 },
  // An RTX 3060 has 28 multiprocessors; 64 accumulators and as much again leave room for 512 threads among 65,536 registers.
  nvidia: { ...portable, class: 'nvidia', threads: 16384, accumulators: 64 },
  // llama.cpp takes the tiles of NVIDIA for RDNA
  amd: { ...portable, class: 'amd', threads: 16384, accumulators: 64 },
  // 96 execution units with 7 threads of 8 lanes in an Iris Xe; llama.cpp unrolls nothing there, for want of registers
  intel: { ...portable, class: 'intel', threads: 4096, accumulators: 32 },
  // Mali has no workgroup memory of its own: Arm's guide advises against copying to it. For Adreno it is a guess.
  mobile: { ...portable, class: 'mobile', threads: 2048, accumulators: 32, workgroupTiles: false },
  // Measured on llvmpipe: accumulators live in the first cache, each lane's load is a branch and a bounds check, workgroup
  // memory is the heap, and a barrier makes coroutines of the subgroups. A broadcast costs a shuffle of a CPU register.
  software: {
    class: 'software',
    measured: true,
    threads: 1024,
    accumulators: 96,
    workgroupTiles: false,
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
