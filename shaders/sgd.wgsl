// One update of SGD with momentum over all parameters of a model, in place:
//
//   velocity = MOMENTUM * velocity - lr * g
//   w += velocity, or with Nesterov's look-ahead w += MOMENTUM * velocity - lr * g
//
// shapes    parameters, velocity and gradient: flat [4 * VECTORS]; learning_rate [1]
// FLOPs     4 a parameter
// bytes     20 a parameter: three read, two written
// tiling    one thread takes one vec4f
// parallel  every thread on its own
// idea      Sutskever et al. 2013, in Keras' form

const WORKGROUP_SIZE: u32 = 64u;
const VECTORS: u32 = 1u;
const MOMENTUM: f32 = 0.0f;
const NESTEROV: bool = false;

@group(0) @binding(0) var<storage, read_write> parameters: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> velocity: array<vec4f>;
@group(0) @binding(2) var<storage, read> gradient: array<vec4f>;
@group(0) @binding(3) var<storage, read> learning_rate: array<f32>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let thread = id.x + id.y * groups.x * WORKGROUP_SIZE;
  if (thread >= VECTORS) { return; }
  let step = -learning_rate[0] * gradient[thread];
  let speed = MOMENTUM * velocity[thread] + step;
  velocity[thread] = speed;
  if (NESTEROV) {
    parameters[thread] += MOMENTUM * speed + step;
  } else {
    parameters[thread] += speed;
  }
}
