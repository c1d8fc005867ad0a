// Squares of a flat gradient are added up in parts; no part belongs to two variables:
//
//   squares[p] = sum over the elements i of part p of gradient[i]^2
//
// shapes    gradient: flat; squares [PARTS]
// FLOPs     2 an element
// bytes     reads gradient once
// tiling    one workgroup takes one part; thread t adds elements t, t + 64, t + 128, ..., then the threads add up in pairs
//
//             t0 t1 t2 t3     ->  t0+t2  t1+t3  ->  t0+t2+t1+t3
//
// parallel  no atomic: the order of every sum is fixed
// idea      tree reduction (M. Harris, Optimizing Parallel Reduction in CUDA); all tensors at once: apex multi_tensor_l2norm

const WORKGROUP_SIZE: u32 = 64u;
// Elements of a part.
const PART: u32 = 1024u;
const SEGMENTS: u32 = 1u;
const PARTS: u32 = 1u;
const ENTRIES: u32 = SEGMENTS + 1u;

// For each variable where it begins, how many of its elements count, its first part, and how many variables there are, which as
// a constant would have the search unrolled; at last the ends of all.
@group(0) @binding(0) var<uniform> segments: array<vec4u, ENTRIES>;
@group(0) @binding(1) var<storage, read> gradient: array<f32>;
@group(0) @binding(2) var<storage, read_write> squares: array<f32>;

var<workgroup> sums: array<f32, WORKGROUP_SIZE>;

fn segment_of(part: u32) -> u32 {
  var found = 0u;
  for (var j = 1u; j < segments[0].w; j++) { found = select(found, j, part >= segments[j].z); }
  return found;
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(local_invocation_index) thread: u32,
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let part = group.x + group.y * groups.x;
  if (part >= PARTS) { return; }
  let segment = segments[segment_of(part)];
  let first = segment.x + (part - segment.z) * PART;
  let end = min(first + PART, segment.x + segment.y);
  var sum = 0.0;
  for (var i = first + thread; i < end; i += WORKGROUP_SIZE) { sum += gradient[i] * gradient[i]; }
  sums[thread] = sum;
  for (var half = WORKGROUP_SIZE / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (thread < half) { sums[thread] += sums[thread + half]; }
  }
  if (thread == 0u) { squares[part] = sums[0]; }
}
