// The gradients of a dense layer with few outputs, all in one pass: y = x kernel + bias.
//
//   dx[m, k]      = sum over n of dy[m, n] * kernel[k, n],  0 where not x[m, k] > 0 if RELU
//   dkernel[k, n] = sum over m of x[m, k] * dy[m, n]
//   dbias[n]      = sum over m of dy[m, n]
//
// shapes    x and dx [rows, K], kernel and dkernel [K, N], dy [rows, N], dbias [N]; N is small, N and K are even
// FLOPs     4 rows N K
// bytes     x, kernel, dx and dkernel once; dy is read K / 2 times (from cache)
// tiling    one thread keeps two rows of kernel and two of dkernel in registers while it walks down x and dy
//
//                      k k               n n n n
//             x m    [ . . ]           [ . . . . ]  dy m
//             dx m   [ . . ]           [ w w w w ]  rows k and k + 1 of kernel
//                                      [ g g g g ]  rows k and k + 1 of dkernel
//
//           each step over m: 1 + N / 2 loads, 4 N multiply-adds
//
// parallel  threads over pairs of k, then over pairs of dbias
// idea      both products meet the same x and dy: matmul_backward of llm.c (train_gpt2.c) loops twice, here once
// note      the number of rows is no constant: a compiler that knows it unrolls the walk, which took llvmpipe 2 s

const WORKGROUP_SIZE: u32 = 64u;

const N: u32 = 2u;
const K: u32 = 2u;
// Whether x is the result of a relu that the gradient goes on through.
const RELU: bool = false;

struct Params {
  rows: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec2f>;
@group(0) @binding(2) var<storage, read> kernel: array<vec2f>;
@group(0) @binding(3) var<storage, read> dy: array<vec2f>;
@group(0) @binding(4) var<storage, read_write> dx: array<vec2f>;
@group(0) @binding(5) var<storage, read_write> dkernel: array<vec2f>;
@group(0) @binding(6) var<storage, read_write> dbias: array<vec2f>;

const PAIRS: u32 = N / 2u;
const K_PAIRS: u32 = K / 2u;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let thread = id.x + id.y * groups.x * WORKGROUP_SIZE;
  if (thread >= K_PAIRS) {
    let n = thread - K_PAIRS;
    if (n >= PAIRS) { return; }
    var sum = vec2f(0.0);
    for (var m = 0u; m < params.rows; m++) { sum += dy[m * PAIRS + n]; }
    dbias[n] = sum;
    return;
  }

  var weights: array<array<vec2f, PAIRS>, 2>;
  for (var i = 0u; i < 2u; i++) {
    for (var n = 0u; n < PAIRS; n++) { weights[i][n] = kernel[(2u * thread + i) * PAIRS + n]; }
  }
  var sums: array<array<vec2f, PAIRS>, 2>;
  for (var m = 0u; m < params.rows; m++) {
    let values = x[m * K_PAIRS + thread];
    var first = vec2f(0.0);
    var second = vec2f(0.0);
    for (var n = 0u; n < PAIRS; n++) {
      let slopes = dy[m * PAIRS + n];
      first += slopes * weights[0][n];
      second += slopes * weights[1][n];
      sums[0][n] += values.x * slopes;
      sums[1][n] += values.y * slopes;
    }
    var slope = vec2f(first.x + first.y, second.x + second.y);
    if (RELU) { slope = select(vec2f(0.0), slope, values > vec2f(0.0)); }
    dx[m * K_PAIRS + thread] = slope;
  }
  for (var i = 0u; i < 2u; i++) {
    for (var n = 0u; n < PAIRS; n++) { dkernel[(2u * thread + i) * PAIRS + n] = sums[i][n]; }
  }
}
