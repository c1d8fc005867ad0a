// Gradient of a convolution by an input of few channels, without groups:
//
//   dx[n, h, w, c] = sum over r, s, k of dy[n, p, q, k] * kernel[r, s, c, k]
//   where p = (h + PAD_TOP - r * DILATION_H) / STRIDE_H is a whole number inside dy, and q likewise
//
// shapes    dy [N, P, Q, K], kernel [R, S, C, K], dx [N, H, W, C]; DILATION_W is 1
// FLOPs     2 N P Q K R S C
// bytes     dy is read R S (1 / TS + 1 / TW) times, kernel N H W / TW times (from cache), dx written once; the kernel is not
//           turned first
// tiling    one thread computes TW columns with all their channels, in registers. Vectors of so few channels would be short, so the
//           sum over k goes by vectors, and the taps of a row share what they load of dy. With a stride the columns are STRIDE_W
//           apart, so that all of a tile take part in the same taps: every STRIDE_W-th, at most TAPS
//
//                          C channels
//                         w  w  w
//             dy w-s    [ .  .  . ]
//        TW   dy w      [ .  .  . ]     each step over r, TS taps and LANES output channels: TW + TS - 1 loads of dy and
//             dy w+s    [ .  .  . ]     TS * C of the kernel, TW * TS * C scalar products of LANES
//             dy w+2s   [ .  .  . ]
//
// parallel  threads over (n, h, column tile), without barriers
// idea      loaders of their own for few channels: MLX steel/conv; the tile of conv2d_grad_input.wgsl

const WORKGROUP_SIZE: u32 = 64u;

// LANES neighbouring output channels: f32, or vec4f where K is a multiple of 4.
alias Vector = f32;
const LANES: u32 = 1u;
const TW: u32 = 4u;
const TS: u32 = 1u;

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
const PAD_TOP: u32 = 0u;
const PAD_LEFT: u32 = 0u;
// Whether the sum over k stays a loop. Unrolled it takes a CPU that plays the GPU seconds to compile, and runs no faster.
const ROLLED: bool = false;

// No constants: one pipeline serves batches of every size.
struct Sizes {
  N: u32,
}

@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> dy: array<Vector>;
@group(0) @binding(2) var<storage, read> kernel: array<Vector>;
@group(0) @binding(3) var<storage, read_write> dx: array<f32>;

const K_VECTORS: u32 = K / LANES;
// Columns of one remainder modulo the stride, and tiles of TW of them.
const W_PER_PHASE: u32 = (W + STRIDE_W - 1u) / STRIDE_W;
const W_TILES: u32 = (W_PER_PHASE + TW - 1u) / TW;
const IMAGE_THREADS: u32 = H * STRIDE_W * W_TILES;
// Taps of a row that one phase takes part in, and columns of dy that a tile sees through TS of them.
const TAPS: u32 = (S + STRIDE_W - 1u) / STRIDE_W;
const SEEN: u32 = TW + TS - 1u;

// A bound that a compiler cannot see through.
fn loop_to(count: u32) -> u32 {
  if (ROLLED) { return min(count, arrayLength(&dy)); }
  return count;
}

// The scalar product, of numbers too.
fn product(a: Vector, b: Vector) -> f32 {
  if (LANES == 1u) { return vec4f(a * b)[0]; }
  return dot(vec4f(a), vec4f(b));
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let thread = id.x + id.y * groups.x * WORKGROUP_SIZE;
  if (thread >= sizes.N * IMAGE_THREADS) { return; }
  let tile = thread % (STRIDE_W * W_TILES);
  let w_first = tile / STRIDE_W * TW * STRIDE_W + tile % STRIDE_W;
  let h = thread / (STRIDE_W * W_TILES) % H;
  let n = thread / (STRIDE_W * W_TILES * H);
  // The first tap that the tile takes part in, and the column of dy that its first column sees through it.
  let s_first = (w_first + PAD_LEFT) % STRIDE_W;
  let q_first = (w_first + PAD_LEFT) / STRIDE_W;

  var sums: array<array<f32, C>, TW>;
  for (var r = 0u; r < R; r++) {
    // Below zero wraps to huge numbers, so one comparison finds both edges.
    let p_scaled = h + PAD_TOP - r * DILATION_H;
    if (p_scaled >= P * STRIDE_H || p_scaled % STRIDE_H != 0u) { continue; }
    let row = (n * P + p_scaled / STRIDE_H) * Q;
    for (var first = 0u; first < TAPS; first += TS) {
      // What the first column sees through the last of these taps; before dy that wraps to huge numbers.
      let q_seen = q_first - first - (TS - 1u);
      for (var k = 0u; k < loop_to(K_VECTORS); k++) {
        var slopes: array<Vector, SEEN>;
        for (var i = 0u; i < SEEN; i++) {
          let q = q_seen + i;
          slopes[i] = dy[(row + select(0u, q, q < Q)) * K_VECTORS + k];
        }
        for (var tap = 0u; tap < TS; tap++) {
          let s = s_first + (first + tap) * STRIDE_W;
          if (s < S) {
            var weights: array<Vector, C>;
            for (var c = 0u; c < C; c++) { weights[c] = kernel[((r * S + s) * C + c) * K_VECTORS + k]; }
            for (var i = 0u; i < TW; i++) {
              // Skipped and not read as 0: the weight that it meets may be infinite.
              if (q_seen + i + TS - 1u - tap < Q) {
                for (var c = 0u; c < C; c++) { sums[i][c] += product(slopes[i + TS - 1u - tap], weights[c]); }
              }
            }
          }
        }
      }
    }
  }

  for (var i = 0u; i < TW; i++) {
    let w = w_first + i * STRIDE_W;
    if (w >= W) { continue; }
    for (var c = 0u; c < C; c++) { dx[((n * H + h) * W + w) * C + c] = sums[i][c]; }
  }
}
