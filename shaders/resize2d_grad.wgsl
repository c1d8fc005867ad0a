// Gradient of resizing, as a gather (each element of dx is written once, without atomics):
//
//   dx[n, h, w, c] = sum over the places (p, q) near (h, w) of weight(h, p) * weight(w, q) * dy[n, p, q, c]
//   row(p) = (p * ROW_STEP + ROW_START) / ROW_DIVISOR; places outside dx give to the cells of its edge
//
// shapes    dy [N, P, Q, C], dx [N, H, W, C]
// FLOPs     3 for each place near a cell
// bytes     reads dy up to four times (from cache), writes dx once
// tiling    one thread makes one vector of LANES channels, from the rows and columns of dy that lie less than a cell away
//
//             dy  * . * .         the places around a cell give
//                 . C . .         to it by how near they are
//                 * . * .
//
// parallel  every thread on its own; the order of the sum is fixed

const WORKGROUP_SIZE: u32 = 64u;

// LANES neighbouring channels: f32, vec2f or vec4f.
alias Vector = f32;
const LANES: u32 = 1u;

const H: i32 = 4;
const W: i32 = 4;
const C: u32 = 1u;
const P: i32 = 8;
const Q: i32 = 8;
// Output row p lies at input row (p * ROW_STEP + ROW_START) / ROW_DIVISOR, columns likewise.
const ROW_STEP: i32 = 8;
const ROW_START: i32 = -4;
const ROW_DIVISOR: i32 = 16;
const COLUMN_STEP: i32 = 8;
const COLUMN_START: i32 = -4;
const COLUMN_DIVISOR: i32 = 16;
// Between the two nearest cells of each axis; else the one at or below the place.
const LINEAR: bool = true;

// No constants: one pipeline serves batches of every size.
struct Sizes {
  N: u32,
}

@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> dy: array<Vector>;
@group(0) @binding(2) var<storage, read_write> dx: array<Vector>;

const VECTORS: u32 = C / LANES;
const IMAGE_THREADS: u32 = u32(H * W) * VECTORS;

// The whole part of a / b, rounded down.
fn floor_div(a: i32, b: i32) -> i32 {
  return a / b - select(0, 1, a % b < 0);
}

// How much output `i` takes from cell `at` of an axis of `length` cells.
fn weight(at: i32, i: i32, length: i32, step: i32, start: i32, divisor: i32) -> f32 {
  let place = i * step + start;
  let below = floor_div(place, divisor);
  let part = place - below * divisor;
  if (!LINEAR) { return select(0.0, 1.0, clamp(below, 0, length - 1) == at); }
  let from_below = select(0.0, f32(divisor - part) / f32(divisor), clamp(below, 0, length - 1) == at);
  return from_below + select(0.0, f32(part) / f32(divisor), clamp(below + 1, 0, length - 1) == at);
}

// The first and one past the last output that may take from cell `at`; the cells of an edge have all that lies beyond.
fn takers(at: i32, length: i32, count: i32, step: i32, start: i32, divisor: i32) -> vec2i {
  if (step == 0) { return vec2i(0, count); }
  let first = select(max(floor_div((at - 1) * divisor - start, step), 0), 0, at == 0);
  let end = select(min(floor_div((at + 1) * divisor - start, step) + 1, count), count, at == length - 1);
  return vec2i(first, end);
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let thread = id.x + id.y * groups.x * WORKGROUP_SIZE;
  if (thread >= sizes.N * IMAGE_THREADS) { return; }
  let c = thread % VECTORS;
  let w = i32(thread / VECTORS) % W;
  let h = i32(thread / (VECTORS * u32(W))) % H;
  let n = thread / (VECTORS * u32(H * W));

  let rows = takers(h, H, P, ROW_STEP, ROW_START, ROW_DIVISOR);
  let columns = takers(w, W, Q, COLUMN_STEP, COLUMN_START, COLUMN_DIVISOR);
  var sum = Vector(0.0);
  for (var p = rows.x; p < rows.y; p++) {
    let by_row = weight(h, p, H, ROW_STEP, ROW_START, ROW_DIVISOR);
    if (by_row == 0.0) { continue; }
    for (var q = columns.x; q < columns.y; q++) {
      let by_column = weight(w, q, W, COLUMN_STEP, COLUMN_START, COLUMN_DIVISOR);
      if (by_column == 0.0) { continue; }
      sum += by_row * by_column * dy[((n * u32(P) + u32(p)) * u32(Q) + u32(q)) * VECTORS + c];
    }
  }
  dx[thread] = sum;
}
