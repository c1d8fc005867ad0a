// A moving average of all parameters of a model, in place; where it is due the parameters become it. With k = floor(iteration / EVERY),
// the updates before this one:
//
//   average = parameters where k = 0, else MOMENTUM average + (1 - MOMENTUM) parameters
//   parameters = average where k + 1 is a multiple of OVERWRITE
//
// shapes    average and parameters: flat [4 * VECTORS]; iteration [1]
// FLOPs     3 a parameter
// bytes     12 a parameter: two read, one written; 16 where the parameters are overwritten
// tiling    one thread takes one vec4f
// parallel  every thread on its own
// idea      Polyak and Juditsky 1992, in Keras' form

const WORKGROUP_SIZE: u32 = 64u;
const VECTORS: u32 = 1u;
const MOMENTUM: f32 = 0.99f;
// Rounded once from double precision.
const ONE_MINUS_MOMENTUM: f32 = 0.01f;
const EVERY: i32 = 1i;
// The largest i32 is never reached.
const OVERWRITE: i32 = 2147483647i;

@group(0) @binding(0) var<storage, read_write> average: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> parameters: array<vec4f>;
@group(0) @binding(2) var<storage, read> iteration: array<i32>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let thread = id.x + id.y * groups.x * WORKGROUP_SIZE;
  if (thread >= VECTORS) { return; }
  let k = iteration[0] / EVERY;
  let w = parameters[thread];
  var mean = w;
  if (k > 0) { mean = MOMENTUM * average[thread] + ONE_MINUS_MOMENTUM * w; }
  average[thread] = mean;
  if ((k + 1) % OVERWRITE == 0) { parameters[thread] = mean; }
}
