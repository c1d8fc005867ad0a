// Convolution, NHWC by RSCK:
//
//   y[n, p, q, k] = activation(bias[k] + scale[k] * sum over r, s, c of x[n, h, w, c] * kernel[r, s, c, k])
//   h = p * STRIDE_H + r * DILATION_H - PAD_TOP,  w = q * STRIDE_W + s * DILATION_W - PAD_LEFT
//
// shapes    x [N, H, W, C], kernel [R, S, C / GROUPS, K], scale and bias [K] where there are any, y [N, P, Q, K]
// FLOPs     2 N P Q K R S C / GROUPS
// bytes     x is read R S K / (TK * LANES) times, kernel N P Q / TQ times (from cache), y written once; no im2col buffer
// tiling    one thread computes TQ neighbouring columns by TK vectors of output channels, in registers
//
//                      TK * LANES channels
//                     w w w w
//             x q   [ . . . . ]
//        TQ   x q+1 [ . . . . ]     each step over r, s, c: TQ + TK loads, TQ * TK vector multiply-adds
//             x q+2 [ . . . . ]
//             x q+3 [ . . . . ]
//
// parallel  threads over (n, p, column tile, channel tile), without barriers
// idea      direct convolution as an implicit matrix product (CUTLASS; MLX steel/conv), with the register tile of matmul.wgsl

const WORKGROUP_SIZE: u32 = 64u;

// LANES neighbouring output channels: f32, vec2f or vec4f.
alias Vector = f32;
const LANES: u32 = 1u;
const TQ: u32 = 4u;
const TK: u32 = 1u;

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
const HAS_BIAS: bool = false;
const HAS_SCALE: bool = false;
const RELU: bool = false;

// No constants: one pipeline serves batches of every size.
struct Sizes {
  N: u32,
}

@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> kernel: array<Vector>;
@group(0) @binding(3) var<storage, read> bias: array<Vector>;
@group(0) @binding(4) var<storage, read> scale: array<Vector>;
@group(0) @binding(5) var<storage, read_write> y: array<Vector>;

const C_PER_GROUP: u32 = C / GROUPS;
const K_PER_GROUP: u32 = K / GROUPS;
const K_VECTORS: u32 = K / LANES;
const K_TILES: u32 = K_VECTORS / TK;
const Q_TILES: u32 = (Q + TQ - 1u) / TQ;
const IMAGE_THREADS: u32 = P * Q_TILES * K_TILES;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let thread = id.x + id.y * groups.x * WORKGROUP_SIZE;
  if (thread >= sizes.N * IMAGE_THREADS) { return; }
  let k = (thread % K_TILES) * TK;
  let q = (thread / K_TILES % Q_TILES) * TQ;
  let p = thread / (K_TILES * Q_TILES) % P;
  let n = thread / (K_TILES * Q_TILES * P);
  // A tile never crosses a group.
  let c_first = (k * LANES / K_PER_GROUP) * C_PER_GROUP;

  var sums: array<array<Vector, TK>, TQ>;
  for (var r = 0u; r < R; r++) {
    // Rows above the image wrap to huge numbers, so one comparison finds both edges.
    let h = p * STRIDE_H + r * DILATION_H - PAD_TOP;
    if (PADDED && h >= H) { continue; }
    let row = (n * H + h) * W;
    for (var s = 0u; s < S; s++) {
      var x_at: array<u32, TQ>;
      var inside: array<bool, TQ>;
      for (var i = 0u; i < TQ; i++) {
        let w = min(q + i, Q - 1u) * STRIDE_W + s * DILATION_W - PAD_LEFT;
        inside[i] = w < W;
        x_at[i] = (row + w) * C + c_first;
      }
      for (var c = 0u; c < C_PER_GROUP; c++) {
        let kernel_at = ((r * S + s) * C_PER_GROUP + c) * K_VECTORS + k;
        var weights: array<Vector, TK>;
        for (var j = 0u; j < TK; j++) { weights[j] = kernel[kernel_at + j]; }
        for (var i = 0u; i < TQ; i++) {
          // The padding is skipped and not read as 0: the weight that it meets may be infinite.
          if (PADDED && !inside[i]) { continue; }
          let value = x[x_at[i] + c];
          for (var j = 0u; j < TK; j++) { sums[i][j] += value * weights[j]; }
        }
      }
    }
  }

  let y_at = ((n * P + p) * Q + q) * K_VECTORS + k;
  for (var i = 0u; i < TQ; i++) {
    if (q + i >= Q) { continue; }
    for (var j = 0u; j < TK; j++) {
      var sum = sums[i][j];
      if (HAS_SCALE) { sum *= scale[k + j]; }
      if (HAS_BIAS) { sum += bias[k + j]; }
      if (RELU) { sum = select(sum, Vector(0.0), sum < Vector(0.0)); }
      y[y_at + i * K_VECTORS + j] = sum;
    }
  }
}
