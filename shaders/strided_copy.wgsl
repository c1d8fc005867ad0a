// y, row-major, from x walked with other strides: transposition, broadcasting, slices and reversal.
//
//   y[i0, i1, ...] = x[first + i0 * stride0 + i1 * stride1 + ...]
//
// shapes    y: rank <= 6; a stride of 0 repeats, a negative one (in two's complement) walks backwards
// FLOPs     none
// bytes     reads and writes y's elements once
// tiling    one thread writes one word of y: an element of 32 bits, or four of 8 bits
//
//             thread 0   thread 1   thread 2
//           [ e0 ]     [ e1 ]     [ e2 ]     ...
//
// parallel  every thread on its own; writes are consecutive, reads are as the strides say

const WORKGROUP_SIZE: u32 = 64u;
const RANK: u32 = 2u;
const BYTES: bool = false;

struct Params {
  // elements of y
  size: u32,
  // the element of x that y begins with
  first: u32,
  shape: array<vec4u, 2>,
  strides: array<vec4u, 2>,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<u32>;
@group(0) @binding(2) var<storage, read_write> y: array<u32>;

// Four bytes as a word; of each element only the low 8 bits count.
fn pack_bytes(bytes: vec4u) -> u32 {
  let placed = (bytes & vec4u(0xffu)) << vec4u(0u, 8u, 16u, 24u);
  return placed.x | placed.y | placed.z | placed.w;
}

fn position(i: u32) -> u32 {
  var rest = i;
  var at = params.first;
  for (var d = i32(RANK) - 1; d >= 0; d--) {
    let length = params.shape[d / 4][d % 4];
    at += (rest % length) * params.strides[d / 4][d % 4];
    rest = rest / length;
  }
  return at;
}

fn byte_at(i: u32) -> u32 {
  let at = position(i);
  return extractBits(x[at / 4u], 8u * (at % 4u), 8u);
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let thread = id.x + id.y * groups.x * WORKGROUP_SIZE;
  if (BYTES) {
    let i = 4u * thread;
    if (i < params.size) { y[thread] = pack_bytes(vec4u(byte_at(i), byte_at(i + 1u), byte_at(i + 2u), byte_at(i + 3u))); }
    return;
  }
  if (thread < params.size) { y[thread] = x[position(thread)]; }
}
