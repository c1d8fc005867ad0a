// Gradients are added up over windows of EVERY calls, whose last one leaves 0 for the next window:
//
//   sum = 0 where (iteration + 1) mod EVERY = 0, else sum + gradient
//
// shapes    sum and gradient: flat [4 * VECTORS]; iteration [1]
// FLOPs     1 a parameter
// bytes     12 a parameter: two read, one written
// tiling    one thread takes one vec4f
// parallel  every thread on its own

const WORKGROUP_SIZE: u32 = 64u;
const VECTORS: u32 = 1u;
const EVERY: i32 = 2i;

@group(0) @binding(0) var<storage, read_write> sum: array<vec4f>;
@group(0) @binding(1) var<storage, read> gradient: array<vec4f>;
@group(0) @binding(2) var<storage, read> iteration: array<i32>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let thread = id.x + id.y * groups.x * WORKGROUP_SIZE;
  if (thread >= VECTORS) { return; }
  let ends = (iteration[0] + 1) % EVERY == 0;
  sum[thread] = select(sum[thread] + gradient[thread], vec4f(0.0), ends);
}
