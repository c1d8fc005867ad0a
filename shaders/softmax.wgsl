// Softmax, or its logarithm, of each row:
//
//   y[c] = exp(x[c] - top) / sum, or x[c] - top - ln(sum);  top = max of x, sum = sum of exp(x - top)
//
// shapes    x and y [rows, classes]
// FLOPs     about 4 an element
// bytes     reads x three times (from cache after the first), writes y once
// tiling    one thread takes one row
//
//             thread 0   [ x x x x ... ]
//             thread 1   [ x x x x ... ]
//
// parallel  threads over rows

const WORKGROUP_SIZE: u32 = 64u;
const LOGARITHM: bool = false;

struct Params {
  rows: u32,
  classes: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

// Implementations may return anything for NaN, and it must pass. Comparisons with it are false, so v == v tells it apart.
fn power_of_e(v: f32) -> f32 {
  return select(v, exp(v), v == v);
}

fn ln(v: f32) -> f32 {
  return select(v, log(v), v == v);
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let row = id.x + id.y * groups.x * WORKGROUP_SIZE;
  if (row >= params.rows) { return; }
  let first = row * params.classes;
  let end = first + params.classes;
  var top = x[first];
  // Whatever max makes of a NaN: the sum will be NaN.
  for (var i = first + 1u; i < end; i++) { top = max(top, x[i]); }
  var sum = 0.0;
  for (var i = first; i < end; i++) { sum += power_of_e(x[i] - top); }
  if (LOGARITHM) {
    // The maximum goes first: added to the logarithm, a large one would swallow its digits.
    let log_sum = ln(sum);
    for (var i = first; i < end; i++) { y[i] = x[i] - top - log_sum; }
  } else {
    for (var i = first; i < end; i++) { y[i] = power_of_e(x[i] - top) / sum; }
  }
}
