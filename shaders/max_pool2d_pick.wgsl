// The cells that won each window, of another image of that shape: what the gradient of max-pooling's gradient needs.
//
//   y[n, p, q, c] = x[n, h, w, c] with (h, w) the cell that winner[n, p, q, c] names
//
// shapes    x [N, H, W, C], winner and y [N, P, Q, C]
// FLOPs     none
// bytes     reads winner and as many cells of x once, writes y once
// tiling    one thread makes one element of y
//
//             winner = 1     [ a b ]
//                            [ c d ]   -> b
//
// parallel  every thread on its own; neighbours differ in c

const WORKGROUP_SIZE: u32 = 64u;

const H: u32 = 4u;
const W: u32 = 4u;
const C: u32 = 1u;
const P: u32 = 2u;
const Q: u32 = 2u;
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
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> winner: array<i32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

const IMAGE_THREADS: u32 = P * Q * C;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let thread = id.x + id.y * groups.x * WORKGROUP_SIZE;
  if (thread >= sizes.N * IMAGE_THREADS) { return; }
  let c = thread % C;
  let q = thread / C % Q;
  let p = thread / (C * Q) % P;
  let n = thread / (C * Q * P);
  let code = u32(winner[thread]);
  let h = p * STRIDE_H + code / POOL_W - PAD_TOP;
  let w = q * STRIDE_W + code % POOL_W - PAD_LEFT;
  y[thread] = x[((n * H + h) * W + w) * C + c];
}
