// The gradients of a dense layer with few outputs, all in one pass: y = x kernel + bias.
//
//   dx[m, k]      = sum over n of dy[m, n] * kernel[k, n],  0 where not x[m, k] > 0 if RELU
//   dkernel[k, n] = sum over m of x[m, k] * dy[m, n]
//   dbias[n]      = sum over m of dy[m, n]
//
// shapes    x and dx [rows, K], kernel and dkernel [K, N], dy [rows, N], dbias [N]; N is small and even
// FLOPs     4 rows N K
// bytes     x, kernel, dx and dkernel once; dy is read K times (from cache)
// tiling    one thread keeps a row of kernel and one of dkernel in registers while it walks down x and dy
//
//                      k                 n n n n
//             x m    [ . ]             [ . . . . ]  dy m
//             dx m   [ . ]             [ w w w w ]  row k of kernel
//                                      [ g g g g ]  row k of dkernel
//
//           each step over m: 1 + N / 2 loads, 2 N multiply-adds
//
// parallel  threads over k, then one for each pair of dbias
// idea      both products meet the same x and dy: matmul_backward of llm.c (train_gpt2.c) loops twice, here once
// note      the number of rows is no constant: a compiler that knows it unrolls the walk, which took llvmpipe 2 s

const WORKGROUP_SIZE: u32 = 64u;

const N: u32 = 2u;
const K: u32 = 1u;
// Whether x is the result of a relu that the gradient goes on through.
const RELU: bool = false;

struct Params {
  rows: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> kernel: array<vec2f>;
@group(0) @binding(3) var<storage, read> dy: array<vec2f>;
@group(0) @binding(4) var<storage, read_write> dx: array<f32>;
@group(0) @binding(5) var<storage, read_write> dkernel: array<vec2f>;
@group(0) @binding(6) var<storage, read_write> dbias: array<vec2f>;

const PAIRS: u32 = N / 2u;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let thread = id.x + id.y * groups.x * WORKGROUP_SIZE;
  if (thread >= K) {
    let n = thread - K;
    if (n >= PAIRS) { return; }
    var sum = vec2f(0.0);
    for (var m = 0u; m < params.rows; m++) { sum += dy[m * PAIRS + n]; }
    dbias[n] = sum;
    return;
  }

  var weights: array<vec2f, PAIRS>;
  for (var n = 0u; n < PAIRS; n++) { weights[n] = kernel[thread * PAIRS + n]; }
  var sums: array<vec2f, PAIRS>;
  for (var m = 0u; m < params.rows; m++) {
    let value = x[m * K + thread];
    var products = vec2f(0.0);
    for (var n = 0u; n < PAIRS; n++) {
      let slopes = dy[m * PAIRS + n];
      products += slopes * weights[n];
      sums[n] += value * slopes;
    }
    let slope = products.x + products.y;
    dx[m * K + thread] = select(slope, 0.0, RELU && !(value > 0.0));
  }
  for (var n = 0u; n < PAIRS; n++) { dkernel[thread * PAIRS + n] = sums[n]; }
}
