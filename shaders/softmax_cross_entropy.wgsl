// Cross-entropy of each row behind a softmax, and its gradient, in one pass over the logits:
//
//   loss     = sum over c of -labels[c] * (logits[c] - top - ln(sum))
//   slope[c] = softmax(logits)[c] * (sum of labels) - labels[c]
//   top = max of logits, sum = sum of exp(logits - top); never the logarithm of a probability
//
// shapes    logits, labels and slope [rows, classes], loss [rows]
// FLOPs     about 8 an element
// bytes     reads logits three times and labels twice (from cache after the first), writes slope and loss once
// tiling    one thread takes one row
//
//             thread 0   [ z z z z ... ]  ->  loss 0,  [ s s s s ... ]
//             thread 1   [ z z z z ... ]  ->  loss 1,  [ s s s s ... ]
//
// parallel  threads over rows
// idea      fused classifier of llm.c (dev/cuda/classifier_fused.cu)

const WORKGROUP_SIZE: u32 = 64u;

struct Params {
  rows: u32,
  classes: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> logits: array<f32>;
@group(0) @binding(2) var<storage, read> labels: array<f32>;
@group(0) @binding(3) var<storage, read_write> loss: array<f32>;
@group(0) @binding(4) var<storage, read_write> slope: array<f32>;

// Implementations may return anything for NaN, and it must pass. Comparisons with it are false, so v == v tells it apart.
fn power_of_e(v: f32) -> f32 {
  return select(v, exp(v), v == v);
}

fn ln(v: f32) -> f32 {
  return select(v, log(v), v == v);
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
  for (var i = first; i < end; i++) {
    let label = labels[i];
    // A class that nobody asks for may have a logit of -infinity.
    if (!(label == 0.0)) { total -= label * (logits[i] - top - log_sum); }
    sum_of_labels += label;
  }
  loss[row] = total;
  for (var i = first; i < end; i++) {
    slope[i] = power_of_e(logits[i] - top) / sum * sum_of_labels - labels[i];
  }
}
