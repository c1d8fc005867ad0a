// The classifier at the end of a training step, with all that the step counts: what the logits ask of the weights, and the
// running totals of loss and hits. It finds its labels in the data set, and adds up the parts of the logits.
//
//   z[c]     = bias[c] + sum over s of parts[s, row, c]
//   p[c]     = exp(z[c] - top) / sum;  top = max of z, sum = sum of exp(z - top)
//   slope[c] = (p[c] * (sum of labels) - labels[c]) * scale,  labels = the row of the data set that the order names
//   totals[LOSS_AT] += loss_scale * sum over rows of sum over c of -labels[c] * (z[c] - top - ln(sum))
//   totals[HIT_AT]  += hit_scale * number of rows where labels and p are largest at the same class (the first of equals)
//   counter         += COUNT
//
// shapes    parts [splits, rows, classes], bias [classes], labels [rows of the data set, classes], order int32,
//           cursor int32 [1], slope [rows, classes], counter int32 [1]
// FLOPs     about (12 + splits) an element
// bytes     parts, the rows of labels and slope once
// tiling    thread t takes rows t, t + 64, ...; what it counted is then added up in pairs
//
//             t0 t1 t2 t3     ->  t0+t2  t1+t3  ->  t0+t2+t1+t3
//
// parallel  one workgroup, so that the order of every sum is fixed
// idea      fused classifier of llm.c (dev/cuda/classifier_fused.cu)

const WORKGROUP_SIZE: u32 = 64u;

const HAS_BIAS: bool = false;
// Places in totals.
const LOSS_AT: u32 = 0u;
const HIT_AT: u32 = 0u;
const COUNT: i32 = 0i;

struct Params {
  // Where a batch lies: row i is that of order[start + cursor * stride + i], all clamped.
  start: u32,
  stride: u32,
  order_size: u32,
  table_rows: u32,
  rows: u32,
  classes: u32,
  splits: u32,
  scale: f32,
  // What a sum counts for.
  loss_scale: f32,
  hit_scale: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> parts: array<f32>;
@group(0) @binding(2) var<storage, read> bias: array<f32>;
@group(0) @binding(3) var<storage, read> labels: array<f32>;
@group(0) @binding(4) var<storage, read> order: array<i32>;
@group(0) @binding(5) var<storage, read> cursor: array<i32>;
@group(0) @binding(6) var<storage, read_write> slope: array<f32>;
@group(0) @binding(7) var<storage, read_write> totals: array<f32>;
@group(0) @binding(8) var<storage, read_write> counter: array<i32>;

var<workgroup> losses: array<f32, WORKGROUP_SIZE>;
var<workgroup> hits: array<f32, WORKGROUP_SIZE>;

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

fn source_row(i: u32) -> u32 {
  let at = i32(params.start + i) + cursor[0] * i32(params.stride);
  let row = order[clamp(at, 0, i32(params.order_size) - 1)];
  return u32(clamp(row, 0, i32(params.table_rows) - 1));
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(local_invocation_index) thread: u32) {
  var loss = 0.0;
  var hit = 0.0;
  for (var row = thread; row < params.rows; row += WORKGROUP_SIZE) {
    let first = row * params.classes;
    let first_label = source_row(row) * params.classes;

    // slope holds the logits until they are done with.
    var top = 0.0;
    for (var c = 0u; c < params.classes; c++) {
      var z = parts[first + c];
      for (var s = 1u; s < params.splits; s++) { z += parts[s * params.rows * params.classes + first + c]; }
      if (HAS_BIAS) { z += bias[c]; }
      slope[first + c] = z;
      // Whatever max makes of a NaN: the sum will be NaN.
      top = select(max(top, z), z, c == 0u);
    }
    var sum = 0.0;
    for (var c = 0u; c < params.classes; c++) { sum += power_of_e(slope[first + c] - top); }
    let log_sum = ln(sum);

    var sum_of_labels = 0.0;
    var asked = 0u;
    for (var c = 0u; c < params.classes; c++) {
      let label = labels[first_label + c];
      // A class that nobody asks for may have a logit of -infinity.
      if (!(label == 0.0)) { loss -= label * (slope[first + c] - top - log_sum); }
      sum_of_labels += label;
      if (wins(label, labels[first_label + asked])) { asked = c; }
    }
    var best = 0.0;
    var given = 0u;
    for (var c = 0u; c < params.classes; c++) {
      let probability = power_of_e(slope[first + c] - top) / sum;
      slope[first + c] = (probability * sum_of_labels - labels[first_label + c]) * params.scale;
      if (c == 0u || wins(probability, best)) {
        best = probability;
        given = c;
      }
    }
    hit += select(0.0, 1.0, asked == given);
  }

  losses[thread] = loss;
  hits[thread] = hit;
  for (var half = WORKGROUP_SIZE / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (thread < half) {
      losses[thread] += losses[thread + half];
      hits[thread] += hits[thread + half];
    }
  }
  if (thread == 0u) {
    totals[LOSS_AT] += params.loss_scale * losses[0];
    if (params.hit_scale != 0.0) { totals[HIT_AT] += params.hit_scale * hits[0]; }
    counter[0] += COUNT;
  }
}
