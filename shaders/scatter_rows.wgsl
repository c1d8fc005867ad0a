// The gradient of gathering rows: each row of dx is the sum of the rows of dy that came from it.
//
//   dx[i, j] = sum over the m with clamp(indices[m], 0, rows - 1) = i, in rising order, of dy[m, j]
//
// shapes    dy [count, row], indices int32 [count], dx [rows, row]
// FLOPs     count * row additions
// bytes     count / blocks indices are read rows * row times (from cache), dy once, dx written once
// tiling    one thread makes one element of dx and walks the indices of its block
//
//             indices  2 0 2     dx row 0:  dy row 1
//                                dx row 1:  0
//                                dx row 2:  dy row 0 + dy row 2
//
// parallel  every thread on its own, without float atomics: the order of every sum is fixed

const WORKGROUP_SIZE: u32 = 64u;

struct Params {
  rows: u32,
  row: u32,
  count: u32,
  // of rows, and as many of indices: those of a block point into the same one of rows
  blocks: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<storage, read> indices: array<i32>;
@group(0) @binding(3) var<storage, read_write> dx: array<f32>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let thread = id.x + id.y * groups.x * WORKGROUP_SIZE;
  if (thread >= params.rows * params.row) { return; }
  let i = i32(thread / params.row);
  let j = thread % params.row;
  let run = params.count / params.blocks;
  let first = u32(i) / (params.rows / params.blocks) * run;
  var sum = 0.0;
  for (var m = first; m < first + run; m++) {
    if (clamp(indices[m], 0, i32(params.rows) - 1) == i) { sum += dy[m * params.row + j]; }
  }
  dx[thread] = sum;
}
