// Product of matrices, for each batch:
//
//   y[m, n] = activation(bias[n] + sum over k of a[m, k] * b[k, n])
//
// shapes    a [M, K] and b [K, N] in any stride order (so transposed operands need no copy), bias [N], y [M, N];
//           with SPLITS > 1 each split sums its own part of K into y [SPLITS, M, N] (see split_sum.wgsl)
// FLOPs     2 M N K a batch
// bytes     a is read N / (TN * LANES) times, b M / TM times (from cache), y written once
// tiling    one thread computes TM rows by TN vectors of columns, in registers, without barriers
//
//                     TN * LANES
//                    b b b b
//             a    [ . . . . ]
//        TM   a    [ . . . . ]     each step over k: TM + TN loads, TM * TN vector multiply-adds
//             a    [ . . . . ]
//             a    [ . . . . ]
//
// parallel  threads over (batch, split, row tile, column tile)
// idea      register tiles: J. Hulsmann, jott.live "WebGPU matmul"; split-K: NVIDIA CUTLASS

const WORKGROUP_SIZE: u32 = 64u;

// LANES neighbouring columns: f32, vec2f or vec4f.
alias Vector = f32;
const LANES: u32 = 1u;
const TM: u32 = 4u;
const TN: u32 = 1u;

// Whether there is more than one batch.
const BATCHED: bool = false;
const N: u32 = 4u;
// Strides in floats.
const A_K: u32 = 1u;
const B_K: u32 = 4u;
const B_N: u32 = 1u;
const HAS_BIAS: bool = false;
const RELU: bool = false;

// No constants: one pipeline serves batches of every size, forwards and backwards. A_BATCH, B_BATCH and A_M are strides in floats.
struct Sizes {
  M: u32,
  K: u32,
  SPLITS: u32,
  BATCH: u32,
  A_BATCH: u32,
  B_BATCH: u32,
  A_M: u32,
}

@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read> b: array<Vector>;
@group(0) @binding(3) var<storage, read> bias: array<Vector>;
@group(0) @binding(4) var<storage, read_write> y: array<Vector>;

const N_VECTORS: u32 = N / LANES;
const COLUMN_TILES: u32 = (N_VECTORS + TN - 1u) / TN;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let thread = id.x + id.y * groups.x * WORKGROUP_SIZE;
  let row_tiles = (sizes.M + TM - 1u) / TM;
  if (thread >= sizes.BATCH * sizes.SPLITS * row_tiles * COLUMN_TILES) { return; }
  let column = (thread % COLUMN_TILES) * TN;
  // Quotients by constants first, and as few others as can be: they are slow.
  let part = thread / COLUMN_TILES / row_tiles;
  let row = (thread / COLUMN_TILES - part * row_tiles) * TM;
  var batch = 0u;
  if (BATCHED) { batch = part / sizes.SPLITS; }
  let split = part - batch * sizes.SPLITS;

  // Rows and columns past the edge read the last one again and are not written.
  var a_at: array<u32, TM>;
  for (var i = 0u; i < TM; i++) { a_at[i] = batch * sizes.A_BATCH + min(row + i, sizes.M - 1u) * sizes.A_M; }
  var b_at: array<u32, TN>;
  for (var j = 0u; j < TN; j++) { b_at[j] = batch * sizes.B_BATCH + min(column + j, N_VECTORS - 1u) * LANES * B_N; }

  var sums: array<array<Vector, TN>, TM>;
  let share = (sizes.K + sizes.SPLITS - 1u) / sizes.SPLITS;
  let end = min((split + 1u) * share, sizes.K);
  for (var k = split * share; k < end; k++) {
    var right: array<Vector, TN>;
    for (var j = 0u; j < TN; j++) { right[j] = b[(b_at[j] + k * B_K) / LANES]; }
    for (var i = 0u; i < TM; i++) {
      let left = a[a_at[i] + k * A_K];
      for (var j = 0u; j < TN; j++) { sums[i][j] += left * right[j]; }
    }
  }

  for (var i = 0u; i < TM; i++) {
    for (var j = 0u; j < TN; j++) {
      if (row + i >= sizes.M || column + j >= N_VECTORS) { continue; }
      var sum = sums[i][j];
      if (HAS_BIAS) { sum += bias[column + j]; }
      if (RELU) { sum = select(sum, Vector(0.0), sum < Vector(0.0)); }
      y[((batch * sizes.SPLITS + split) * sizes.M + row + i) * N_VECTORS + column + j] = sum;
    }
  }
}
