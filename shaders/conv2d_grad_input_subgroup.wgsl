// Gradient of a convolution by its input, without groups; what the lanes of a subgroup have in common is loaded once and handed round:
//
//   dx[n, h, w, c] = sum over r, s, k of dy[n, p, q, k] * kernel[r, s, c, k]
//   where p = (h + PAD_TOP - r * DILATION_H) / STRIDE_H is a whole number inside dy, and q likewise
//
// shapes    dy [N, P, Q, K], kernel_t [R, S, K, C] (kernel with its last two axes swapped, so that channels of one result lie
//           side by side), dx [N, H, W, C]
// FLOPs     2 N P Q K R S C
// bytes     dy is read R S C / (SUBGROUP * TC * LANES) times, kernel_t N H W / TW times (from cache), dx written once
// tiling    one subgroup computes TW columns by SUBGROUP * TC vectors of input channels: a lane has all of the columns, for TC
//           vectors of its own, in registers. Each lane loads dy of another column. With a stride the columns are STRIDE_W apart,
//           so that all of a tile take part in the same taps
//
//                   lane 0      lane 1      ...
//                   w  w        w  w
//        dy w     [ .  .   |    .  .   |        ]     each step over r, s, k: TW / 8 loads of dy and TC of the kernel,
//        dy w+s   [ .  .   |    .  .   |        ]     TW broadcasts, TW * TC vector multiply-adds
//        dy w+2s  [ .  .   |    .  .   |        ]
//        dy w+3s  [ .  .   |    .  .   |        ]
//
// parallel  subgroups, each a workgroup, over (n, h, column tile, channel tile); for subgroups of 4 lanes or more, all of one size
// idea      conv2d_forward_subgroup.wgsl turned round

enable subgroups;

const SUBGROUP: u32 = 32u;

// LANES neighbouring input channels: f32, vec2f or vec4f.
alias Vector = f32;
const LANES: u32 = 1u;
const TW: u32 = 8u;
const TC: u32 = 1u;

// Whether any tap looks outside dy.
const PADDED: bool = true;

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
@group(0) @binding(1) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<storage, read> kernel_t: array<Vector>;
@group(0) @binding(3) var<storage, read_write> dx: array<Vector>;

// Lanes that load different pixels; the others load the same once more.
const SHARERS: u32 = min(SUBGROUP, 8u);
const DY_LOADS: u32 = (TW + SHARERS - 1u) / SHARERS;

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
  let C_VECTORS = sizes.C / LANES;
  let C_TILES = (C_VECTORS + SUBGROUP * TC - 1u) / (SUBGROUP * TC);
  // Columns of one remainder modulo the stride, and tiles of TW of them.
  let w_per_phase = (sizes.W + sizes.STRIDE_W - 1u) / sizes.STRIDE_W;
  let W_TILES = (w_per_phase + TW - 1u) / TW;
  let tile = id.x + id.y * groups.x;
  if (tile >= sizes.N * sizes.H * sizes.STRIDE_W * W_TILES * C_TILES) { return; }
  let c_first = tile % C_TILES * SUBGROUP * TC + lane;
  let columns = tile / C_TILES % (sizes.STRIDE_W * W_TILES);
  let w_first = columns / sizes.STRIDE_W * TW * sizes.STRIDE_W + columns % sizes.STRIDE_W;
  let h = tile / (C_TILES * sizes.STRIDE_W * W_TILES) % sizes.H;
  let n = tile / (C_TILES * sizes.STRIDE_W * W_TILES * sizes.H);

  var sums: array<array<Vector, TC>, TW>;
  for (var r = 0u; r < sizes.R; r++) {
    // Below zero wraps to huge numbers, so one comparison finds both edges.
    let p_scaled = h + sizes.PAD_TOP - r * sizes.DILATION_H;
    if (p_scaled >= sizes.P * sizes.STRIDE_H || p_scaled % sizes.STRIDE_H != 0u) { continue; }
    let row = (n * sizes.P + p_scaled / sizes.STRIDE_H) * sizes.Q;
    for (var s = 0u; s < sizes.S; s++) {
      // The same remainder for every column of the tile; in signed numbers, since the first may lie before dy.
      let offset = i32(w_first + sizes.PAD_LEFT - s * sizes.DILATION_W);
      if (offset % i32(sizes.STRIDE_W) != 0) { continue; }
      let q_first = u32(offset / i32(sizes.STRIDE_W));
      // The columns that this lane loads; the first for one that is outside.
      var dy_at: array<u32, DY_LOADS>;
      for (var i = 0u; i < DY_LOADS; i++) {
        let q = q_first + lane % SHARERS + i * SHARERS;
        dy_at[i] = (row + select(0u, q, q < sizes.Q)) * sizes.K;
      }
      var inside: array<bool, TW>;
      for (var i = 0u; i < TW; i++) { inside[i] = q_first + i < sizes.Q; }
      for (var k = 0u; k < sizes.K; k++) {
        var own: array<f32, DY_LOADS>;
        for (var i = 0u; i < DY_LOADS; i++) { own[i] = dy[dy_at[i] + k]; }
        var slopes: array<f32, TW>;
        for (var i = 0u; i < TW; i++) { slopes[i] = from_lane(own[i / SHARERS], i % SHARERS); }
        let kernel_at = ((r * sizes.S + s) * sizes.K + k) * C_VECTORS;
        var weights: array<Vector, TC>;
        for (var j = 0u; j < TC; j++) { weights[j] = kernel_t[kernel_at + min(c_first + j * SUBGROUP, C_VECTORS - 1u)]; }
        for (var i = 0u; i < TW; i++) {
          // Skipped and not read as 0: the weight that it meets may be infinite.
          if (!PADDED || inside[i]) {
            for (var j = 0u; j < TC; j++) { sums[i][j] += slopes[i] * weights[j]; }
          }
        }
      }
    }
  }

  for (var i = 0u; i < TW; i++) {
    let w = w_first + i * sizes.STRIDE_W;
    if (w >= sizes.W) { continue; }
    for (var j = 0u; j < TC; j++) {
      let c = c_first + j * SUBGROUP;
      if (c < C_VECTORS) { dx[((n * sizes.H + h) * sizes.W + w) * C_VECTORS + c] = sums[i][j]; }
    }
  }
}
