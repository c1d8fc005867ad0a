// One update of Adagrad over all parameters of a model, in place. Epsilon stands inside the root.
//
//   total += g g;  w -= lr * g / sqrt(total + epsilon)
//
// The last of EVERY calls is an update; the first DECAYED vectors decay before: w -= w * DECAY * lr.
//
// shapes    parameters, total and gradient: flat [4 * VECTORS]; iteration and learning_rate [1]
// FLOPs     about 7 a parameter
// bytes     20 a parameter: three read, two written
// tiling    one thread takes one vec4f
// parallel  every thread on its own
// idea      Duchi, Hazan and Singer 2011, in Keras' form

const WORKGROUP_SIZE: u32 = 64u;
const VECTORS: u32 = 1u;
const EPSILON: f32 = 1e-7f;
const EVERY: i32 = 1i;
const DECAY: f32 = 0.0f;
const DECAYED: u32 = 0u;

@group(0) @binding(0) var<storage, read_write> parameters: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> total: array<vec4f>;
@group(0) @binding(2) var<storage, read> gradient: array<vec4f>;
@group(0) @binding(3) var<storage, read> iteration: array<i32>;
@group(0) @binding(4) var<storage, read> learning_rate: array<f32>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let thread = id.x + id.y * groups.x * WORKGROUP_SIZE;
  let calls = iteration[0] + 1;
  if (thread >= VECTORS || calls % EVERY != 0) { return; }
  let rate = learning_rate[0];
  let g = gradient[thread];
  let sum = total[thread] + g * g;
  total[thread] = sum;
  var w = parameters[thread];
  if (thread < DECAYED) { w -= w * DECAY * rate; }
  parameters[thread] = w - rate * g / sqrt(sum + EPSILON);
}
