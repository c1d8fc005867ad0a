// Pictures turned, shifted, sheared, zoomed and flipped: each output pixel looks up its place in the input.
//
//   y[n, p, q, c] = x at column a0 q + a1 p + a2 and row b0 q + b1 p + b2,   (a0 a1 a2 b0 b1 b2) = matrices[n]
//
// LINEAR: between the four cells around that place; else the nearest cell. What lies outside x depends on FILL.
//
// shapes    x [images, H, W, C], matrices [images, 6], y [images, P, Q, C]
// FLOPs     8 a pixel for its place; LINEAR: 6 an element
// bytes     each pixel reads up to four of x (from cache) and is written once
// tiling    a workgroup works on one image, each thread on every 64th pixel of its part: the matrix is read once for all of them.
//           All channels of a pixel are one thread's, in vectors of LANES
//
//             x   a . . b         the place between four cells takes
//                 .   *           from each by how near it is
//                 c . . d
//
// parallel  every thread on its own
// idea      scipy.ndimage.affine_transform, with its rules for what lies outside

const WORKGROUP_SIZE: u32 = 64u;

// LANES neighbouring channels, and their bits in memory: f32 with u32, or vec4f with vec4u.
alias Vector = f32;
alias Stored = u32;
const LANES: u32 = 1u;
// x holds bytes, four in a word; then LANES is 1.
const BYTES: bool = false;

const H: i32 = 28;
const W: i32 = 28;
const C: u32 = 1u;
const P: u32 = 28u;
const Q: u32 = 28u;
const LINEAR: bool = true;

// Where the pictures lie: as they are, or picture i is that of order[start + cursor * stride + i], all clamped.
const GATHERED: bool = false;

// What lies outside, numbered as fillModes in src/backend/kernels.ts.
const NEAREST: u32 = 0u;
const REFLECT: u32 = 1u;
const WRAP: u32 = 2u;
const WRAP_ENDS: u32 = 3u;
const CONSTANT: u32 = 4u;
const BLEND: u32 = 5u;
const FILL: u32 = 0u;
const VALUE: f32 = 0.0;

struct Params {
  images: u32,
  // workgroups of an image, and pixels of a workgroup
  groups: u32,
  pixels: u32,
  unused: u32,
  start: u32,
  stride: u32,
  order_size: u32,
  table_rows: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<Stored>;
@group(0) @binding(2) var<storage, read> order: array<i32>;
@group(0) @binding(3) var<storage, read> cursor: array<i32>;
@group(0) @binding(4) var<storage, read> matrices: array<f32>;
@group(0) @binding(5) var<storage, read_write> y: array<Vector>;

const VECTORS: u32 = C / LANES;

fn source_row(i: u32) -> u32 {
  if (!GATHERED) { return i; }
  let at = i32(params.start + i) + cursor[0] * i32(params.stride);
  let row = order[clamp(at, 0, i32(params.order_size) - 1)];
  return u32(clamp(row, 0, i32(params.table_rows) - 1));
}

// One or two neighbouring cells along an axis, and how much of the second is taken; -1 is a cell outside.
struct Taps {
  near: i32,
  far: i32,
  part: f32,
}

// The place on the axis that looks like this one.
fn folded(place: f32, n: f32) -> f32 {
  switch FILL {
    case NEAREST: { return clamp(place, 0.0, n - 1.0); }
    case REFLECT: {
      let phase = place + 0.5 - 2.0 * n * floor((place + 0.5) / (2.0 * n));
      return min(phase, 2.0 * n - phase) - 0.5;
    }
    case WRAP: { return place - n * floor(place / n); }
    case WRAP_ENDS: {
      let period = n - 1.0;
      if (period == 0.0) { return 0.0; }
      if (place >= 0.0 && place <= period) { return place; }
      let moved = place - period * floor(place / period);
      // A quotient may be off by its last digits. Whole periods below end at the last sample, those above at the first.
      if (place < 0.0) { return select(moved, moved + period, moved <= 0.0); }
      return select(moved, moved - period, moved >= period);
    }
    default: { return place; }
  }
}

fn cell(at: i32, n: i32) -> i32 {
  if (FILL == BLEND) { return select(-1, at, at >= 0 && at < n); }
  return clamp(select(at, at - n, FILL == WRAP && at >= n), 0, n - 1);
}

fn taps(place: f32, n: i32) -> Taps {
  let near = folded(place, f32(n));
  let first = floor(select(near + 0.5, near, LINEAR));
  // Far outside there is nothing to tell apart, and no integer to do it with.
  let at = i32(clamp(first, -2.0, f32(n)));
  return Taps(cell(at, n), cell(at + 1, n), select(0.0, near - first, LINEAR));
}

fn load(at: u32) -> Vector {
  if (BYTES) { return Vector(f32(extractBits(vec4u(x[at / 4u]).x, 8u * (at % 4u), 8u))); }
  return bitcast<Vector>(x[at]);
}

fn value(row: u32, h: i32, w: i32, c: u32) -> Vector {
  if (FILL == BLEND && (h < 0 || w < 0)) { return Vector(VALUE); }
  return load(((row * u32(H) + u32(h)) * u32(W) + u32(w)) * VECTORS + c);
}

// Between a and b; what has no weight is not looked at, for it may be infinite.
fn mix_cells(a: Vector, b: Vector, part: f32) -> Vector {
  return select((1.0 - part) * a + part * b, a, part == 0.0);
}

// All channels of one pixel of y, from its place on the picture in row `source` of x.
fn sample(source: u32, y_at: u32, column: f32, row: f32) {
  let is_inside = column >= 0.0 && column <= f32(W - 1) && row >= 0.0 && row <= f32(H - 1);
  if (FILL == CONSTANT && !is_inside) {
    for (var c = 0u; c < VECTORS; c++) { y[y_at + c] = Vector(VALUE); }
    return;
  }
  let h = taps(row, H);
  let w = taps(column, W);
  for (var c = 0u; c < VECTORS; c++) {
    let first = value(source, h.near, w.near, c);
    if (!LINEAR) {
      y[y_at + c] = first;
      continue;
    }
    let above = mix_cells(first, value(source, h.near, w.far, c), w.part);
    let below = mix_cells(value(source, h.far, w.near, c), value(source, h.far, w.far, c), w.part);
    y[y_at + c] = mix_cells(above, below, h.part);
  }
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) thread: u32,
) {
  let number = group.x + group.y * groups.x;
  let image = number / params.groups;
  if (image >= params.images) { return; }
  let source = source_row(image);
  let m = 6u * image;
  let across = vec3f(matrices[m], matrices[m + 1u], matrices[m + 2u]);
  let down = vec3f(matrices[m + 3u], matrices[m + 4u], matrices[m + 5u]);
  let first = number % params.groups * params.pixels;
  let end = min(first + params.pixels, P * Q);
  for (var pixel = first + thread; pixel < end; pixel += WORKGROUP_SIZE) {
    let at = vec3f(f32(pixel % Q), f32(pixel / Q), 1.0);
    sample(source, (image * P * Q + pixel) * VECTORS, dot(across, at), dot(down, at));
  }
}
