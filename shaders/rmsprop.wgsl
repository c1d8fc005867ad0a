// One update of RMSprop over all parameters of a model, in place. Epsilon stands inside the root.
//
//   square = RHO square + (1 - RHO) g g
//   w -= lr * g / sqrt(square + epsilon)
//   centered       mean = RHO mean + (1 - RHO) g, and square - mean mean in the place of square under the root
//   with momentum  speed = MOMENTUM speed + lr * g / sqrt(...);  w -= speed
//
// The last of EVERY calls is an update; the first DECAYED vectors decay before: w -= w * DECAY * lr.
//
// shapes    parameters, gradient, square, and speed and mean where they are used: flat [4 * VECTORS]; iteration and learning_rate [1]
// FLOPs     about 9 a parameter
// bytes     20 a parameter, 8 more with momentum, 8 more when centered
// tiling    one thread takes one vec4f
// parallel  every thread on its own
// idea      Hinton 2012, Graves 2013 (centered), in Keras' form

const WORKGROUP_SIZE: u32 = 64u;
const VECTORS: u32 = 1u;
const EPSILON: f32 = 1e-7f;
const RHO: f32 = 0.9f;
// Rounded once from double precision.
const ONE_MINUS_RHO: f32 = 0.1f;
const MOMENTUM: f32 = 0.0f;
const CENTERED: bool = false;
const EVERY: i32 = 1i;
const DECAY: f32 = 0.0f;
const DECAYED: u32 = 0u;

@group(0) @binding(0) var<storage, read_write> parameters: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> square: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> speed: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> mean: array<vec4f>;
@group(0) @binding(4) var<storage, read> gradient: array<vec4f>;
@group(0) @binding(5) var<storage, read> iteration: array<i32>;
@group(0) @binding(6) var<storage, read> learning_rate: array<f32>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let thread = id.x + id.y * groups.x * WORKGROUP_SIZE;
  let calls = iteration[0] + 1;
  if (thread >= VECTORS || calls % EVERY != 0) { return; }
  let rate = learning_rate[0];
  let g = gradient[thread];
  let now = RHO * square[thread] + ONE_MINUS_RHO * (g * g);
  square[thread] = now;
  var spread = now;
  if (CENTERED) {
    let middle = RHO * mean[thread] + ONE_MINUS_RHO * g;
    mean[thread] = middle;
    spread = now - middle * middle;
    // No variance is negative, but what rounding leaves of two equal numbers may be.
    spread = select(spread, vec4f(0.0), spread < vec4f(0.0));
  }
  var change = rate * g / sqrt(spread + EPSILON);
  if (MOMENTUM > 0.0) {
    change += MOMENTUM * speed[thread];
    speed[thread] = change;
  }
  var w = parameters[thread];
  if (thread < DECAYED) { w -= w * DECAY * rate; }
  parameters[thread] = w - change;
}
