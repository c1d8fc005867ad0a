// y[i] = value.
//
// shapes    y: any
// FLOPs     none
// bytes     writes y once
// tiling    one thread writes one vec4u: the value's bits four times (bytes come repeated in a word)
// parallel  every thread on its own

const WORKGROUP_SIZE: u32 = 64u;

struct Params {
  // vec4u of y
  vectors: u32,
  bits: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> y: array<vec4u>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let thread = id.x + id.y * groups.x * WORKGROUP_SIZE;
  if (thread < params.vectors) { y[thread] = vec4u(params.bits); }
}
