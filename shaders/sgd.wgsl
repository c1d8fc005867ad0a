// One update of SGD over all parameters of a model, in place:
//
//   w -= lr * g
//   with momentum  velocity = MOMENTUM * velocity - lr * g;  w += velocity, or with Nesterov's look-ahead w += MOMENTUM * velocity - lr * g
//
// The last of EVERY calls is an update; the first DECAYED vectors decay before: w -= w * DECAY * lr.
//
// shapes    parameters, velocity and gradient: flat [4 * VECTORS], velocity of any size without momentum; iteration and learning_rate [1]
// FLOPs     2 a parameter, 4 with momentum
// bytes     12 a parameter, 20 with momentum: three read, two written
// tiling    one thread takes one vec4f
// parallel  every thread on its own
// idea      Sutskever et al. 2013, in Keras' form

const WORKGROUP_SIZE: u32 = 64u;
const VECTORS: u32 = 1u;
const MOMENTUM: f32 = 0.0f;
const NESTEROV: bool = false;
const EVERY: i32 = 1i;
const DECAY: f32 = 0.0f;
const DECAYED: u32 = 0u;

@group(0) @binding(0) var<storage, read_write> parameters: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> velocity: array<vec4f>;
@group(0) @binding(2) var<storage, read> gradient: array<vec4f>;
@group(0) @binding(3) var<storage, read> iteration: array<i32>;
@group(0) @binding(4) var<storage, read> learning_rate: array<f32>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let thread = id.x + id.y * groups.x * WORKGROUP_SIZE;
  let calls = iteration[0] + 1;
  if (thread >= VECTORS || calls % EVERY != 0) { return; }
  let rate = learning_rate[0];
  let step = -rate * gradient[thread];
  var change = step;
  if (MOMENTUM > 0.0) {
    let speed = MOMENTUM * velocity[thread] + step;
    velocity[thread] = speed;
    change = speed;
    if (NESTEROV) { change = MOMENTUM * speed + step; }
  }
  var w = parameters[thread];
  if (thread < DECAYED) { w -= w * DECAY * rate; }
  parameters[thread] = w + change;
}
