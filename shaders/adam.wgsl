// One update of Adam over all parameters of a model, in place. Keras' form: epsilon outside the bias correction.
//
//   m += (g - m) (1 - beta1);  v += (g g - v) (1 - beta2)
//   w -= lr * sqrt(1 - beta2^t) / (1 - beta1^t) * m / (sqrt(v) + epsilon)
//
// The last of EVERY calls is an update, number t = (iteration + 1) / EVERY; the first DECAYED vectors decay before: w -= w * DECAY * lr.
//
// where a gradient comes in parts, g is their sum: segment {first, vectors, base, splits} says that vectors first, ...,
// first + vectors - 1 are the sums over s of parts[base + s * vectors + i]
//
// shapes    parameters, m, v and gradient: flat [4 * VECTORS]; iteration, learning_rate and counter [1]
// FLOPs     about 12 a parameter
// bytes     28 a parameter: four read, three written
// tiling    one thread takes one vec4f
// parallel  every thread on its own
// idea      Kingma and Ba 2015; one launch for all tensors: apex multi_tensor_adam
// note      step counter and learning rate lie in memory: nothing that changes from step to step is in this text

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

const SEGMENTS: u32 = 1u;
// What iteration is behind the number of this update: 1, or 0 when it was counted already.
const BEHIND: i32 = 1i;
// What another counter moves on by at the end of the step.
const COUNT: i32 = 0i;

@group(0) @binding(0) var<uniform> segments: array<vec4u, SEGMENTS>;
@group(0) @binding(1) var<storage, read_write> parameters: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> m: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> v: array<vec4f>;
@group(0) @binding(4) var<storage, read> gradient: array<vec4f>;
@group(0) @binding(5) var<storage, read> parts: array<vec4f>;
@group(0) @binding(6) var<storage, read> iteration: array<i32>;
@group(0) @binding(7) var<storage, read> learning_rate: array<f32>;
@group(0) @binding(8) var<storage, read_write> counter: array<i32>;

// 1 - beta^t without cancellation: for a small exponent x = t ln(beta), 1 - e^x by its series.
fn one_minus_power(log_beta: f32, t: f32) -> f32 {
  let x = t * log_beta;
  let near = -x * (1.0 + x * (0.5 + x * (0.16666667 + x * (0.041666668 + x * (0.008333334 + x * 0.0013888889)))));
  return select(1.0 - exp(x), near, x > -0.3);
}

fn gradient_at(i: u32) -> vec4f {
  for (var j = 0u; j < SEGMENTS; j++) {
    let segment = segments[j];
    let at = i - segment.x;
    // Below the first this wraps to a huge number.
    if (at >= segment.y) { continue; }
    var sum = parts[segment.z + at];
    for (var s = 1u; s < segment.w; s++) { sum += parts[segment.z + s * segment.y + at]; }
    return sum;
  }
  return gradient[i];
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let thread = id.x + id.y * groups.x * WORKGROUP_SIZE;
  if (thread >= VECTORS) { return; }
  if (thread == 0u) { counter[0] += COUNT; }
  let calls = iteration[0] + BEHIND;
  if (calls % EVERY != 0) { return; }
  let t = f32(calls / EVERY);
  let rate = learning_rate[0];
  let step = rate * sqrt(one_minus_power(LOG_BETA2, t)) / one_minus_power(LOG_BETA1, t);
  let g = gradient_at(thread);
  let mean = m[thread] + (g - m[thread]) * ONE_MINUS_BETA1;
  let square = v[thread] + (g * g - v[thread]) * ONE_MINUS_BETA2;
  m[thread] = mean;
  v[thread] = square;
  var w = parameters[thread];
  if (thread < DECAYED) { w -= w * DECAY * rate; }
  parameters[thread] = w - step * mean / (sqrt(square) + EPSILON);
}
