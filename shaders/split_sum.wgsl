// The end of a sum that was split over threads: adds the partial results of each element in a fixed order.
//
//   y[batch, i] = activation(bias[i mod COLUMNS] + sum over s of partials[batch, s, i])
//
// shapes    partials [BATCH, SPLITS, SIZE], bias [COLUMNS], y [BATCH, SIZE]
// FLOPs     BATCH * SPLITS * SIZE
// bytes     reads partials once, writes y once
// tiling    one thread makes one vector of y
// parallel  no float atomics exist in WGSL; a second pass is deterministic anyway
// idea      split-K: NVIDIA CUTLASS

const WORKGROUP_SIZE: u32 = 64u;

// LANES neighbouring elements: f32, vec2f or vec4f.
alias Vector = f32;
const LANES: u32 = 1u;
const BATCH: u32 = 1u;
const SPLITS: u32 = 2u;
const SIZE: u32 = 4u;
const COLUMNS: u32 = 4u;
const HAS_BIAS: bool = false;
const RELU: bool = false;

@group(0) @binding(0) var<storage, read> partials: array<Vector>;
@group(0) @binding(1) var<storage, read> bias: array<Vector>;
@group(0) @binding(2) var<storage, read_write> y: array<Vector>;

const VECTORS: u32 = SIZE / LANES;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let thread = id.x + id.y * groups.x * WORKGROUP_SIZE;
  if (thread >= BATCH * VECTORS) { return; }
  let i = thread % VECTORS;
  let first = (thread / VECTORS) * SPLITS * VECTORS + i;
  var sum = partials[first];
  for (var s = 1u; s < SPLITS; s++) { sum += partials[first + s * VECTORS]; }
  if (HAS_BIAS) { sum += bias[i % (COLUMNS / LANES)]; }
  if (RELU) { sum = select(sum, Vector(0.0), sum < Vector(0.0)); }
  y[thread] = sum;
}
