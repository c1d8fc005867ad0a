// Gradient of a convolution by its input as a product of matrices that is never laid out (implicit GEMM), without groups:
//
//   dx[n, h, w, c] = sum over r, s, k of dy[n, p, q, k] * kernel[r, s, c, k]
//   where p = (h + PAD_TOP - r * DILATION_H) / STRIDE_H is a whole number inside dy, and q likewise
//
// shapes    dy [N, P, Q, K], kernel [R, S, C, K], dx [SPLITS, N, H, W, C]; with SPLITS > 1 dx holds partial sums, for
//           split_sum.wgsl to add
// FLOPs     2 N P Q K R S C
// bytes     dy is read R S C / BN times, kernel N H W / BM times (from cache), dx written once; the kernel is not turned first
// tiling    a workgroup computes BM pixels by BN input channels; all of its pixels are of one phase, which means that h and w have
//           one remainder by the strides, so all take part in the same taps. It goes through the sum in slabs of BK output
//           channels of one tap (r, s), so that a pixel is inside dy or outside for the whole of a slab; both operands of a
//           slab are staged in workgroup memory, as they lie. A thread computes TM pixels by TN channels, in registers
//
//                         BN channels
//                        w  w  w  w    BK deep
//             dy m     [ .  .  .  . ]
//         BM  dy m+1   [ .  .  .  . ]     each step over 4 output channels: TM + TN vectors from workgroup memory,
//             dy m+2   [ .  .  .  . ]     TM * TN scalar products of 4
//             dy m+3   [ .  .  .  . ]
//
// parallel  workgroups over (split, phase, pixel tile, channel tile), the channel tile fastest: neighbours read the same dy
// idea      conv2d_forward_workgroup.wgsl turned round; one problem for each remainder by the stride: NVIDIA CUTLASS,
//           "Strided Dgrad"

const BM: u32 = 32u;
const BN: u32 = 32u;
const BK: u32 = 8u;
const TM: u32 = 4u;
const TN: u32 = 4u;

// LANES neighbouring output channels: f32, or vec4f where K is a multiple of 4.
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
@group(0) @binding(1) var<storage, read> dy: array<Vector>;
@group(0) @binding(2) var<storage, read> kernel: array<Vector>;
@group(0) @binding(3) var<storage, read_write> dx: array<f32>;

// Rows and columns of a phase, and its pixels; some of them lie outside x where the strides do not divide it evenly.
const PHASES: u32 = STRIDE_H * STRIDE_W;
const H_PHASE: u32 = (H + STRIDE_H - 1u) / STRIDE_H;
const W_PHASE: u32 = (W + STRIDE_W - 1u) / STRIDE_W;
const C_TILES: u32 = (C + BN - 1u) / BN;
const SLABS_PER_TAP: u32 = (K + BK - 1u) / BK;
const SLABS: u32 = R * S * SLABS_PER_TAP;

// Vectors of a row of the tiles, and one more, so that neighbouring rows begin in other banks.
const DEPTH: u32 = BK / 4u;
const ROW: u32 = DEPTH + 1u;
var<workgroup> dy_tile: array<vec4f, BM * ROW>;
var<workgroup> kernel_tile: array<vec4f, BN * ROW>;
// Whether a pixel's tap lies inside dy.
var<workgroup> inside_tile: array<u32, BM>;

// A thread's pixels are ROWS apart, its channels COLUMNS.
const ROWS: u32 = BM / TM;
const COLUMNS: u32 = BN / TN;
const THREADS: u32 = ROWS * COLUMNS;
const DY_LOADS: u32 = (BM * DEPTH + THREADS - 1u) / THREADS;
const KERNEL_LOADS: u32 = (BN * DEPTH + THREADS - 1u) / THREADS;

// Four output channels of a pixel of dy, from k on; zeros behind the last.
fn load_dy(pixel: u32, k: u32) -> vec4f {
  var four = vec4f(0.0);
  if (LANES == 4u) {
    if (k < K) { four = vec4f(dy[(pixel * K + k) / LANES]); }
  } else {
    for (var i = 0u; i < 4u; i++) {
      if (k + i < K) { four[i] = vec4f(dy[pixel * K + k + i])[0]; }
    }
  }
  return four;
}

