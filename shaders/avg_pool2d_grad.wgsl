// Gradient of average pooling, as a gather (each element of dx is written once, without atomics):
//
//   dx[n, h, w, c] = sum over the windows (p, q) that cover (h, w) of dy[n, p, q, c] / cells(p, q)
//   cells(p, q) = the cells of that window that lie inside dx
//
// shapes    dy [N, P, Q, C], dx [N, H, W, C]
// FLOPs     a division and an addition for each window that covers a cell
// bytes     reads dy once (windows that do not overlap), writes dx once
// tiling    one thread makes one vector of LANES channels
//
//             dx  [ dy/4 dy/4 ]
//                 [ dy/4 dy/4 ]
//
// parallel  every thread on its own; the order of the sum is fixed

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
@group(0) @binding(1) var<storage, read> dy: array<Vector>;
@group(0) @binding(2) var<storage, read_write> dx: array<Vector>;

const VECTORS: u32 = C / LANES;
const IMAGE_THREADS: u32 = H * W * VECTORS;

// The first window that reaches `at` (in padded coordinates).
fn first_window(at: u32, pool: u32, stride: u32) -> u32 {
  if (at < pool) { return 0u; }
  return (at - pool) / stride + 1u;
}

// How many of the cells from `first` on (in padded coordinates) lie inside.
fn cells_inside(first: u32, pool: u32, pad: u32, length: u32) -> u32 {
  return min(first + pool, pad + length) - max(first, pad);
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let thread = id.x + id.y * groups.x * WORKGROUP_SIZE;
  if (thread >= sizes.N * IMAGE_THREADS) { return; }
  let c = thread % VECTORS;
  let w = thread / VECTORS % W + PAD_LEFT;
  let h = thread / (VECTORS * W) % H + PAD_TOP;
  let n = thread / (VECTORS * W * H);

  var sum = Vector(0.0);
  let p_end = min(h / STRIDE_H + 1u, P);
  let q_end = min(w / STRIDE_W + 1u, Q);
  for (var p = first_window(h, POOL_H, STRIDE_H); p < p_end; p++) {
    let rows = cells_inside(p * STRIDE_H, POOL_H, PAD_TOP, H);
    for (var q = first_window(w, POOL_W, STRIDE_W); q < q_end; q++) {
      let cells = rows * cells_inside(q * STRIDE_W, POOL_W, PAD_LEFT, W);
      sum += dy[((n * P + p) * Q + q) * VECTORS + c] / f32(cells);
    }
  }
  dx[thread] = sum;
}
