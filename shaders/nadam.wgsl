// One update of Nadam over all parameters of a model, in place: Adam with Nesterov's look ahead. With
// mu(t) = beta1 (1 - 0.96^t / 2) and the product P(t) = mu(1) mu(2) ... mu(t), which product holds for t - 1:
//
//   m += (g - m) (1 - beta1);  v += (g g - v) (1 - beta2)
//   ahead = mu(t + 1) / (1 - P(t + 1)) * m + (1 - mu(t)) / (1 - P(t)) * g
//   w -= lr * ahead / (sqrt(v / (1 - beta2^t)) + epsilon)
//
// The last of EVERY calls is an update, number t = (iteration + 1) / EVERY; the first DECAYED vectors decay before: w -= w * DECAY * lr.
//
// shapes    parameters, m, v and gradient: flat [4 * VECTORS]; product, iteration and learning_rate [1]
// FLOPs     about 15 a parameter
// bytes     28 a parameter: four read, three written
// tiling    one thread takes one vec4f
// parallel  every thread on its own; all read product, so another dispatch moves it on (nadam_product.wgsl)
// idea      Dozat 2016, in Keras' form

const WORKGROUP_SIZE: u32 = 64u;
const VECTORS: u32 = 1u;
const EPSILON: f32 = 1e-7f;
const BETA1: f32 = 0.9f;
// One minus the betas and the logarithm of beta2, rounded once from double precision.
const ONE_MINUS_BETA1: f32 = 0.1f;
const ONE_MINUS_BETA2: f32 = 0.001f;
const LOG_BETA2: f32 = -0.0010005003f;
const EVERY: i32 = 1i;
const DECAY: f32 = 0.0f;
const DECAYED: u32 = 0u;

@group(0) @binding(0) var<storage, read_write> parameters: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> m: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> v: array<vec4f>;
@group(0) @binding(3) var<storage, read> product: array<f32>;
@group(0) @binding(4) var<storage, read> gradient: array<vec4f>;
@group(0) @binding(5) var<storage, read> iteration: array<i32>;
@group(0) @binding(6) var<storage, read> learning_rate: array<f32>;

// 1 - beta^t without cancellation: for a small exponent x = t ln(beta), 1 - e^x by its series.
fn one_minus_power(log_beta: f32, t: f32) -> f32 {
  let x = t * log_beta;
  let near = -x * (1.0 + x * (0.5 + x * (0.16666667 + x * (0.041666668 + x * (0.008333334 + x * 0.0013888889)))));
  return select(1.0 - exp(x), near, x > -0.3);
}

fn mu(t: f32) -> f32 {
  // ln 0.96
  return BETA1 * (1.0 - 0.5 * exp(-0.040821996 * t));
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let thread = id.x + id.y * groups.x * WORKGROUP_SIZE;
  let calls = iteration[0] + 1;
  if (thread >= VECTORS || calls % EVERY != 0) { return; }
  let t = f32(calls / EVERY);
  let rate = learning_rate[0];
  let now = mu(t);
  let next = mu(t + 1.0);
  let so_far = product[0] * now;
  let of_mean = next / (1.0 - so_far * next);
  let of_gradient = (1.0 - now) / (1.0 - so_far);
  let g = gradient[thread];
  let mean = m[thread] + (g - m[thread]) * ONE_MINUS_BETA1;
  let square = v[thread] + (g * g - v[thread]) * ONE_MINUS_BETA2;
  m[thread] = mean;
  v[thread] = square;
  let ahead = of_mean * mean + of_gradient * g;
  var w = parameters[thread];
  if (thread < DECAYED) { w -= w * DECAY * rate; }
  parameters[thread] = w - rate * ahead / (sqrt(square / one_minus_power(LOG_BETA2, t)) + EPSILON);
}
