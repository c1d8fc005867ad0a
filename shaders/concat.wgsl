// One part of a concatenation: rows of x become parts of the rows of y.
//
//   y[o, first + i] = x[o, i]
//
// shapes    x [outer, part], y [outer, whole]: the axis that is joined and all behind it, merged
// FLOPs     none
// bytes     reads and writes x's elements once
// tiling    one thread moves one element of 32 bits
//
//             y row 0:  a a a b b       the dispatch of a writes the a's, that of b the b's
//             y row 1:  a a a b b
//
// parallel  every thread on its own; neighbours read and write neighbours

const WORKGROUP_SIZE: u32 = 64u;

struct Params {
  // elements of x
  size: u32,
  part: u32,
  whole: u32,
  first: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<u32>;
@group(0) @binding(2) var<storage, read_write> y: array<u32>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let thread = id.x + id.y * groups.x * WORKGROUP_SIZE;
  if (thread >= params.size) { return; }
  y[(thread / params.part) * params.whole + params.first + thread % params.part] = x[thread];
}
