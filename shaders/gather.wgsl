// Rows of a table by index, for any element type: words are moved as they are.
//
//   y[i, :] = x[order[start + cursor * stride + i], :]
//
// shapes    x [rows_of_x, row], order int32, cursor int32 [1], y [rows, row]
// FLOPs     none
// bytes     reads and writes `rows` rows
// tiling    one thread writes one word of y: an element of 32 bits, or four bytes
//
//             y row 0:  t0 t1 t2 ...      thread = i * words_per_row + word
//             y row 1:  ...
//
// parallel  every thread on its own; neighbours read neighbours
// note      a table larger than one binding may hold comes as up to four windows of whole rows

const WORKGROUP_SIZE: u32 = 64u;
// Rows of bytes whose length is no multiple of four: each byte is found on its own.
const BYTES: bool = false;
const USES_CURSOR: bool = true;
const WINDOWS: u32 = 1u;

struct Params {
  rows: u32,
  // words of a row (bytes, if BYTES)
  row: u32,
  // rows of x, and of one window of it
  table_rows: u32,
  window_rows: u32,
  // entries of order
  order_size: u32,
  start: u32,
  stride: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x0: array<u32>;
@group(0) @binding(2) var<storage, read> x1: array<u32>;
@group(0) @binding(3) var<storage, read> x2: array<u32>;
@group(0) @binding(4) var<storage, read> x3: array<u32>;
@group(0) @binding(5) var<storage, read> order: array<i32>;
@group(0) @binding(6) var<storage, read> cursor: array<i32>;
@group(0) @binding(7) var<storage, read_write> y: array<u32>;

// Four bytes as a word; of each element only the low 8 bits count.
fn pack_bytes(bytes: vec4u) -> u32 {
  let placed = (bytes & vec4u(0xffu)) << vec4u(0u, 8u, 16u, 24u);
  return placed.x | placed.y | placed.z | placed.w;
}

fn word(window: u32, at: u32) -> u32 {
  if (WINDOWS > 1u) {
    switch window {
      case 1u: { return x1[at]; }
      case 2u: { return x2[at]; }
      case 3u: { return x3[at]; }
      default: { return x0[at]; }
    }
  }
  return x0[at];
}

// The row of x that becomes row i of y. Places outside the order and indices outside the table are clamped.
fn source_row(i: u32) -> u32 {
  var at = i32(params.start + i);
  if (USES_CURSOR) { at += cursor[0] * i32(params.stride); }
  let row = order[clamp(at, 0, i32(params.order_size) - 1)];
  return u32(clamp(row, 0, i32(params.table_rows) - 1));
}

fn byte_at(i: u32) -> u32 {
  if (i >= params.rows * params.row) { return 0u; }
  let row = source_row(i / params.row);
  let window = row / params.window_rows;
  let at = (row % params.window_rows) * params.row + i % params.row;
  return extractBits(word(window, at / 4u), 8u * (at % 4u), 8u);
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let thread = id.x + id.y * groups.x * WORKGROUP_SIZE;
  if (BYTES) {
    let i = 4u * thread;
    if (i >= params.rows * params.row) { return; }
    y[thread] = pack_bytes(vec4u(byte_at(i), byte_at(i + 1u), byte_at(i + 2u), byte_at(i + 3u)));
    return;
  }
  if (thread >= params.rows * params.row) { return; }
  let row = source_row(thread / params.row);
  y[thread] = word(row / params.window_rows, (row % params.window_rows) * params.row + thread % params.row);
}
