// Convolution as a product of matrices that is never laid out (implicit GEMM), NHWC by RSCK, without groups:
//
//   y[m, k] = activation(bias[k] + scale[k] * sum over r, s, c of x[n, h, w, c] * kernel[r, s, c, k]),   m = (n * P + p) * Q + q
//   h = p * STRIDE_H + r * DILATION_H - PAD_TOP,  w = q * STRIDE_W + s * DILATION_W - PAD_LEFT
//
// shapes    x [N, H, W, C], kernel [R, S, C, K], scale and bias [K] where there are any, y [SPLITS, N, P, Q, K]; with SPLITS > 1 y holds partial sums, for
//           split_sum.wgsl to add. K is a multiple of 4
// FLOPs     2 N P Q K R S C
// bytes     x is read R S K / BN times, kernel N P Q / BM times (from cache), y written once; no im2col buffer
// tiling    a workgroup computes BM pixels by BN output channels. It goes through the sum in slabs of BK input channels of one
//           tap (r, s), so that a pixel is inside x or outside for the whole of a slab; both operands of a slab are staged in
//           workgroup memory. A thread computes TM pixels by TN channels, in registers
//
//                        BN channels
//                        w  w  w  w    BK deep
//              x m     [ .  .  .  . ]
//         BM   x m+1   [ .  .  .  . ]     each step over 4 input channels: TM + TN vectors from workgroup memory,
//              x m+2   [ .  .  .  . ]     TM * TN vector multiply-adds
//              x m+3   [ .  .  .  . ]
//
// parallel  workgroups over (split, pixel tile, channel tile), the channel tile fastest: neighbours read the same x
// idea      implicit GEMM: NVIDIA CUTLASS, "Implicit GEMM Convolution", and MLX steel/conv; longer rows against bank conflicts:
//           Ruetsch and Micikevicius, "Optimizing Matrix Transpose in CUDA"

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
// Whether any window reaches outside x.
const PADDED: bool = false;
const HAS_BIAS: bool = false;
const HAS_SCALE: bool = false;
const RELU: bool = false;

// No constants: one pipeline serves batches of every size.
struct Sizes {
  N: u32,
  SPLITS: u32,
}

@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> x: array<Vector>;
@group(0) @binding(2) var<storage, read> kernel: array<vec4f>;
@group(0) @binding(3) var<storage, read> bias: array<vec4f>;
@group(0) @binding(4) var<storage, read> scale: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> y: array<vec4f>;

const K_VECTORS: u32 = K / 4u;
const K_TILES: u32 = (K + BN - 1u) / BN;
const SLABS_PER_TAP: u32 = (C + BK - 1u) / BK;
const SLABS: u32 = R * S * SLABS_PER_TAP;

// Vectors of a row of each tile. Rows of x are one longer, so that neighbouring ones begin in other banks.
const DEPTH: u32 = BK / 4u;
const X_ROW: u32 = DEPTH + 1u;
const KERNEL_ROW: u32 = BN / 4u;
var<workgroup> x_tile: array<vec4f, BM * X_ROW>;
var<workgroup> kernel_tile: array<vec4f, BK * KERNEL_ROW>;
// Whether a pixel's tap lies inside x.
var<workgroup> inside_tile: array<u32, BM>;

