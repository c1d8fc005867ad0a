// Everything that one row of logits is asked for when it is trained on: probabilities, cross-entropy and its gradient, and
// whether the answer is right.
//
//   y[c]     = exp(logits[c] - top) / sum;  top = max of logits, sum = sum of exp(logits - top)
//   loss     = sum over c of -labels[c] * (logits[c] - top - ln(sum))
//   slope[c] = (y[c] * (sum of labels) - labels[c]) * scale
//   hit      = 1 where labels and y are largest at the same class (the first of equals), else 0
//
// shapes    logits, labels, slope and y [rows, classes], loss and hit [rows]
// FLOPs     about 12 an element
// bytes     reads logits three times and labels twice (from cache after the first), writes slope, y, loss and hit once
// tiling    one thread takes one row
//
//             thread 0   [ z z z z ... ]  ->  loss 0, hit 0,  [ s s s s ... ]  [ y y y y ... ]
//             thread 1   [ z z z z ... ]  ->  loss 1, hit 1,  [ s s s s ... ]  [ y y y y ... ]
//
// parallel  threads over rows
// idea      fused classifier of llm.c (dev/cuda/classifier_fused.cu)

const WORKGROUP_SIZE: u32 = 64u;

struct Params {
  rows: u32,
  classes: u32,
  scale: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> logits: array<f32>;
@group(0) @binding(2) var<storage, read> labels: array<f32>;
@group(0) @binding(3) var<storage, read_write> loss: array<f32>;
@group(0) @binding(4) var<storage, read_write> slope: array<f32>;
@group(0) @binding(5) var<storage, read_write> y: array<f32>;
@group(0) @binding(6) var<storage, read_write> hit: array<f32>;

// Implementations may return anything for NaN, and it must pass. Comparisons with it are false, so v == v tells it apart.
fn power_of_e(v: f32) -> f32 {
  return select(v, exp(v), v == v);
}

fn ln(v: f32) -> f32 {
  return select(v, log(v), v == v);
}

// Whether the next one is larger: the first of equals stays, and so does the first NaN.
fn wins(next: f32, best: f32) -> bool {
  return !(next <= best) && best == best;
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let row = id.x + id.y * groups.x * WORKGROUP_SIZE;
  if (row >= params.rows) { return; }
  let first = row * params.classes;
  let end = first + params.classes;

  var top = logits[first];
  // Whatever max makes of a NaN: the sum will be NaN.
  for (var i = first + 1u; i < end; i++) { top = max(top, logits[i]); }
  var sum = 0.0;
  for (var i = first; i < end; i++) { sum += power_of_e(logits[i] - top); }
  let log_sum = ln(sum);

  var total = 0.0;
  var sum_of_labels = 0.0;
  var asked = first;
  for (var i = first; i < end; i++) {
    let label = labels[i];
    // A class that nobody asks for may have a logit of -infinity.
    if (!(label == 0.0)) { total -= label * (logits[i] - top - log_sum); }
    sum_of_labels += label;
    if (wins(label, labels[asked])) { asked = i; }
  }
  loss[row] = total;

  var best = 0.0;
  var given = first;
  for (var i = first; i < end; i++) {
    let probability = power_of_e(logits[i] - top) / sum;
    y[i] = probability;
    slope[i] = (probability * sum_of_labels - labels[i]) * params.scale;
    if (i == first || wins(probability, best)) {
      best = probability;
      given = i;
    }
  }
  hit[row] = select(0.0, 1.0, asked == given);
}