// The same of an input channel of the kernel.
fn load_kernel(tap: u32, c: u32, k: u32) -> vec4f {
  var four = vec4f(0.0);
  if (c >= C) { return four; }
  let at = (tap * C + c) * K + k;
  if (LANES == 4u) {
    if (k < K) { four = vec4f(kernel[at / LANES]); }
  } else {
    for (var i = 0u; i < 4u; i++) {
      if (k + i < K) { four[i] = vec4f(kernel[at + i])[0]; }
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
  let M = sizes.N * H_PHASE * W_PHASE;
  let m_tiles = (M + BM - 1u) / BM;
  let tile = id.x + id.y * groups.x;
  if (tile >= sizes.SPLITS * PHASES * m_tiles * C_TILES) { return; }
  let c_first = tile % C_TILES * BN;
  let m_first = tile / C_TILES % m_tiles * BM;
  let phase = tile / (C_TILES * m_tiles) % PHASES;
  let split = tile / (C_TILES * m_tiles * PHASES);
  let row = thread / COLUMNS;
  let column = thread % COLUMNS;

  // The pixels of the phase for which this thread stages; beyond the last it stages for that one.
  var image: array<u32, DY_LOADS>;
  var h_phase: array<u32, DY_LOADS>;
  var w_phase: array<u32, DY_LOADS>;
  for (var i = 0u; i < DY_LOADS; i++) {
    let m = min(m_first + (thread + i * THREADS) / DEPTH, M - 1u);
    image[i] = m / (H_PHASE * W_PHASE);
    h_phase[i] = m / W_PHASE % H_PHASE;
    w_phase[i] = m % W_PHASE;
  }

  var sums: array<array<f32, TN>, TM>;
  for (var slab = split; slab < SLABS; slab += sizes.SPLITS) {
    let tap = slab / SLABS_PER_TAP;
    let k_first = slab % SLABS_PER_TAP * BK;
    // In signed numbers, since a tap may look before dy.
    let down = i32(phase / STRIDE_W + PAD_TOP) - i32(tap / S * DILATION_H);
    let across = i32(phase % STRIDE_W + PAD_LEFT) - i32(tap % S * DILATION_W);
    // The tap of other phases.
    if (down % i32(STRIDE_H) != 0 || across % i32(STRIDE_W) != 0) { continue; }
    for (var i = 0u; i < DY_LOADS; i++) {
      let at = thread + i * THREADS;
      if (at >= BM * DEPTH) { continue; }
      // Below zero wraps to huge numbers, so one comparison finds both edges.
      let p = h_phase[i] + u32(down / i32(STRIDE_H));
      let q = w_phase[i] + u32(across / i32(STRIDE_W));
      let inside = p < P && q < Q;
      var four = vec4f(0.0);
      if (inside) { four = load_dy((image[i] * P + p) * Q + q, k_first + at % DEPTH * 4u); }
      dy_tile[at / DEPTH * ROW + at % DEPTH] = four;
      if (at % DEPTH == 0u) { inside_tile[at / DEPTH] = u32(inside); }
    }
    for (var i = 0u; i < KERNEL_LOADS; i++) {
      let at = thread + i * THREADS;
      if (at >= BN * DEPTH) { continue; }
      kernel_tile[at / DEPTH * ROW + at % DEPTH] = load_kernel(tap, c_first + at / DEPTH, k_first + at % DEPTH * 4u);
    }
    workgroupBarrier();

    var inside: array<bool, TM>;
    for (var i = 0u; i < TM; i++) { inside[i] = inside_tile[row + i * ROWS] != 0u; }
    for (var depth = 0u; depth < DEPTH; depth++) {
      var weights: array<vec4f, TN>;
      for (var j = 0u; j < TN; j++) { weights[j] = kernel_tile[(column + j * COLUMNS) * ROW + depth]; }
      for (var i = 0u; i < TM; i++) {
        // Skipped and not multiplied as 0: the weight that it meets may be infinite.
        if (!inside[i]) { continue; }
        let slopes = dy_tile[(row + i * ROWS) * ROW + depth];
        for (var j = 0u; j < TN; j++) { sums[i][j] += dot(slopes, weights[j]); }
      }
    }
    workgroupBarrier();
  }

  for (var i = 0u; i < TM; i++) {
    let m = m_first + row + i * ROWS;
    let n = m / (H_PHASE * W_PHASE);
    let h = m / W_PHASE % H_PHASE * STRIDE_H + phase / STRIDE_W;
    let w = m % W_PHASE * STRIDE_W + phase % STRIDE_W;
    if (m >= M || h >= H || w >= W) { continue; }
    for (var j = 0u; j < TN; j++) {
      let c = c_first + column + j * COLUMNS;
      if (c < C) { dx[(((split * sizes.N + n) * H + h) * W + w) * C + c] = sums[i][j]; }
    }
  }
}
