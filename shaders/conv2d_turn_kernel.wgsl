// The kernel of a convolution with its last two axes swapped, for the gradient by the input:
//
//   kernel_t[tap, k, c] = kernel[tap, c, k]
//
// shapes    kernel [TAPS, C, K], kernel_t [TAPS, K, C]
// FLOPs     none
// bytes     reads kernel once, writes kernel_t once
// tiling    one thread reads a vector of the kernel and scatters it; neighbours differ in c, and write side by side
// parallel  threads over (tap, vector of k, c)

const WORKGROUP_SIZE: u32 = 64u;

// LANES neighbouring output channels: f32, or vec4f where K is a multiple of 4.
alias Vector = f32;
const LANES: u32 = 1u;
const TAPS: u32 = 9u;
const C: u32 = 4u;
const K: u32 = 4u;

@group(0) @binding(0) var<storage, read> kernel: array<Vector>;
@group(0) @binding(1) var<storage, read_write> kernel_t: array<f32>;

const K_VECTORS: u32 = K / LANES;
const THREADS: u32 = TAPS * K_VECTORS * C;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let thread = id.x + id.y * groups.x * WORKGROUP_SIZE;
  if (thread >= THREADS) { return; }
  let c = thread % C;
  let k = thread / C % K_VECTORS;
  let tap = thread / (C * K_VECTORS);
  let weights = vec4f(kernel[(tap * C + c) * K_VECTORS + k]);
  for (var i = 0u; i < LANES; i++) { kernel_t[(tap * K + k * LANES + i) * C + c] = weights[i]; }
}
