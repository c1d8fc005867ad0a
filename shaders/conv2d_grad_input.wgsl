// Gradient of a convolution by its input, as a gather (each element of dx is written once, without atomics):
//
//   dx[n, h, w, c] = sum over r, s, k of dy[n, p, q, k] * kernel[r, s, c, k]
//   where p = (h + PAD_TOP - r * DILATION_H) / STRIDE_H is a whole number inside dy, and q likewise
//
// shapes    dy [N, P, Q, K], kernel_t [R, S, K, C / GROUPS] (kernel with its last two axes swapped, so that channels
//           of one result lie side by side), dx [N, H, W, C]
// FLOPs     2 N P Q K R S C / GROUPS
// bytes     dy is read R S C / (TC * LANES) times, kernel_t N H W / TW times (from cache), dx written once
// tiling    one thread computes TW columns by TC vectors of input channels, in registers; with a stride the columns are
//           STRIDE_W apart, so that all of a tile take part in the same taps
//
//                        TC * LANES channels
//                       w w w w
//             dy w    [ . . . . ]
//        TW   dy w+s  [ . . . . ]     each step over r, s, k: TW + TC loads, TW * TC vector multiply-adds
//             dy w+2s [ . . . . ]
//             dy w+3s [ . . . . ]
//
// parallel  threads over (n, h, column tile, channel tile), without barriers
// idea      the convolution of dy with the flipped kernel; tiling as in conv2d_forward.wgsl

const WORKGROUP_SIZE: u32 = 64u;

// LANES neighbouring input channels of one group: f32, vec2f or vec4f.
alias Vector = f32;
const LANES: u32 = 1u;
const TW: u32 = 4u;
const TC: u32 = 1u;

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
const GROUPS: u32 = 1u;

// No constants: one pipeline serves batches of every size.
struct Sizes {
  N: u32,
}

@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<storage, read> kernel_t: array<Vector>;
@group(0) @binding(3) var<storage, read_write> dx: array<Vector>;

const C_PER_GROUP: u32 = C / GROUPS;
const K_PER_GROUP: u32 = K / GROUPS;
const C_VECTORS: u32 = C / LANES;
const C_TILES: u32 = C_VECTORS / TC;
const GROUP_VECTORS: u32 = C_PER_GROUP / LANES;
// Columns of one remainder modulo the stride, and tiles of TW of them.
const W_PER_PHASE: u32 = (W + STRIDE_W - 1u) / STRIDE_W;
const W_TILES: u32 = (W_PER_PHASE + TW - 1u) / TW;
const IMAGE_THREADS: u32 = H * STRIDE_W * W_TILES * C_TILES;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let thread = id.x + id.y * groups.x * WORKGROUP_SIZE;
  if (thread >= sizes.N * IMAGE_THREADS) { return; }
  let c = (thread % C_TILES) * TC;
  let tile = thread / C_TILES % (STRIDE_W * W_TILES);
  let w_first = (tile / STRIDE_W) * TW * STRIDE_W + tile % STRIDE_W;
  let h = thread / (C_TILES * STRIDE_W * W_TILES) % H;
  let n = thread / (C_TILES * STRIDE_W * W_TILES * H);
  // A tile never crosses a group.
  let group = c * LANES / C_PER_GROUP;
  let c_in_group = c - group * GROUP_VECTORS;

  var sums: array<array<Vector, TC>, TW>;
  for (var r = 0u; r < R; r++) {
    // Below zero wraps to huge numbers, so one comparison finds both edges.
    let p_scaled = h + PAD_TOP - r * DILATION_H;
    let p = p_scaled / STRIDE_H;
    if (p_scaled >= P * STRIDE_H || p_scaled % STRIDE_H != 0u) { continue; }
    for (var s = 0u; s < S; s++) {
      let q_scaled = w_first + PAD_LEFT - s * DILATION_W;
      // The same remainder for every column of the tile; in signed numbers, since the first may lie before dy.
      let offset = i32(q_scaled);
      if (((offset % i32(STRIDE_W)) + i32(STRIDE_W)) % i32(STRIDE_W) != 0) { continue; }
      let q_first = offset / i32(STRIDE_W);
      var dy_at: array<u32, TW>;
      var inside: array<bool, TW>;
      for (var i = 0u; i < TW; i++) {
        let q = q_first + i32(i);
        inside[i] = q >= 0 && q < i32(Q);
        dy_at[i] = ((n * P + p) * Q + u32(select(0, q, inside[i]))) * K + group * K_PER_GROUP;
      }
      for (var k = 0u; k < K_PER_GROUP; k++) {
        let kernel_at = ((r * S + s) * K + group * K_PER_GROUP + k) * GROUP_VECTORS + c_in_group;
        var weights: array<Vector, TC>;
        for (var j = 0u; j < TC; j++) { weights[j] = kernel_t[kernel_at + j]; }
        for (var i = 0u; i < TW; i++) {
          // Skipped and not read as 0: the weight that it meets may be infinite.
          if (!inside[i]) { continue; }
          let slope = dy[dy_at[i] + k];
          for (var j = 0u; j < TC; j++) { sums[i][j] += slope * weights[j]; }
        }
      }
    }
  }

  for (var i = 0u; i < TW; i++) {
    let w = w_first + i * STRIDE_W;
    if (w >= W) { continue; }
    for (var j = 0u; j < TC; j++) { dx[((n * H + h) * W + w) * C_VECTORS + c + j] = sums[i][j]; }
  }
}
