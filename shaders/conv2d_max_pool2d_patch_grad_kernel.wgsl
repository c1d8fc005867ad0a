// Gradient of the kernel of a network's first layer, a convolution of images with few channels and a max-pool behind it: of
// each window only the cell that won passes anything back.
//
//   dkernel[r, s, c, k] = sum over n, p, q of x[n, h, w, c] * dz[n, p, q, k]
//   dbias[k]            = sum over n, p, q of dz[n, p, q, k];  dz = dy, or dy where y > 0 if RELU
//   h = h' * STRIDE_H + r - PAD_TOP,  w = w' * STRIDE_W + s - PAD_LEFT
//   h' = p * POOL_STRIDE_H + winner / POOL_W,  w' = q * POOL_STRIDE_W + winner % POOL_W
//
// shapes    x [N, H, W, C] or a data set with such rows, dy, y and winner [N, P, Q, K], dkernel [R, S, C, K], dbias [K];
//           the results are small and the sums long, so `splits` threads share them: partials [splits, R, S, C, K] and
//           bias_partials [splits, K] (see split_sum.wgsl)
// FLOPs     2 N P Q K R S C that count; POOL_H POOL_W times as many are done
// bytes     dy, y and winner are read once, x PATCH_H PATCH_W K / 4 / (POOL_STRIDE_H POOL_STRIDE_W) times (from cache)
// tiling    one thread sums all taps of four output channels; the patch of x under a window is in registers, and the slopes of
//           the four channels stand at the cells that won, zeros at the others
//
//                     patch of x                 slopes at the cells
//                   [ x x x x ]               00  [ d . . d ]
//                   [ x x x x ]               01  [ . . . . ]     each step over p, q: one patch and three vectors are
//                   [ x x x x ]               10  [ . d . . ]     loaded; each tap then takes a vector multiply-add
//                   [ x x x x ]               11  [ . . d . ]     for each cell
//
// parallel  threads over (split, channel vector); a split takes the rows (n, p) that are its number modulo splits
// idea      multiply-adds by zero are cheaper than loads around each channel's own winner, which no neighbour shares

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
// Whether any window of the convolution reaches outside x.
const PADDED: bool = false;
const RELU: bool = false;
const HAS_BIAS: bool = false;
// Where the images lie: as they are, or row i is that of order[start + cursor * stride + i], all clamped.
const GATHERED: bool = false;

struct Params {
  start: u32,
  stride: u32,
  order_size: u32,
  table_rows: u32,
  // N * P, and windows of a row: no constants, so that no compiler unrolls the ways along them.
  lines: u32,
  columns: u32,
  splits: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> dy: array<vec4f>;
@group(0) @binding(3) var<storage, read> winner: array<vec4i>;
@group(0) @binding(4) var<storage, read> y: array<vec4f>;
@group(0) @binding(5) var<storage, read> order: array<i32>;
@group(0) @binding(6) var<storage, read> cursor: array<i32>;
@group(0) @binding(7) var<storage, read_write> partials: array<vec4f>;
@group(0) @binding(8) var<storage, read_write> bias_partials: array<vec4f>;

const K_VECTORS: u32 = K / 4u;
const PATCH_H: u32 = (POOL_H - 1u) * STRIDE_H + R;
const PATCH_W: u32 = (POOL_W - 1u) * STRIDE_W + S;
const CELLS: u32 = POOL_H * POOL_W;
const TAPS: u32 = R * S * C;

fn source_row(i: u32) -> u32 {
  if (!GATHERED) { return i; }
  let at = i32(params.start + i) + cursor[0] * i32(params.stride);
  let row = order[clamp(at, 0, i32(params.order_size) - 1)];
  return u32(clamp(row, 0, i32(params.table_rows) - 1));
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let thread = id.x + id.y * groups.x * WORKGROUP_SIZE;
  if (thread >= params.splits * K_VECTORS) { return; }
  let k = thread % K_VECTORS;
  let split = thread / K_VECTORS;

  var sums: array<vec4f, TAPS>;
  var bias_sum = vec4f(0.0);
  for (var line = split; line < params.lines; line += params.splits) {
    let image = source_row(line / P);
    // Rows and columns before the image wrap to huge numbers, so one comparison finds both edges.
    let h_first = line % P * POOL_STRIDE_H * STRIDE_H - PAD_TOP;
    for (var q = 0u; q < params.columns; q++) {
      let at = (line * Q + q) * K_VECTORS + k;
      var slope = dy[at];
      if (RELU) { slope = select(vec4f(0.0), slope, y[at] > vec4f(0.0)); }
      bias_sum += slope;
      let code = winner[at];
      let w_first = q * POOL_STRIDE_W * STRIDE_W - PAD_LEFT;
      for (var i = 0u; i < PATCH_H; i++) {
        for (var j = 0u; j < PATCH_W; j++) {
          let h = h_first + i;
          let w = w_first + j;
          // The padding is skipped and not read as 0: the slope that it meets may be infinite.
          if (PADDED && (h >= H || w >= W)) { continue; }
          for (var c = 0u; c < C; c++) {
            let value = x[((image * H + h) * W + w) * C + c];
            for (var cell = 0u; cell < CELLS; cell++) {
              let r = i - cell / POOL_W * STRIDE_H;
              let s = j - cell % POOL_W * STRIDE_W;
              if (r < R && s < S) {
                let passed = select(vec4f(0.0), value * slope, code == vec4i(i32(cell)));
                sums[(r * S + s) * C + c] += passed;
              }
            }
          }
        }
      }
    }
  }

  for (var tap = 0u; tap < TAPS; tap++) { partials[(split * TAPS + tap) * K_VECTORS + k] = sums[tap]; }
  if (HAS_BIAS) { bias_partials[split * K_VECTORS + k] = bias_sum; }
}
