// Convolution, NHWC by RSCK, and the largest cell of each window of its result, in one pass: what lies between is never written.
//
//   z[n, h', w', k] = activation(bias[k] + sum over r, s, c of x[n, h, w, c] * kernel[r, s, c, k])
//   y[n, p, q, k]   = max over a, b of z[n, p * POOL_STRIDE_H + a, q * POOL_STRIDE_W + b, k]
//   winner          = a * POOL_W + b of the first maximum, row by row
//   h = h' * STRIDE_H + r * DILATION_H - PAD_TOP,  w = w' * STRIDE_W + s * DILATION_W - PAD_LEFT
//
// shapes    x [N, H, W, C], kernel [R, S, C / GROUPS, K], bias [K], y and winner [N, P, Q, K]; windows do not overlap
// FLOPs     2 N P Q K * POOL_H POOL_W * R S C / GROUPS
// bytes     x is read POOL_H POOL_W R S K / (TK * LANES) times and kernel N P Q times (from cache), y and winner written once
// tiling    one thread computes a window of POOL_H by POOL_W cells by TK vectors of output channels, in registers
//
//                      TK * LANES channels
//                     w w w w
//             x 00  [ . . . . ]
//   window    x 01  [ . . . . ]     each step over r, s, c: cells + TK loads, cells * TK vector multiply-adds;
//             x 10  [ . . . . ]     then the largest of each column
//             x 11  [ . . . . ]
//
// parallel  threads over (n, p, q, channel tile), without barriers
// idea      the fused first layer of small CNNs: the convolution's output is four times what the pool keeps

const WORKGROUP_SIZE: u32 = 64u;

// LANES neighbouring output channels: f32 with i32, vec2f with vec2i, vec4f with vec4i.
alias Vector = f32;
alias Codes = i32;
const LANES: u32 = 1u;
const TK: u32 = 1u;

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
const POOL_H: u32 = 2u;
const POOL_W: u32 = 2u;
const POOL_STRIDE_H: u32 = 2u;
const POOL_STRIDE_W: u32 = 2u;
// Whether any window of the convolution reaches outside x.
const PADDED: bool = false;
const HAS_BIAS: bool = false;
const RELU: bool = false;
// Whether loops over taps stay loops. Unrolled they take a CPU that plays the GPU seconds to compile, and run no faster.
const ROLLED: bool = false;

// Where the images lie: as they are, or row i is that of order[start + cursor * stride + i], all clamped.
const GATHERED: bool = false;

struct Batch {
  start: u32,
  stride: u32,
  order_size: u32,
  table_rows: u32,
  N: u32,
}

@group(0) @binding(0) var<uniform> batch: Batch;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> kernel: array<Vector>;
@group(0) @binding(3) var<storage, read> bias: array<Vector>;
@group(0) @binding(4) var<storage, read> order: array<i32>;
@group(0) @binding(5) var<storage, read> cursor: array<i32>;
@group(0) @binding(6) var<storage, read_write> y: array<Vector>;
@group(0) @binding(7) var<storage, read_write> winner: array<Codes>;

const C_PER_GROUP: u32 = C / GROUPS;
const K_PER_GROUP: u32 = K / GROUPS;
const K_VECTORS: u32 = K / LANES;
const K_TILES: u32 = K_VECTORS / TK;
const CELLS: u32 = POOL_H * POOL_W;
const IMAGE_THREADS: u32 = P * Q * K_TILES;

fn source_row(i: u32) -> u32 {
  if (!GATHERED) { return i; }
  let at = i32(batch.start + i) + cursor[0] * i32(batch.stride);
  let row = order[clamp(at, 0, i32(batch.order_size) - 1)];
  return u32(clamp(row, 0, i32(batch.table_rows) - 1));
}

// A bound that a compiler cannot see through.
fn loop_to(count: u32) -> u32 {
  if (ROLLED) { return min(count, arrayLength(&kernel)); }
  return count;
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let thread = id.x + id.y * groups.x * WORKGROUP_SIZE;
  if (thread >= batch.N * IMAGE_THREADS) { return; }
  let k = (thread % K_TILES) * TK;
  let q = thread / K_TILES % Q;
  let p = thread / (K_TILES * Q) % P;
  let n = thread / (K_TILES * Q * P);
  let image = source_row(n);
  // A tile never crosses a group.
  let c_first = (k * LANES / K_PER_GROUP) * C_PER_GROUP;

  var sums: array<array<Vector, TK>, CELLS>;
  for (var r = 0u; r < loop_to(R); r++) {
    for (var s = 0u; s < loop_to(S); s++) {
      var x_at: array<u32, CELLS>;
      var inside: array<bool, CELLS>;
      for (var i = 0u; i < CELLS; i++) {
        // Below zero wraps to huge numbers, so one comparison finds both edges.
        let h = (p * POOL_STRIDE_H + i / POOL_W) * STRIDE_H + r * DILATION_H - PAD_TOP;
        let w = (q * POOL_STRIDE_W + i % POOL_W) * STRIDE_W + s * DILATION_W - PAD_LEFT;
        inside[i] = !PADDED || (h < H && w < W);
        x_at[i] = select(0u, ((image * H + h) * W + w) * C, inside[i]) + c_first;
      }
      for (var c = 0u; c < C_PER_GROUP; c++) {
        let kernel_at = ((r * S + s) * C_PER_GROUP + c) * K_VECTORS + k;
        var weights: array<Vector, TK>;
        for (var j = 0u; j < TK; j++) { weights[j] = kernel[kernel_at + j]; }
        for (var i = 0u; i < CELLS; i++) {
          let value = x[x_at[i] + c];
          for (var j = 0u; j < TK; j++) {
            // Padding takes no part: beside an infinite weight it would make NaN.
            sums[i][j] += select(Vector(0.0), value * weights[j], inside[i]);
          }
        }
      }
    }
  }

  let y_at = ((n * P + p) * Q + q) * K_VECTORS + k;
  for (var j = 0u; j < TK; j++) {
    var best = Vector(0.0);
    var code = Codes(-1);
    for (var i = 0u; i < CELLS; i++) {
      var value = sums[i][j];
      if (HAS_BIAS) { value += bias[k + j]; }
      if (RELU) { value = select(value, Vector(0.0), value < Vector(0.0)); }
      // The first of equals, and the first NaN, wins; the first cell whatever it holds.
      let wins = (!(value <= best) & (best == best)) | (code < Codes(0));
      best = select(best, value, wins);
      code = select(code, Codes(i32(i)), wins);
    }
    y[y_at + j] = best;
    winner[y_at + j] = code;
  }
}
