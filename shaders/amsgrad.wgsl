// One update of Adam with AMSGrad over all parameters of a model, in place:
//
//   m += (g - m) (1 - beta1);  v += (g g - v) (1 - beta2);  top = max(top, v)
//   w -= lr * sqrt(1 - beta2^t) / (1 - beta1^t) * m / (sqrt(top) + epsilon)
//
// The last of EVERY calls is an update, number t = (iteration + 1) / EVERY; the first DECAYED vectors decay before: w -= w * DECAY * lr.
//
// shapes    parameters, m, v, top and gradient: flat [4 * VECTORS]; iteration and learning_rate [1]
// FLOPs     about 12 a parameter
// bytes     36 a parameter: five read, four written
// tiling    one thread takes one vec4f
// parallel  every thread on its own
// idea      Reddi, Kale and Kumar 2018, in Keras' form
// note      a shader of its own: with a fourth slot adam.wgsl would bind more buffers than every device must allow

const WORKGROUP_SIZE: u32 = 64u;
const VECTORS: u32 = 1u;
const EPSILON: f32 = 1e-7f;
// One minus the betas and their logarithms, rounded once from double precision.
const ONE_MINUS_BETA1: f32 = 0.1f;
const ONE_MINUS_BETA2: f32 = 0.001f;
const LOG_BETA1: f32 = -0.10536052f;
const LOG_BETA2: f32 = -0.0010005003f;
const EVERY: i32 = 1i;
const DECAY: f32 = 0.0f;
const DECAYED: u32 = 0u;

@group(0) @binding(0) var<storage, read_write> parameters: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> m: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> v: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> top: array<vec4f>;
@group(0) @binding(4) var<storage, read> gradient: array<vec4f>;
@group(0) @binding(5) var<storage, read> iteration: array<i32>;
@group(0) @binding(6) var<storage, read> learning_rate: array<f32>;

// 1 - beta^t without cancellation: for a small exponent x = t ln(beta), 1 - e^x by its series.
fn one_minus_power(log_beta: f32, t: f32) -> f32 {
  let x = t * log_beta;
  let near = -x * (1.0 + x * (0.5 + x * (0.16666667 + x * (0.041666668 + x * (0.008333334 + x * 0.0013888889)))));
  return select(1.0 - exp(x), near, x > -0.3);
}

// NaN stays: comparisons with it are false.
fn larger(a: vec4f, b: vec4f) -> vec4f {
  return select(a, b, !(b <= a) & (a == a));
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let thread = id.x + id.y * groups.x * WORKGROUP_SIZE;
  let calls = iteration[0] + 1;
  if (thread >= VECTORS || calls % EVERY != 0) { return; }
  let t = f32(calls / EVERY);
  let rate = learning_rate[0];
  let step = rate * sqrt(one_minus_power(LOG_BETA2, t)) / one_minus_power(LOG_BETA1, t);
  let g = gradient[thread];
  let mean = m[thread] + (g - m[thread]) * ONE_MINUS_BETA1;
  let square = v[thread] + (g * g - v[thread]) * ONE_MINUS_BETA2;
  let largest = larger(top[thread], square);
  m[thread] = mean;
  v[thread] = square;
  top[thread] = largest;
  var w = parameters[thread];
  if (thread < DECAYED) { w -= w * DECAY * rate; }
  parameters[thread] = w - step * mean / (sqrt(largest) + EPSILON);
}
