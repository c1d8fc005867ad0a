// Gradient of a convolution by its kernel as a product of matrices that is never laid out (implicit GEMM), without groups:
//
//   dkernel[r, s, c, k] = sum over m of x[n, h, w, c] * dy[m, k],   m = (n * P + p) * Q + q
//   h = p * STRIDE_H + r * DILATION_H - PAD_TOP,  w = q * STRIDE_W + s * DILATION_W - PAD_LEFT
//
// shapes    x [N, H, W, C], dy [N, P, Q, K], dkernel [R, S, C, K]; the result is small and the sum long, so SPLITS workgroups
//           share it: partials [SPLITS, R, S, C, K] (see split_sum.wgsl). K is a multiple of 4
// FLOPs     2 N P Q K R S C
// bytes     x is read R S K / BN times, dy R S C / BM times (from cache), partials written once
// tiling    a workgroup computes BM input channels by BN output channels of one tap (r, s). It goes through the pixels in slabs
//           of BK; both operands of a slab are staged in workgroup memory, as they lie, and a pixel whose tap is outside x as
//           zeros in both. A thread computes TM by TN channels, in registers
//
//                        BN channels
//                       dy dy dy dy   BK deep
//             x c     [ .  .  .  . ]
//         BM  x c+1   [ .  .  .  . ]     each step over a pixel: (TM + TN) / 4 vectors from workgroup memory,
//             x c+2   [ .  .  .  . ]     TM * TN / 4 vector multiply-adds
//             x c+3   [ .  .  .  . ]
//
// parallel  workgroups over (split, tap, input channel tile, output channel tile); a split takes the slabs that are its number
//           modulo SPLITS
// idea      implicit GEMM with split-K: NVIDIA CUTLASS, "Implicit GEMM Convolution", Wgrad; no float atomics, so the order of
//           every sum is fixed

const BM: u32 = 32u;
const BN: u32 = 32u;
const BK: u32 = 8u;
const TM: u32 = 4u;
const TN: u32 = 4u;

// LANES neighbouring input channels: f32, or vec4f where C is a multiple of 4.
alias Vector = f32;
const LANES: u32 = 1u;

const H: u32 = 8u;
const W: u32 = 8u;
const C: u32 = 1u;
const R: u32 = 3u;
const S: u32 = 3u;
const K: u32 = 4u;
const P: u32 = 6u;
const Q: u32 = 6u;
const STRIDE_H: u32 = 1u;
const STRIDE_W: u32 = 1u;
const DILATION_H: u32 = 1u;
const DILATION_W: u32 = 1u;
const PAD_TOP: u32 = 0u;
const PAD_LEFT: u32 = 0u;

// No constants: one pipeline serves batches of every size.
struct Sizes {
  N: u32,
  SPLITS: u32,
}

@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> x: array<Vector>;
@group(0) @binding(2) var<storage, read> dy: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> partials: array<vec4f>;

const K_VECTORS: u32 = K / 4u;
const C_TILES: u32 = (C + BM - 1u) / BM;
const K_TILES: u32 = (K + BN - 1u) / BN;
const SPLIT_TILES: u32 = R * S * C_TILES * K_TILES;

// Vectors of a row, which is a pixel, of each tile.
const X_ROW: u32 = BM / 4u;
const DY_ROW: u32 = BN / 4u;
var<workgroup> x_tile: array<vec4f, BK * X_ROW>;
var<workgroup> dy_tile: array<vec4f, BK * DY_ROW>;

// A thread's vectors of input channels are ROWS apart, of output channels COLUMNS.
const X_VECTORS: u32 = TM / 4u;
const DY_VECTORS: u32 = TN / 4u;
const ROWS: u32 = BM / TM;
const COLUMNS: u32 = BN / TN;
const THREADS: u32 = ROWS * COLUMNS;
const X_LOADS: u32 = (BK * X_ROW + THREADS - 1u) / THREADS;
const DY_LOADS: u32 = (BK * DY_ROW + THREADS - 1u) / THREADS;

