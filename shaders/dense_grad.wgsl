// The gradients of a dense layer with few outputs, all in one pass: y = x kernel + bias.
//
//   dx[m, k]      = sum over n of dy[m, n] * kernel[k, n],  0 where not x[m, k] > 0 if RELU
//   dkernel[k, n] = sum over m of x[m, k] * dy[m, n]
//   dbias[n]      = sum over m of dy[m, n]
//
// shapes    x and dx [M, K], kernel and dkernel [K, N], dy [M, N], dbias [N]; N is small and K a multiple of 4
// FLOPs     4 M N K
// bytes     x, kernel, dx and dkernel once; dy is read K / 4 times (from cache)
// tiling    one thread keeps four rows of kernel and as many of dkernel in registers while it walks down x and dy
//
//                      k k k k                            n n n n n
//             x m    [ . . . . ]   each step over m:   [ . . . . . ]  dy m
//             dx m   [ . . . . ]   1 + N / 4 loads,    [ w w w w w ]  four rows of kernel
//                                  8 N multiply-adds   [ g g g g g ]  four rows of dkernel
//
// parallel  threads over groups of four k, then one for each element of dbias
// idea      both products meet the same x and dy: matmul_backward of llm.c (train_gpt2.c) loops twice, here once

const WORKGROUP_SIZE: u32 = 64u;

const M: u32 = 1u;
const N: u32 = 1u;
const K: u32 = 4u;
// Whether x is the result of a relu that the gradient goes on through.
const RELU: bool = false;

@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read> kernel: array<vec4f>;
@group(0) @binding(2) var<storage, read> dy: array<f32>;
@group(0) @binding(3) var<storage, read_write> dx: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> dkernel: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> dbias: array<f32>;

const K_VECTORS: u32 = K / 4u;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let thread = id.x + id.y * groups.x * WORKGROUP_SIZE;
  if (thread >= K_VECTORS) {
    let n = thread - K_VECTORS;
    if (n >= N) { return; }
    var sum = 0.0;
    for (var m = 0u; m < M; m++) { sum += dy[m * N + n]; }
    dbias[n] = sum;
    return;
  }

  // Four rows of N lie in one run of N vectors: number i of the run is row i / N, column i % N.
  var weights: array<f32, 4u * N>;
  for (var j = 0u; j < N; j++) {
    let four = kernel[thread * N + j];
    for (var i = 0u; i < 4u; i++) { weights[4u * j + i] = four[i]; }
  }
  var sums: array<f32, 4u * N>;
  for (var m = 0u; m < M; m++) {
    let values = x[m * K_VECTORS + thread];
    var slopes = vec4f(0.0);
    for (var n = 0u; n < N; n++) {
      let slope = dy[m * N + n];
      for (var i = 0u; i < 4u; i++) {
        slopes[i] += slope * weights[i * N + n];
        sums[i * N + n] += values[i] * slope;
      }
    }
    if (RELU) { slopes = select(vec4f(0.0), slopes, values > vec4f(0.0)); }
    dx[m * K_VECTORS + thread] = slopes;
  }
  for (var j = 0u; j < N; j++) {
    let at = 4u * j;
    dkernel[thread * N + j] = vec4f(sums[at], sums[at + 1u], sums[at + 2u], sums[at + 3u]);
  }
}
