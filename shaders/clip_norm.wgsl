// Gradients whose norm is above a limit are scaled down to it, each variable for itself or all together:
//
//   y = gradient * min(1, LIMIT / norm),  norm = sqrt(sum over the parts p that count of squares[p])
//
// shapes    gradient and y: flat; squares [PARTS], made by norm_squares.wgsl
// FLOPs     1 an element
// bytes     reads gradient once, writes y once; each workgroup reads the squares of its variable, or all
// tiling    one workgroup takes one part of 1,024 elements, and adds up the squares as norm_squares.wgsl does
//
//             t0 t1 t2 t3     ->  t0+t2  t1+t3  ->  t0+t2+t1+t3
//
// parallel  every workgroup on its own; all of a variable come to the same norm
// idea      Pascanu, Mikolov and Bengio 2013

const WORKGROUP_SIZE: u32 = 64u;
// Elements of a part.
const PART: u32 = 1024u;
const SEGMENTS: u32 = 1u;
const PARTS: u32 = 1u;
const LIMIT: f32 = 1.0f;
const TOGETHER: bool = false;
const ENTRIES: u32 = SEGMENTS + 1u;

// For each variable where it begins, how many of its elements count, its first part, and how many variables there are, which as
// a constant would have the search unrolled; at last the ends of all.
@group(0) @binding(0) var<uniform> segments: array<vec4u, ENTRIES>;
@group(0) @binding(1) var<storage, read> squares: array<f32>;
@group(0) @binding(2) var<storage, read> gradient: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

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
  let j = segment_of(part);
  let from_part = select(segments[j].z, 0u, TOGETHER);
  let to_part = select(segments[j + 1u].z, PARTS, TOGETHER);
  var sum = 0.0;
  for (var p = from_part + thread; p < to_part; p += WORKGROUP_SIZE) { sum += squares[p]; }
  sums[thread] = sum;
  for (var half = WORKGROUP_SIZE / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (thread < half) { sums[thread] += sums[thread + half]; }
  }
  workgroupBarrier();
  let norm = sqrt(sums[0]);
  // NaN passes: it is not below the limit.
  let scale = select(LIMIT / norm, 1.0, norm <= LIMIT);
  let first = segments[j].x + (part - segments[j].z) * PART;
  let end = min(first + PART, segments[j + 1u].x);
  for (var i = first + thread; i < end; i += WORKGROUP_SIZE) { y[i] = scale * gradient[i]; }
}