const OUTSIDE: u32 = 0xffffffffu;

// The pixel of x that a tap of pixel m of dy sees, or OUTSIDE.
fn pixel_of(m: u32, tap: u32) -> u32 {
  // Above and left of the image wraps to huge numbers, so one comparison finds both edges.
  let h = m / Q % P * STRIDE_H + tap / S * DILATION_H - PAD_TOP;
  let w = m % Q * STRIDE_W + tap % S * DILATION_W - PAD_LEFT;
  return select(OUTSIDE, (m / (P * Q) * H + h) * W + w, m < sizes.N * P * Q && h < H && w < W);
}

// Four channels of a pixel from c on; zeros behind the last.
fn load_x(pixel: u32, c: u32) -> vec4f {
  var four = vec4f(0.0);
  if (LANES == 4u) {
    if (c < C) { four = vec4f(x[(pixel * C + c) / LANES]); }
  } else {
    for (var i = 0u; i < 4u; i++) {
      if (c + i < C) { four[i] = vec4f(x[pixel * C + c + i])[0]; }
    }
  }
  return four;
}

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) id: vec3u,
  @builtin(local_invocation_index) thread: u32,
  @builtin(num_workgroups) groups: vec3u,
) {
  let tile = id.x + id.y * groups.x;
  if (tile >= sizes.SPLITS * SPLIT_TILES) { return; }
  let k_first = tile % K_TILES * DY_ROW;
  let c_first = tile / K_TILES % C_TILES * BM;
  let tap = tile / (K_TILES * C_TILES) % (R * S);
  let split = tile / (K_TILES * C_TILES * R * S);
  let row = thread / COLUMNS;
  let column = thread % COLUMNS;

  var sums: array<array<vec4f, DY_VECTORS>, TM>;
  let slabs = (sizes.N * P * Q + BK - 1u) / BK;
  for (var slab = split; slab < slabs; slab += sizes.SPLITS) {
    for (var i = 0u; i < X_LOADS; i++) {
      let at = thread + i * THREADS;
      if (at >= BK * X_ROW) { continue; }
      let pixel = pixel_of(slab * BK + at / X_ROW, tap);
      var four = vec4f(0.0);
      if (pixel != OUTSIDE) { four = load_x(pixel, c_first + at % X_ROW * 4u); }
      x_tile[at] = four;
    }
    for (var i = 0u; i < DY_LOADS; i++) {
      let at = thread + i * THREADS;
      if (at >= BK * DY_ROW) { continue; }
      let m = slab * BK + at / DY_ROW;
      let k = k_first + at % DY_ROW;
      var four = vec4f(0.0);
      // Where x is outside the slope is left out too: it may be infinite, and not 0 times that.
      if (k < K_VECTORS && pixel_of(m, tap) != OUTSIDE) { four = dy[m * K_VECTORS + k]; }
      dy_tile[at] = four;
    }
    workgroupBarrier();

    for (var m = 0u; m < BK; m++) {
      var slopes: array<vec4f, DY_VECTORS>;
      for (var j = 0u; j < DY_VECTORS; j++) { slopes[j] = dy_tile[m * DY_ROW + column + j * COLUMNS]; }
      for (var i = 0u; i < X_VECTORS; i++) {
        let values = x_tile[m * X_ROW + row + i * ROWS];
        for (var c = 0u; c < 4u; c++) {
          for (var j = 0u; j < DY_VECTORS; j++) { sums[i * 4u + c][j] += values[c] * slopes[j]; }
        }
      }
    }
    workgroupBarrier();
  }

  for (var i = 0u; i < TM; i++) {
    let c = c_first + (row + i / 4u * ROWS) * 4u + i % 4u;
    if (c >= C) { continue; }
    for (var j = 0u; j < DY_VECTORS; j++) {
      let k = k_first + column + j * COLUMNS;
      if (k < K_VECTORS) { partials[((split * R * S + tap) * C + c) * K_VECTORS + k] = sums[i][j]; }
    }
  }
}
