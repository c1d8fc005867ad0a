// Convolution, NHWC by RSCK, without groups; what the lanes of a subgroup have in common is loaded once and handed round:
//
//   y[n, p, q, k] = activation(bias[k] + scale[k] * sum over r, s, c of x[n, h, w, c] * kernel[r, s, c, k])
//   h = p * STRIDE_H + r * DILATION_H - PAD_TOP,  w = q * STRIDE_W + s * DILATION_W - PAD_LEFT
//
// shapes    x [N, H, W, C], kernel [R, S, C, K], scale and bias [K] where there are any, y [N, P, Q, K]
// FLOPs     2 N P Q K R S C
// bytes     x is read R S K / (SUBGROUP * TK * LANES) times, kernel N P Q / TQ times (from cache), y written once; no im2col buffer
// tiling    one subgroup computes TQ neighbouring columns by SUBGROUP * TK vectors of output channels: a lane has all of the
//           columns, for TK vectors of its own, in registers. Each lane loads x of another column
//
//                  lane 0      lane 1      ...
//                  w  w        w  w
//        x q     [ .  .   |    .  .   |        ]     each step over r, s, c: TQ / 8 loads of x and TK of the kernel,
//        x q+1   [ .  .   |    .  .   |        ]     TQ broadcasts, TQ * TK vector multiply-adds
//        x q+2   [ .  .   |    .  .   |        ]
//        x q+3   [ .  .   |    .  .   |        ]
//
// parallel  subgroups, each a workgroup, over (n, p, column tile, channel tile); for subgroups of 4 lanes or more, all of one size
// idea      operands handed round a subgroup instead of through workgroup memory: the simdgroup and warp products of MLX and
//           CUTLASS, in plain vectors; the tile of conv2d_forward.wgsl

enable subgroups;

const SUBGROUP: u32 = 32u;

// LANES neighbouring output channels: f32, vec2f or vec4f.
alias Vector = f32;
const LANES: u32 = 1u;
const TQ: u32 = 8u;
const TK: u32 = 1u;

// Whether any window reaches outside x.
const PADDED: bool = false;
const HAS_BIAS: bool = false;
const HAS_SCALE: bool = false;
const RELU: bool = false;

// No constants: one pipeline serves images and batches of every size, and no compiler unrolls the ways along them.
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
}

@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> kernel: array<Vector>;
@group(0) @binding(3) var<storage, read> bias: array<Vector>;
@group(0) @binding(4) var<storage, read> scale: array<Vector>;
@group(0) @binding(5) var<storage, read_write> y: array<Vector>;

// Lanes that load different pixels; the others load the same once more.
const SHARERS: u32 = min(SUBGROUP, 8u);
const X_LOADS: u32 = (TQ + SHARERS - 1u) / SHARERS;

// What a lane holds. The builtin takes constants only.
fn from_lane(value: f32, lane: u32) -> f32 {
  switch (lane) {
    case 0u: { return subgroupBroadcast(value, 0u); }
    case 1u: { return subgroupBroadcast(value, 1u); }
    case 2u: { return subgroupBroadcast(value, 2u); }
    case 3u: { return subgroupBroadcast(value, 3u); }
    case 4u: { return subgroupBroadcast(value, 4u); }
    case 5u: { return subgroupBroadcast(value, 5u); }
    case 6u: { return subgroupBroadcast(value, 6u); }
    default: { return subgroupBroadcast(value, 7u); }
  }
}

@compute @workgroup_size(SUBGROUP)
fn main(
  @builtin(workgroup_id) id: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(subgroup_invocation_id) lane: u32,
) {
  let K_VECTORS = sizes.K / LANES;
  let K_TILES = (K_VECTORS + SUBGROUP * TK - 1u) / (SUBGROUP * TK);
  let Q_TILES = (sizes.Q + TQ - 1u) / TQ;
  let tile = id.x + id.y * groups.x;
  if (tile >= sizes.N * sizes.P * Q_TILES * K_TILES) { return; }
  let k_first = tile % K_TILES * SUBGROUP * TK + lane;
  let q_first = tile / K_TILES % Q_TILES * TQ;
  let p = tile / (K_TILES * Q_TILES) % sizes.P;
  let n = tile / (K_TILES * Q_TILES * sizes.P);

  var sums: array<array<Vector, TK>, TQ>;
  for (var r = 0u; r < sizes.R; r++) {
    // Rows above the image wrap to huge numbers, so one comparison finds both edges.
    let h = p * sizes.STRIDE_H + r * sizes.DILATION_H - sizes.PAD_TOP;
    if (PADDED && h >= sizes.H) { continue; }
    let row = (n * sizes.H + h) * sizes.W;
    for (var s = 0u; s < sizes.S; s++) {
      // The columns that this lane loads; a neighbour of one that is outside, or beyond the last.
      var x_at: array<u32, X_LOADS>;
      for (var i = 0u; i < X_LOADS; i++) {
        let q = min(q_first + lane % SHARERS + i * SHARERS, sizes.Q - 1u);
        let w = q * sizes.STRIDE_W + s * sizes.DILATION_W - sizes.PAD_LEFT;
        x_at[i] = (row + select(0u, w, w < sizes.W)) * sizes.C;
      }
      var inside: array<bool, TQ>;
      for (var i = 0u; i < TQ; i++) { inside[i] = (q_first + i) * sizes.STRIDE_W + s * sizes.DILATION_W - sizes.PAD_LEFT < sizes.W; }
      for (var c = 0u; c < sizes.C; c++) {
        var own: array<f32, X_LOADS>;
        for (var i = 0u; i < X_LOADS; i++) { own[i] = x[x_at[i] + c]; }
        var values: array<f32, TQ>;
        for (var i = 0u; i < TQ; i++) { values[i] = from_lane(own[i / SHARERS], i % SHARERS); }
        let kernel_at = ((r * sizes.S + s) * sizes.C + c) * K_VECTORS;
        var weights: array<Vector, TK>;
        for (var j = 0u; j < TK; j++) { weights[j] = kernel[kernel_at + min(k_first + j * SUBGROUP, K_VECTORS - 1u)]; }
        for (var i = 0u; i < TQ; i++) {
          // The padding is skipped and not read as 0: the weight that it meets may be infinite.
          if (!PADDED || inside[i]) {
            for (var j = 0u; j < TK; j++) { sums[i][j] += values[i] * weights[j]; }
          }
        }
      }
    }
  }

  for (var i = 0u; i < TQ; i++) {
    if (q_first + i >= sizes.Q) { continue; }
    for (var j = 0u; j < TK; j++) {
      let k = k_first + j * SUBGROUP;
      if (k >= K_VECTORS) { continue; }
      var sum = sums[i][j];
      if (HAS_SCALE) { sum *= scale[k]; }
      if (HAS_BIAS) { sum += bias[k]; }
      if (RELU) { sum = select(sum, Vector(0.0), sum < Vector(0.0)); }
      y[((n * sizes.P + p) * sizes.Q + q_first + i) * K_VECTORS + k] = sum;
    }
  }
}
