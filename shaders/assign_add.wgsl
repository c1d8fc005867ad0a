// destination[i] += value[i], in place ("target" is a reserved word).
//
// shapes    destination and value: any, the same
// FLOPs     1 an element
// bytes     reads both, writes destination once
// tiling    one thread takes one element
// parallel  every thread on its own

const WORKGROUP_SIZE: u32 = 64u;

// f32 or i32
alias Element = f32;

struct Params {
  size: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> destination: array<Element>;
@group(0) @binding(2) var<storage, read> value: array<Element>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let thread = id.x + id.y * groups.x * WORKGROUP_SIZE;
  if (thread < params.size) { destination[thread] += value[thread]; }
}
