// The largest cell of each window, and which it was:
//
//   y[n, p, q, c] = max over r, s of x[n, p * STRIDE_H + r - PAD_TOP, q * STRIDE_W + s - PAD_LEFT, c]
//   winner[n, p, q, c] = r * POOL_W + s of the first maximum, row by row, or of the first NaN
//
// shapes    x [N, H, W, C], y and winner [N, P, Q, C]; cells of the padding never win
// FLOPs     N P Q C * POOL_H * POOL_W comparisons
// bytes     reads x once (windows that do not overlap), writes y and winner once
// tiling    one thread makes one vector of LANES channels
//
//             window     [ a b ]
//                        [ c d ]   -> max(a, b, c, d), code 0 .. 3
//
// parallel  every thread on its own

const WORKGROUP_SIZE: u32 = 64u;

// LANES neighbouring channels: f32 with i32, vec2f with vec2i, vec4f with vec4i.
alias Vector = f32;
alias Codes = i32;
const LANES: u32 = 1u;

const H: u32 = 4u;
const W: u32 = 4u;
const C: u32 = 1u;
const P: u32 = 2u;
const Q: u32 = 2u;
const POOL_H: u32 = 2u;
const POOL_W: u32 = 2u;
const STRIDE_H: u32 = 2u;
const STRIDE_W: u32 = 2u;
const PAD_TOP: u32 = 0u;
const PAD_LEFT: u32 = 0u;

// No constants: one pipeline serves batches of every size.
struct Sizes {
  N: u32,
}

@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> x: array<Vector>;
@group(0) @binding(2) var<storage, read_write> y: array<Vector>;
@group(0) @binding(3) var<storage, read_write> winner: array<Codes>;

const VECTORS: u32 = C / LANES;
const IMAGE_THREADS: u32 = P * Q * VECTORS;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let thread = id.x + id.y * groups.x * WORKGROUP_SIZE;
  if (thread >= sizes.N * IMAGE_THREADS) { return; }
  let c = thread % VECTORS;
  let q = thread / VECTORS % Q;
  let p = thread / (VECTORS * Q) % P;
  let n = thread / (VECTORS * Q * P);

  var best = Vector(0.0);
  var code = Codes(-1);
  for (var r = 0u; r < POOL_H; r++) {
    // Rows above the image wrap to huge numbers, so one comparison finds both edges.
    let h = p * STRIDE_H + r - PAD_TOP;
    if (h >= H) { continue; }
    for (var s = 0u; s < POOL_W; s++) {
      let w = q * STRIDE_W + s - PAD_LEFT;
      if (w >= W) { continue; }
      let value = x[((n * H + h) * W + w) * VECTORS + c];
      // The first real cell is taken whatever it holds. Comparisons with NaN are false, so that it wins and stays.
      let wins = (!(value <= best) & (best == best)) | (code < Codes(0));
      best = select(best, value, wins);
      code = select(code, Codes(i32(r * POOL_W + s)), wins);
    }
  }
  y[thread] = best;
  winner[thread] = code;
}
