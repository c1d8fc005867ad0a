// Product of matrices, for each batch, by neighbours that share their loads:
//
//   y[m, n] = activation(bias[n] + sum over k of a[m, k] * b[k, n])
//
// shapes    a [M, K] and b [K, N] in any stride order (so transposed operands need no copy), bias [N], y [M, N];
//           with SPLITS > 1 each split sums its own part of K into y [SPLITS, M, N] (see split_sum.wgsl)
// FLOPs     2 M N K a batch
// bytes     a is read N / (WORKGROUP_SIZE * TN * LANES) times by each four lanes, b M / TM times (from cache), y written once
// tiling    a workgroup computes TM rows, each of its threads TN vectors of columns of them, in registers, without
//           barriers. Of four steps over k each lane loads one and hands it round its subgroup
//
//                  lane 0    lane 1  ...
//                    b b       b b
//             a    [ . . ]   [ . . ]        four steps over k: TM + 4 TN loads and 4 TM broadcasts for
//        TM   a    [ . . ]   [ . . ]        4 TM TN vector multiply-adds
//             a    [ . . ]   [ . . ]
//             a    [ . . ]   [ . . ]
//
//           all threads of a workgroup have the same rows, so it does not matter which of them form a subgroup; each of the
//           four steps is loaded by every fourth lane, so it may have any size that is a multiple of four
// parallel  workgroups over (batch, split, row tile, column tile)
// idea      register tiles: J. Hulsmann, jott.live "WebGPU matmul"; broadcasts in place of workgroup memory: MLX, ggml

enable subgroups;

// A multiple of the size of a subgroup.
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
const COLUMN_TILES: u32 = (N_VECTORS + WORKGROUP_SIZE * TN - 1u) / (WORKGROUP_SIZE * TN);

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(local_invocation_index) thread: u32,
  @builtin(subgroup_invocation_id) invocation: u32,
  @builtin(workgroup_id) id: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let tile = id.x + id.y * groups.x;
  let row_tiles = (sizes.M + TM - 1u) / TM;
  if (tile >= sizes.BATCH * sizes.SPLITS * row_tiles * COLUMN_TILES) { return; }
  let column = ((tile % COLUMN_TILES) * WORKGROUP_SIZE + thread) * TN;
  // Quotients by constants first, and as few others as can be: they are slow.
  let part = tile / COLUMN_TILES / row_tiles;
  let row = (tile / COLUMN_TILES - part * row_tiles) * TM;
  var batch = 0u;
  if (BATCHED) { batch = part / sizes.SPLITS; }
  let split = part - batch * sizes.SPLITS;

  // Rows and columns past the edge read the last one again and are not written.
  var a_at: array<u32, TM>;
  for (var i = 0u; i < TM; i++) { a_at[i] = batch * sizes.A_BATCH + min(row + i, sizes.M - 1u) * sizes.A_M; }
  var b_at: array<u32, TN>;
  for (var j = 0u; j < TN; j++) { b_at[j] = batch * sizes.B_BATCH + min(column + j, N_VECTORS - 1u) * LANES * B_N; }

  var sums: array<array<Vector, TN>, TM>;
  // A multiple of four, so that only the last split can have steps left over.
  let share = (sizes.K + 4u * sizes.SPLITS - 1u) / (4u * sizes.SPLITS) * 4u;
  let end = min((split + 1u) * share, sizes.K);
  var k = split * share;
  for (; k + 4u <= end; k += 4u) {
    var right: array<array<Vector, TN>, 4>;
    for (var step = 0u; step < 4u; step++) {
      for (var j = 0u; j < TN; j++) { right[step][j] = b[(b_at[j] + (k + step) * B_K) / LANES]; }
    }
    for (var i = 0u; i < TM; i++) {
      let mine = a[a_at[i] + (k + invocation % 4u) * A_K];
      let left = vec4f(
        subgroupBroadcast(mine, 0u),
        subgroupBroadcast(mine, 1u),
        subgroupBroadcast(mine, 2u),
        subgroupBroadcast(mine, 3u),
      );
      for (var j = 0u; j < TN; j++) {
        sums[i][j] += left.x * right[0][j];
        sums[i][j] += left.y * right[1][j];
        sums[i][j] += left.z * right[2][j];
        sums[i][j] += left.w * right[3][j];
      }
    }
  }
  for (; k < end; k++) {
    for (var j = 0u; j < TN; j++) {
      let right = b[(b_at[j] + k * B_K) / LANES];
      for (var i = 0u; i < TM; i++) { sums[i][j] += a[a_at[i] + k * A_K] * right; }
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
