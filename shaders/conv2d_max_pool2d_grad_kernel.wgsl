// Gradient of a convolution by its kernel when a max-pool stands behind it, from the gradient of the pool's result: of each
// window only the cell that won passes anything back.
//
//   dkernel[r, s, c, k] = sum over n, p, q of x[n, h, w, c] * dz[n, p, q, k]
//   dbias[k]            = sum over n, p, q of dz[n, p, q, k];  dz = dy, or dy where y > 0 if RELU
//   h = h' * STRIDE_H + r * DILATION_H - PAD_TOP,  w = w' * STRIDE_W + s * DILATION_W - PAD_LEFT
//   h' = p * POOL_STRIDE_H + winner / POOL_W,  w' = q * POOL_STRIDE_W + winner % POOL_W
//
// shapes    x [N, H, W, C], dy, y and winner [N, P, Q, K], dkernel [R, S, C / GROUPS, K], dbias [K];
//           the results are small and the sums long, so `splits` threads share them: partials [splits, R, S, C / GROUPS, K]
//           and bias_partials [splits, K] (see split_sum.wgsl)
// FLOPs     2 N P Q K R S C / GROUPS
// bytes     dy, y and winner are read C / GROUPS times, x up to R S K times (from cache), partials written once
// tiling    one thread sums all R S taps of one (c, k), in registers: neighbours differ in k, and so in where they look
//
//                           dy
//             x r=0 s=0   [ . ]
//             x r=0 s=1   [ . ]     each step over q: a slope and its winner, then
//             x r=1 s=0   [ . ]     R S loads around the winner and as many multiply-adds
//             x r=1 s=1   [ . ]
//
// parallel  threads over (split, c, k); a split takes the rows (n, p) that are its number modulo splits
// idea      the un-pooling is part of the load, so the sum has as many terms as the pool has results

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
const DILATION_H: u32 = 1u;
const DILATION_W: u32 = 1u;
const PAD_TOP: u32 = 0u;
const PAD_LEFT: u32 = 0u;
const GROUPS: u32 = 1u;
const POOL_W: u32 = 2u;
const POOL_STRIDE_H: u32 = 2u;
const POOL_STRIDE_W: u32 = 2u;
// Whether any window of the convolution reaches outside x.
const PADDED: bool = false;
const RELU: bool = false;
const HAS_BIAS: bool = false;

// Where the images lie: as they are, or row i is that of order[start + cursor * stride + i], all clamped.
const GATHERED: bool = false;

struct Batch {
  start: u32,
  stride: u32,
  order_size: u32,
  table_rows: u32,
  // N * P: no constant, so that no compiler unrolls the way along them.
  lines: u32,
  splits: u32,
}

@group(0) @binding(0) var<uniform> batch: Batch;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> dy: array<f32>;
@group(0) @binding(3) var<storage, read> winner: array<u32>;
@group(0) @binding(4) var<storage, read> y: array<f32>;
@group(0) @binding(5) var<storage, read> order: array<i32>;
@group(0) @binding(6) var<storage, read> cursor: array<i32>;
@group(0) @binding(7) var<storage, read_write> partials: array<f32>;
@group(0) @binding(8) var<storage, read_write> bias_partials: array<f32>;

const C_PER_GROUP: u32 = C / GROUPS;
const K_PER_GROUP: u32 = K / GROUPS;
const TAPS: u32 = R * S;
const SPLIT_THREADS: u32 = C_PER_GROUP * K;

fn source_row(i: u32) -> u32 {
  if (!GATHERED) { return i; }
  let at = i32(batch.start + i) + cursor[0] * i32(batch.stride);
  let row = order[clamp(at, 0, i32(batch.order_size) - 1)];
  return u32(clamp(row, 0, i32(batch.table_rows) - 1));
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let thread = id.x + id.y * groups.x * WORKGROUP_SIZE;
  if (thread >= batch.splits * SPLIT_THREADS) { return; }
  let k = thread % K;
  let c = thread / K % C_PER_GROUP;
  let split = thread / (K * C_PER_GROUP);
  let c_in_x = (k / K_PER_GROUP) * C_PER_GROUP + c;

  var sums: array<f32, TAPS>;
  var bias_sum = 0.0;
  for (var line = split; line < batch.lines; line += batch.splits) {
    let image = source_row(line / P);
    let p = line % P;
    for (var q = 0u; q < Q; q++) {
      let at = (line * Q + q) * K + k;
      var slope = dy[at];
      if (RELU) { slope = select(0.0, slope, y[at] > 0.0); }
      bias_sum += slope;
      let code = winner[at];
      let h_first = (p * POOL_STRIDE_H + code / POOL_W) * STRIDE_H - PAD_TOP;
      let w_first = (q * POOL_STRIDE_W + code % POOL_W) * STRIDE_W - PAD_LEFT;
      for (var tap = 0u; tap < TAPS; tap++) {
        // Below zero wraps to huge numbers, so one comparison finds both edges.
        let h = h_first + tap / S * DILATION_H;
        let w = w_first + tap % S * DILATION_W;
        let inside = !PADDED || (h < H && w < W);
        let value = x[select(0u, ((image * H + h) * W + w) * C, inside) + c_in_x];
        sums[tap] += select(0.0, value * slope, inside);
      }
    }
  }

  for (var tap = 0u; tap < TAPS; tap++) {
    partials[((split * TAPS + tap) * C_PER_GROUP + c) * K + k] = sums[tap];
  }
  if (HAS_BIAS && c == 0u) { bias_partials[split * K + k] = bias_sum; }
}
