// y[i] = condition[i] ? a[i] : b[i] with broadcasting.
//
// shapes    y: any of rank <= 6; condition (bytes 0 or 1), a and b broadcast to it (stride 0 along a stretched axis)
// FLOPs     none
// bytes     reads condition, a and b (at least) once, writes y once
// tiling    one thread writes one word of y: an element of 32 bits, or four of 8 bits
//
//             thread 0   thread 1   thread 2
//           [ e0 ]     [ e1 ]     [ e2 ]     ...
//
// parallel  every thread on its own

const WORKGROUP_SIZE: u32 = 64u;

// Element types: a, b and y are floats, or integers of any width.
const F32: u32 = 0u;
const I32: u32 = 1u;
const U8: u32 = 2u;
const BOOL: u32 = 3u;
const A_TYPE: u32 = 0u;
const B_TYPE: u32 = 0u;
const Y_TYPE: u32 = 0u;
// Axes left after merging those that are walked in one stride.
const RANK: u32 = 1u;

struct Params {
  // elements of y
  size: u32,
  shape: array<vec4u, 2>,
  condition_strides: array<vec4u, 2>,
  a_strides: array<vec4u, 2>,
  b_strides: array<vec4u, 2>,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> condition: array<u32>;
@group(0) @binding(2) var<storage, read> a: array<u32>;
@group(0) @binding(3) var<storage, read> b: array<u32>;
@group(0) @binding(4) var<storage, read_write> y: array<u32>;

// Four bytes as a word; of each element only the low 8 bits count.
fn pack_bytes(bytes: vec4u) -> u32 {
  let placed = (bytes & vec4u(0xffu)) << vec4u(0u, 8u, 16u, 24u);
  return placed.x | placed.y | placed.z | placed.w;
}

fn positions(i: u32) -> vec3u {
  var rest = i;
  var at = vec3u(0u);
  for (var d = i32(RANK) - 1; d >= 0; d--) {
    let length = params.shape[d / 4][d % 4];
    let strides = vec3u(params.condition_strides[d / 4][d % 4], params.a_strides[d / 4][d % 4], params.b_strides[d / 4][d % 4]);
    at += (rest % length) * strides;
    rest = rest / length;
  }
  return at;
}

fn byte_of(word: u32, at: u32) -> u32 {
  return extractBits(word, 8u * (at % 4u), 8u);
}

fn a_element(at: u32) -> u32 {
  if (A_TYPE == U8 || A_TYPE == BOOL) { return byte_of(a[at / 4u], at); }
  return a[at];
}

fn b_element(at: u32) -> u32 {
  if (B_TYPE == U8 || B_TYPE == BOOL) { return byte_of(b[at / 4u], at); }
  return b[at];
}

fn as_y(bits: u32, from_type: u32) -> u32 {
  if (Y_TYPE == F32 && from_type != F32) { return bitcast<u32>(f32(bitcast<i32>(bits))); }
  return bits;
}

fn chosen(i: u32) -> u32 {
  let at = positions(i);
  let holds = byte_of(condition[at.x / 4u], at.x) != 0u;
  return select(as_y(b_element(at.z), B_TYPE), as_y(a_element(at.y), A_TYPE), holds);
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let thread = id.x + id.y * groups.x * WORKGROUP_SIZE;
  if (Y_TYPE == U8 || Y_TYPE == BOOL) {
    let i = 4u * thread;
    if (i >= params.size) { return; }
    y[thread] = pack_bytes(vec4u(chosen(i), chosen(i + 1u), chosen(i + 2u), chosen(i + 3u)));
    return;
  }
  if (thread >= params.size) { return; }
  y[thread] = chosen(thread);
}
