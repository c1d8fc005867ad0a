// The mean of each window:
//
//   y[n, p, q, c] = (sum over r, s of x[n, p * STRIDE_H + r - PAD_TOP, q * STRIDE_W + s - PAD_LEFT, c]) / cells
//   cells = those of the window that lie inside x: padding counts neither above nor below the line
//
// shapes    x [N, H, W, C], y [N, P, Q, C]
// FLOPs     N P Q C * POOL_H * POOL_W additions
// bytes     reads x once (windows that do not overlap), writes y once
// tiling    one thread makes one vector of LANES channels
//
//             window     [ a b ]
//                        [ c d ]   -> (a + b + c + d) / 4
//
// parallel  every thread on its own

const WORKGROUP_SIZE: u32 = 64u;

// LANES neighbouring channels: f32, vec2f or vec4f.
alias Vector = f32;
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

  var sum = Vector(0.0);
  var cells = 0u;
  for (var r = 0u; r < POOL_H; r++) {
    // Rows above the image wrap to huge numbers, so one comparison finds both edges.
    let h = p * STRIDE_H + r - PAD_TOP;
    if (h >= H) { continue; }
    for (var s = 0u; s < POOL_W; s++) {
      let w = q * STRIDE_W + s - PAD_LEFT;
      if (w >= W) { continue; }
      sum += x[((n * H + h) * W + w) * VECTORS + c];
      cells++;
    }
  }
  y[thread] = sum / f32(cells);
}
