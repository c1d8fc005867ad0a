// The end of a sum that was split over threads: adds the partial results of each element in a fixed order.
//
//   y[batch, i] = activation(bias[i mod COLUMNS] + scale[i mod COLUMNS] * sum over s of partials[batch, s, i])
//
// shapes    partials [BATCH, splits, SIZE], scale and bias [COLUMNS] where there are any, y [BATCH, SIZE]
// FLOPs     BATCH * splits * SIZE
// bytes     reads partials once, writes y once
// tiling    one thread makes one vector of y
// parallel  no float atomics exist in WGSL; a second pass is deterministic anyway
// idea      split-K: NVIDIA CUTLASS

const WORKGROUP_SIZE: u32 = 64u;

// LANES neighbouring elements: f32, vec2f or vec4f.
alias Vector = f32;
const LANES: u32 = 1u;
// Whether there is more than one batch.
const BATCHED: bool = false;
const COLUMNS: u32 = 4u;
const HAS_BIAS: bool = false;
const HAS_SCALE: bool = false;
const RELU: bool = false;

struct Params {
  // No constant: a compiler that knows it unrolls the sum, which took llvmpipe 3 s for 32 parts.
  splits: u32,
  // Vectors of one batch, SIZE / LANES, and of all.
  vectors: u32,
  threads: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> partials: array<Vector>;
@group(0) @binding(2) var<storage, read> bias: array<Vector>;
@group(0) @binding(3) var<storage, read> scale: array<Vector>;
@group(0) @binding(4) var<storage, read_write> y: array<Vector>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let thread = id.x + id.y * groups.x * WORKGROUP_SIZE;
  if (thread >= params.threads) { return; }
  var batch = 0u;
  if (BATCHED) { batch = thread / params.vectors; }
  let i = thread - batch * params.vectors;
  let first = batch * params.splits * params.vectors + i;
  var sum = partials[first];
  for (var s = 1u; s < params.splits; s++) { sum += partials[first + s * params.vectors]; }
  if (HAS_SCALE) { sum *= scale[i % (COLUMNS / LANES)]; }
  if (HAS_BIAS) { sum += bias[i % (COLUMNS / LANES)]; }
  if (RELU) { sum = select(sum, Vector(0.0), sum < Vector(0.0)); }
  y[thread] = sum;
}
