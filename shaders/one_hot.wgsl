// y[i, d] = 1 where d = indices[i], else 0. An index outside gives a row of zeros.
//
// shapes    indices int32 [n], y float [n, depth]
// FLOPs     none
// bytes     reads indices once, writes y once
// tiling    one thread writes one element of y
// parallel  every thread on its own

const WORKGROUP_SIZE: u32 = 64u;

struct Params {
  // elements of y
  size: u32,
  depth: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> indices: array<i32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let thread = id.x + id.y * groups.x * WORKGROUP_SIZE;
  if (thread >= params.size) { return; }
  let hit = indices[thread / params.depth] == i32(thread % params.depth);
  y[thread] = select(0.0, 1.0, hit);
}
