// Product of matrices, for each batch, through workgroup memory:
//
//   y[m, n] = activation(bias[n] + sum over k of a[m, k] * b[k, n])
//
// shapes    a [M, K] and b [K, N] in any stride order (so transposed operands need no copy), bias [N], y [M, N];
//           with SPLITS > 1 each split sums its own part of K into y [SPLITS, M, N] (see split_sum.wgsl)
// FLOPs     2 M N K a batch
// bytes     a is read N / BN times, b M / BM times, y written once
// tiling    a workgroup computes BM x BN: it copies BM x BK of a and BK x BN of b into workgroup memory, waits, and each of
//           its threads adds their products to TM rows by TN vectors of four columns in registers
//
//                        BN                               b        b
//                   BK [ b b b ]                 a    [ . . . .  . . . . ]
//             BK                           TM    a    [ . . . .  . . . . ]
//       BM  [ a ]      [ y y y ]                 a    [ . . . .  . . . . ]
//           [ a ]      [ y y y ]                 a    [ . . . .  . . . . ]
//
//           a lies k by k in workgroup memory, so that four rows are one vector too: a step over k costs a thread
//           TM / 4 + TN loads for TM * TN vector multiply-adds
// parallel  workgroups over (batch, split, row tile, column tile)
// idea      S. Boehm, "How to Optimize a CUDA Matmul Kernel"; rows of padding: llama.cpp; split-K: NVIDIA CUTLASS

// BM is a multiple of TM, BN of 4 * TN, TM of 4.
const BM: u32 = 32u;
const BN: u32 = 32u;
const BK: u32 = 8u;
const TM: u32 = 4u;
const TN: u32 = 1u;
// Vectors left free behind each row of the tile of a, so that neighbouring threads write to different banks.
const PAD: u32 = 1u;

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
@group(0) @binding(2) var<storage, read> b: array<f32>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;

const BM_VECTORS: u32 = BM / 4u;
const BN_VECTORS: u32 = BN / 4u;
// The vectors of a thread lie so far apart: its neighbours' lie between, and one load of all of them is contiguous.
const THREADS_N: u32 = BN_VECTORS / TN;
const THREADS: u32 = THREADS_N * (BM / TM);
const COLUMN_TILES: u32 = (N + BN - 1u) / BN;

// [BK, A_STRIDE] vectors of rows and [BK, BN_VECTORS] vectors of columns.
const A_STRIDE: u32 = BM_VECTORS + PAD;
var<workgroup> tile_a: array<vec4f, BK * A_STRIDE>;
var<workgroup> tile_b: array<vec4f, BK * BN_VECTORS>;

// Rows and columns past the edge read the last one again and are not written; past the end of the split everything is 0.
fn load_a(batch: u32, row: u32, k: u32, end: u32) -> f32 {
  let value = a[batch * sizes.A_BATCH + min(row, sizes.M - 1u) * sizes.A_M + min(k, end - 1u) * A_K];
  return select(0.0, value, k < end);
}

fn load_b(batch: u32, k: u32, column: u32, end: u32) -> f32 {
  let value = b[batch * sizes.B_BATCH + min(k, end - 1u) * B_K + min(column, N - 1u) * B_N];
  return select(0.0, value, k < end);
}

@compute @workgroup_size(THREADS)
fn main(
  @builtin(local_invocation_index) thread: u32,
  @builtin(workgroup_id) id: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let tile = id.x + id.y * groups.x;
  let row_tiles = (sizes.M + BM - 1u) / BM;
  if (tile >= sizes.BATCH * sizes.SPLITS * row_tiles * COLUMN_TILES) { return; }
  let tile_column = (tile % COLUMN_TILES) * BN;
  // Quotients by constants first, and as few others as can be: they are slow.
  let part = tile / COLUMN_TILES / row_tiles;
  let tile_row = (tile / COLUMN_TILES - part * row_tiles) * BM;
  var batch = 0u;
  if (BATCHED) { batch = part / sizes.SPLITS; }
  let split = part - batch * sizes.SPLITS;
  let my_vector = thread % THREADS_N;
  let my_row = (thread / THREADS_N) * TM;

  var sums: array<array<vec4f, TN>, TM>;
  let share = (sizes.K + sizes.SPLITS - 1u) / sizes.SPLITS;
  let end = min((split + 1u) * share, sizes.K);
  for (var first = split * share; first < end; first += BK) {
    // Neighbouring threads load neighbours in memory: along k or along the other axis, as the operand lies.
    for (var i = thread; i < BK * BM_VECTORS; i += THREADS) {
      let vector = select(i % BM_VECTORS, i / BK, A_K == 1u);
      let step = select(i / BM_VECTORS, i % BK, A_K == 1u);
      let row = tile_row + 4u * vector;
      let k = first + step;
      tile_a[step * A_STRIDE + vector] = vec4f(
        load_a(batch, row, k, end),
        load_a(batch, row + 1u, k, end),
        load_a(batch, row + 2u, k, end),
        load_a(batch, row + 3u, k, end),
      );
    }
    for (var i = thread; i < BK * BN_VECTORS; i += THREADS) {
      let vector = select(i / BK, i % BN_VECTORS, B_N == 1u);
      let step = select(i % BK, i / BN_VECTORS, B_N == 1u);
      let column = tile_column + 4u * vector;
      let k = first + step;
      tile_b[step * BN_VECTORS + vector] = vec4f(
        load_b(batch, k, column, end),
        load_b(batch, k, column + 1u, end),
        load_b(batch, k, column + 2u, end),
        load_b(batch, k, column + 3u, end),
      );
    }
    workgroupBarrier();
    for (var step = 0u; step < BK; step++) {
      var right: array<vec4f, TN>;
      for (var j = 0u; j < TN; j++) { right[j] = tile_b[step * BN_VECTORS + my_vector + j * THREADS_N]; }
      for (var i = 0u; i < TM; i += 4u) {
        let left = tile_a[step * A_STRIDE + (my_row + i) / 4u];
        for (var j = 0u; j < TN; j++) {
          sums[i][j] += left.x * right[j];
          sums[i + 1u][j] += left.y * right[j];
          sums[i + 2u][j] += left.z * right[j];
          sums[i + 3u][j] += left.w * right[j];
        }
      }
    }
    workgroupBarrier();
  }

  for (var i = 0u; i < TM; i++) {
    let row = tile_row + my_row + i;
    for (var j = 0u; j < TN; j++) {
      for (var lane = 0u; lane < 4u; lane++) {
        let column = tile_column + 4u * (my_vector + j * THREADS_N) + lane;
        if (row >= sizes.M || column >= N) { continue; }
        var sum = sums[i][j][lane];
        if (HAS_BIAS) { sum += bias[column]; }
        if (RELU) { sum = select(sum, 0.0, sum < 0.0); }
        y[((batch * sizes.SPLITS + split) * sizes.M + row) * N + column] = sum;
      }
    }
  }
}
