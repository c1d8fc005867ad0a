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

// As constant too: so many sums are in registers.
const S: u32 = 3u;
// Whether any window reaches outside x.
const PADDED: bool = false;

// No constants: one pipeline serves images and batches of every size.
struct Sizes {
  N: u32,
  H: u32,
  W: u32,
  C: u32,
  R: u32,
  S: u32,
  K: u32,
  P: u32,
  Q: u32,
  STRIDE_H: u32,
  STRIDE_W: u32,
  DILATION_H: u32,
  DILATION_W: u32,
  PAD_TOP: u32,
  PAD_LEFT: u32,
  GROUPS: u32,
  SPLITS: u32,
}

@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> dy: array<Vector>;
@group(0) @binding(3) var<storage, read_write> partials: array<Vector>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let C_PER_GROUP = sizes.C / sizes.GROUPS;
  let K_PER_GROUP = sizes.K / sizes.GROUPS;
  let K_VECTORS = sizes.K / LANES;
  let K_TILES = K_VECTORS / TK;
  let C_TILES = C_PER_GROUP / TC;
  let thread = id.x + id.y * groups.x * WORKGROUP_SIZE;
  if (thread >= sizes.SPLITS * sizes.R * C_TILES * K_TILES) { return; }
  let k = (thread % K_TILES) * TK;
  let c = thread / K_TILES % C_TILES * TC;
  let r = thread / (K_TILES * C_TILES) % sizes.R;
  let split = thread / (K_TILES * C_TILES * sizes.R);
  // A tile never crosses a group.
  let c_in_x = (k * LANES / K_PER_GROUP) * C_PER_GROUP + c;

  var sums: array<array<array<Vector, TK>, TC>, S>;
  for (var line = split; line < sizes.N * sizes.P; line += sizes.SPLITS) {
    let n = line / sizes.P;
    let p = line % sizes.P;
    // Rows above the image wrap to huge numbers, so one comparison finds both edges.
    let h = p * sizes.STRIDE_H + r * sizes.DILATION_H - sizes.PAD_TOP;
    if (PADDED && h >= sizes.H) { continue; }
    let row = (n * sizes.H + h) * sizes.W;
    for (var q = 0u; q < sizes.Q; q++) {
      var slopes: array<Vector, TK>;
      for (var j = 0u; j < TK; j++) { slopes[j] = dy[(line * sizes.Q + q) * K_VECTORS + k + j]; }
      for (var s = 0u; s < S; s++) {
        let w = q * sizes.STRIDE_W + s * sizes.DILATION_W - sizes.PAD_LEFT;
        // The padding is skipped and not read as 0: the slope that it meets may be infinite.
        if (PADDED && w >= sizes.W) { continue; }
        for (var i = 0u; i < TC; i++) {
          let value = x[(row + w) * sizes.C + c_in_x + i];
          for (var j = 0u; j < TK; j++) { sums[s][i][j] += value * slopes[j]; }
        }
      }
    }
  }

  for (var s = 0u; s < S; s++) {
    for (var i = 0u; i < TC; i++) {
      let at = (((split * sizes.R + r) * S + s) * C_PER_GROUP + c + i) * K_VECTORS + k;
      for (var j = 0u; j < TK; j++) { partials[at + j] = sums[s][i][j]; }
    }
  }
}
