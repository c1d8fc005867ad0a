// How many bytes a device can move: a copy.
//
//   y[i] = x[i]
//
// shapes    x and y [VECTORS] vectors of four
// FLOPs     0
// bytes     reads x once, writes y once
// tiling    one thread copies one vector; neighbours copy neighbours
// parallel  over vectors
// idea      J. McCalpin, STREAM

const WORKGROUP_SIZE: u32 = 64u;
const VECTORS: u32 = 1u;

@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4f>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.x + id.y * groups.x * WORKGROUP_SIZE;
  if (i < VECTORS) { y[i] = x[i]; }
}
