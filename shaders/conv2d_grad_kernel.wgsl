// Gradient of a convolution by its kernel:
//
//   dkernel[r, s, c, k] = sum over n, p, q of x[n, h, w, c] * dy[n, p, q, k]
//   h = p * STRIDE_H + r * DILATION_H - PAD_TOP,  w = q * STRIDE_W + s * DILATION_W - PAD_LEFT
//
// shapes    x [N, H, W, C], dy [N, P, Q, K], dkernel [R, S, C / GROUPS, K];
//           the result is small and the sum long, so SPLITS threads share it: partials [SPLITS, R, S, C / GROUPS, K]
//           (see split_sum.wgsl)
// FLOPs     2 N P Q K R S C / GROUPS
// bytes     x is read R K / (TK * LANES) times, dy R C / (GROUPS * TC) times (from cache), partials written once
// tiling    one thread sums all S taps of one r and TC input channels for TK vectors of output channels, in registers
//
//                        TK * LANES channels
//                       dy dy dy dy
//             x s=0   [ .  .  .  .  ]
//     S * TC  x s=1   [ .  .  .  .  ]     each step over q: S * TC + TK loads, S * TC * TK vector multiply-adds
//             x s=2   [ .  .  .  .  ]
//
// parallel  threads over (split, r, input channel tile, output channel tile); a split takes the rows (n, p) that are its number modulo SPLITS
// idea      split-K: NVIDIA CUTLASS; no float atomics, so the order of every sum is fixed

const WORKGROUP_SIZE: u32 = 64u;

// LANES neighbouring output channels: f32, vec2f or vec4f.
alias Vector = f32;
const LANES: u32 = 1u;
const TK: u32 = 1u;
// Neighbouring input channels.
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
// Whether any window reaches outside x.
const PADDED: bool = false;

// No constants: one pipeline serves batches of every size.
struct Sizes {
  N: u32,
  SPLITS: u32,
}

@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> dy: array<Vector>;
@group(0) @binding(3) var<storage, read_write> partials: array<Vector>;

const C_PER_GROUP: u32 = C / GROUPS;
const K_PER_GROUP: u32 = K / GROUPS;
const K_VECTORS: u32 = K / LANES;
const K_TILES: u32 = K_VECTORS / TK;
const C_TILES: u32 = C_PER_GROUP / TC;
const SPLIT_THREADS: u32 = R * C_TILES * K_TILES;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let thread = id.x + id.y * groups.x * WORKGROUP_SIZE;
  if (thread >= sizes.SPLITS * SPLIT_THREADS) { return; }
  let k = (thread % K_TILES) * TK;
  let c = thread / K_TILES % C_TILES * TC;
  let r = thread / (K_TILES * C_TILES) % R;
  let split = thread / (K_TILES * C_TILES * R);
  // A tile never crosses a group.
  let c_in_x = (k * LANES / K_PER_GROUP) * C_PER_GROUP + c;

  var sums: array<array<array<Vector, TK>, TC>, S>;
  for (var line = split; line < sizes.N * P; line += sizes.SPLITS) {
    let n = line / P;
    let p = line % P;
    // Rows above the image wrap to huge numbers, so one comparison finds both edges.
    let h = p * STRIDE_H + r * DILATION_H - PAD_TOP;
    if (PADDED && h >= H) { continue; }
    let row = (n * H + h) * W;
    for (var q = 0u; q < Q; q++) {
      var slopes: array<Vector, TK>;
      for (var j = 0u; j < TK; j++) { slopes[j] = dy[(line * Q + q) * K_VECTORS + k + j]; }
      for (var s = 0u; s < S; s++) {
        let w = q * STRIDE_W + s * DILATION_W - PAD_LEFT;
        // The padding is skipped and not read as 0: the slope that it meets may be infinite.
        if (PADDED && w >= W) { continue; }
        for (var i = 0u; i < TC; i++) {
          let value = x[(row + w) * C + c_in_x + i];
          for (var j = 0u; j < TK; j++) { sums[s][i][j] += value * slopes[j]; }
        }
      }
    }
  }

  for (var s = 0u; s < S; s++) {
    for (var i = 0u; i < TC; i++) {
      let at = (((split * R + r) * S + s) * C_PER_GROUP + c + i) * K_VECTORS + k;
      for (var j = 0u; j < TK; j++) { partials[at + j] = sums[s][i][j]; }
    }
  }
}
