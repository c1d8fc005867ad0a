// The first layer of a network: a convolution of images with few channels, and the largest cell of each window of its result.
//
//   z[n, h', w', k] = activation(bias[k] + sum over r, s, c of x[n, h, w, c] * kernel[r, s, c, k])
//   y[n, p, q, k]   = max over a, b of z[n, p * POOL_STRIDE_H + a, q * POOL_STRIDE_W + b, k]
//   winner          = a * POOL_W + b of the first maximum, row by row
//   h = h' * STRIDE_H + r - PAD_TOP,  w = w' * STRIDE_W + s - PAD_LEFT
//
// shapes    x [N, H, W, C] or a data set with such rows, kernel [R, S, C, K], bias [K], y and winner [N, P, Q, K]
// FLOPs     2 N P Q K * POOL_H POOL_W * R S C
// bytes     x is read PATCH_H PATCH_W / (POOL_STRIDE_H POOL_STRIDE_W) * K_GROUPS times (from cache), kernel by every thread, y and
//           winner written once
// tiling    one thread keeps the patch of x under one window in registers, and goes through its vectors of channels
//
//                     patch of x                     four channels
//                   [ x x x x ]                    k k k k
//                   [ x x x x ]            z 00  [ . . . . ]     each step over r, s, c: one weight that all threads
//                   [ x x x x ]            z 01  [ . . . . ]     share, POOL_H * POOL_W vector multiply-adds
//                   [ x x x x ]            z 10  [ . . . . ]
//                                          z 11  [ . . . . ]
//
// parallel  threads over (channel group, n, p, q): neighbours read the same weights at the same time
// idea      weights by uniform address, patch in registers: what makes direct convolution of few channels fast on any device,
//           and on a CPU that plays the GPU, whose loads from storage cost a bounds check for each lane

const WORKGROUP_SIZE: u32 = 64u;

const H: u32 = 8u;
const W: u32 = 8u;
const C: u32 = 1u;
const R: u32 = 3u;
const S: u32 = 3u;
const K: u32 = 4u;
const P: u32 = 3u;
const Q: u32 = 3u;
const STRIDE_H: u32 = 1u;
const STRIDE_W: u32 = 1u;
const PAD_TOP: u32 = 0u;
const PAD_LEFT: u32 = 0u;
const POOL_H: u32 = 2u;
const POOL_W: u32 = 2u;
const POOL_STRIDE_H: u32 = 2u;
const POOL_STRIDE_W: u32 = 2u;
// Threads that share the channels of one window.
const K_GROUPS: u32 = 1u;
// Whether any window of the convolution reaches outside x.
const PADDED: bool = false;
const HAS_BIAS: bool = false;
const RELU: bool = false;
// Where the images lie: as they are, or row i is that of order[start + cursor * stride + i], all clamped.
const GATHERED: bool = false;

struct Params {
  start: u32,
  stride: u32,
  order_size: u32,
  table_rows: u32,
  // Vectors of channels that a thread goes through: no constant, so that no compiler unrolls the way.
  vectors: u32,
  // N * P * Q
  windows: u32,
}

const K_VECTORS: u32 = K / 4u;

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<uniform> kernel: array<vec4f, R * S * C * K_VECTORS>;
@group(0) @binding(2) var<storage, read> x: array<f32>;
@group(0) @binding(3) var<storage, read> bias: array<vec4f>;
@group(0) @binding(4) var<storage, read> order: array<i32>;
@group(0) @binding(5) var<storage, read> cursor: array<i32>;
@group(0) @binding(6) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(7) var<storage, read_write> winner: array<vec4i>;

const PATCH_H: u32 = (POOL_H - 1u) * STRIDE_H + R;
const PATCH_W: u32 = (POOL_W - 1u) * STRIDE_W + S;
const CELLS: u32 = POOL_H * POOL_W;

fn source_row(i: u32) -> u32 {
  if (!GATHERED) { return i; }
  let at = i32(params.start + i) + cursor[0] * i32(params.stride);
  let row = order[clamp(at, 0, i32(params.order_size) - 1)];
  return u32(clamp(row, 0, i32(params.table_rows) - 1));
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let thread = id.x + id.y * groups.x * WORKGROUP_SIZE;
  if (thread >= params.windows * K_GROUPS) { return; }
  var group = 0u;
  if (K_GROUPS > 1u) { group = thread / params.windows; }
  let window = thread - group * params.windows;
  let q = window % Q;
  let p = window / Q % P;
  let image = source_row(window / (P * Q));

  // Rows and columns before the image wrap to huge numbers, so one comparison finds both edges.
  let h_first = p * POOL_STRIDE_H * STRIDE_H - PAD_TOP;
  let w_first = q * POOL_STRIDE_W * STRIDE_W - PAD_LEFT;
  var patch_of_x: array<f32, PATCH_H * PATCH_W * C>;
  var inside: array<bool, PATCH_H * PATCH_W>;
  for (var i = 0u; i < PATCH_H; i++) {
    for (var j = 0u; j < PATCH_W; j++) {
      let h = h_first + i;
      let w = w_first + j;
      let is_inside = !PADDED || (h < H && w < W);
      let at = select(0u, ((image * H + h) * W + w) * C, is_inside);
      inside[i * PATCH_W + j] = is_inside;
      for (var c = 0u; c < C; c++) { patch_of_x[(i * PATCH_W + j) * C + c] = x[at + c]; }
    }
  }

  let k_first = group * params.vectors;
  for (var k = k_first; k < min(k_first + params.vectors, K_VECTORS); k++) {
    var sums = array<vec4f, CELLS>();
    for (var r = 0u; r < R; r++) {
      for (var s = 0u; s < S; s++) {
        for (var c = 0u; c < C; c++) {
          let weight = kernel[((r * S + s) * C + c) * K_VECTORS + k];
          for (var i = 0u; i < CELLS; i++) {
            let cell = (i / POOL_W * STRIDE_H + r) * PATCH_W + i % POOL_W * STRIDE_W + s;
            // Padding takes no part: beside an infinite weight it would make NaN.
            sums[i] += select(vec4f(0.0), patch_of_x[cell * C + c] * weight, inside[cell]);
          }
        }
      }
    }
    var best = vec4f(0.0);
    var code = vec4i(-1);
    for (var i = 0u; i < CELLS; i++) {
      var value = sums[i];
      if (HAS_BIAS) { value += bias[k]; }
      if (RELU) { value = select(value, vec4f(0.0), value < vec4f(0.0)); }
      // The first of equals, and the first NaN, wins; the first cell whatever it holds.
      let wins = (!(value <= best) & (best == best)) | (code < vec4i(0));
      best = select(best, value, wins);
      code = select(code, vec4i(i32(i)), wins);
    }
    y[window * K_VECTORS + k] = best;
    winner[window * K_VECTORS + k] = code;
  }
}
