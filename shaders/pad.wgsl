// y is a box of x in a frame of one value:
//
//   y[i0, i1, ...] = x[i0 - before0, i1 - before1, ...] inside x, else value
//
// shapes    y: rank <= 6
// FLOPs     none
// bytes     reads x once, writes y once
// tiling    one thread writes one word of y: an element of 32 bits, or four of 8 bits
//
//             v v v v v
//             v x x x v       before = [1, 1], after = [2, 1]
//             v v v v v
//             v v v v v
//
// parallel  every thread on its own; writes are consecutive

const WORKGROUP_SIZE: u32 = 64u;
const RANK: u32 = 2u;
const BYTES: bool = false;

struct Params {
  // elements of y
  size: u32,
  // the bits of the frame, those of a byte four times
  value: u32,
  shape: array<vec4u, 2>,
  x_shape: array<vec4u, 2>,
  before: array<vec4u, 2>,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<u32>;
@group(0) @binding(2) var<storage, read_write> y: array<u32>;

const OUTSIDE: u32 = 0xffffffffu;

// Four bytes as a word; of each element only the low 8 bits count.
fn pack_bytes(bytes: vec4u) -> u32 {
  let placed = (bytes & vec4u(0xffu)) << vec4u(0u, 8u, 16u, 24u);
  return placed.x | placed.y | placed.z | placed.w;
}

// Where element i of y lies in x.
fn position(i: u32) -> u32 {
  var rest = i;
  var at = 0u;
  var stride = 1u;
  for (var d = i32(RANK) - 1; d >= 0; d--) {
    let length = params.shape[d / 4][d % 4];
    // What lies before x wraps to huge numbers, so one comparison finds both edges.
    let index = rest % length - params.before[d / 4][d % 4];
    let x_length = params.x_shape[d / 4][d % 4];
    if (index >= x_length) { return OUTSIDE; }
    at += index * stride;
    stride *= x_length;
    rest = rest / length;
  }
  return at;
}

fn byte_at(i: u32) -> u32 {
  let at = position(i);
  if (at == OUTSIDE) { return params.value; }
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
  if (thread >= params.size) { return; }
  let at = position(thread);
  if (at == OUTSIDE) {
    y[thread] = params.value;
  } else {
    y[thread] = x[at];
  }
}