// A thread's pixels are ROWS apart, its vectors of channels COLUMNS.
const VECTORS: u32 = TN / 4u;
const ROWS: u32 = BM / TM;
const COLUMNS: u32 = BN / TN;
const THREADS: u32 = ROWS * COLUMNS;
const X_LOADS: u32 = (BM * DEPTH + THREADS - 1u) / THREADS;
const KERNEL_LOADS: u32 = (BK * KERNEL_ROW + THREADS - 1u) / THREADS;

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
  let M = sizes.N * P * Q;
  let m_tiles = (M + BM - 1u) / BM;
  let tile = id.x + id.y * groups.x;
  if (tile >= sizes.SPLITS * m_tiles * K_TILES) { return; }
  let k_first = tile % K_TILES * KERNEL_ROW;
  let m_first = tile / K_TILES % m_tiles * BM;
  let split = tile / (K_TILES * m_tiles);
  let row = thread / COLUMNS;
  let column = thread % COLUMNS;

  // Where the windows begin whose channels this thread stages; beyond the last pixel it stages that one.
  var image_row: array<u32, X_LOADS>;
  var h_first: array<u32, X_LOADS>;
  var w_first: array<u32, X_LOADS>;
  for (var i = 0u; i < X_LOADS; i++) {
    let m = min(m_first + (thread + i * THREADS) / DEPTH, M - 1u);
    image_row[i] = m / (P * Q) * H;
    h_first[i] = m / Q % P * STRIDE_H - PAD_TOP;
    w_first[i] = m % Q * STRIDE_W - PAD_LEFT;
  }

  var sums: array<array<vec4f, VECTORS>, TM>;
  for (var slab = split; slab < SLABS; slab += sizes.SPLITS) {
    let tap = slab / SLABS_PER_TAP;
    let c_first = slab % SLABS_PER_TAP * BK;
    let down = tap / S * DILATION_H;
    let across = tap % S * DILATION_W;
    for (var i = 0u; i < X_LOADS; i++) {
      let at = thread + i * THREADS;
      if (at >= BM * DEPTH) { continue; }
      // Above and left of the image wraps to huge numbers, so one comparison finds both edges.
      let h = h_first[i] + down;
      let w = w_first[i] + across;
      let inside = !PADDED || (h < H && w < W);
      var four = vec4f(0.0);
      if (inside) { four = load_x((image_row[i] + h) * W + w, c_first + at % DEPTH * 4u); }
      x_tile[at / DEPTH * X_ROW + at % DEPTH] = four;
      if (PADDED && at % DEPTH == 0u) { inside_tile[at / DEPTH] = u32(inside); }
    }
    for (var i = 0u; i < KERNEL_LOADS; i++) {
      let at = thread + i * THREADS;
      if (at >= BK * KERNEL_ROW) { continue; }
      let c = c_first + at / KERNEL_ROW;
      let k = k_first + at % KERNEL_ROW;
      var four = vec4f(0.0);
      if (c < C && k < K_VECTORS) { four = kernel[(tap * C + c) * K_VECTORS + k]; }
      kernel_tile[at] = four;
    }
    workgroupBarrier();

    var inside: array<bool, TM>;
    for (var i = 0u; i < TM; i++) { inside[i] = !PADDED || inside_tile[row + i * ROWS] != 0u; }
    for (var depth = 0u; depth < DEPTH; depth++) {
      var weights: array<array<vec4f, VECTORS>, 4>;
      for (var c = 0u; c < 4u; c++) {
        for (var j = 0u; j < VECTORS; j++) {
          weights[c][j] = kernel_tile[(depth * 4u + c) * KERNEL_ROW + column + j * COLUMNS];
        }
      }
      for (var i = 0u; i < TM; i++) {
        // The padding is skipped and not multiplied as 0: the weight that it meets may be infinite.
        if (PADDED && !inside[i]) { continue; }
        let values = x_tile[(row + i * ROWS) * X_ROW + depth];
        for (var c = 0u; c < 4u; c++) {
          for (var j = 0u; j < VECTORS; j++) { sums[i][j] += values[c] * weights[c][j]; }
        }
      }
    }
    workgroupBarrier();
  }

  for (var i = 0u; i < TM; i++) {
    let m = m_first + row + i * ROWS;
    if (m >= M) { continue; }
    for (var j = 0u; j < VECTORS; j++) {
      let k = k_first + column + j * COLUMNS;
      if (k >= K_VECTORS) { continue; }
      var sum = sums[i][j];
      if (HAS_SCALE) { sum *= scale[k]; }
      if (HAS_BIAS) { sum += bias[k]; }
      if (RELU) { sum = select(sum, vec4f(0.0), sum < vec4f(0.0)); }
      y[(split * M + m) * K_VECTORS + k] = sum;
    }
  }
}
