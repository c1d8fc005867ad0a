// An image sampled at other places, to the nearest cell or linearly between four:
//
//   y[n, p, q, c] = sum over the cells (h, w) around (row(p), column(q)) of weight(h) * weight(w) * x[n, h, w, c]
//   row(p) = (p * ROW_STEP + ROW_START) / ROW_DIVISOR; cells outside x count as those of its edge
//
// shapes    x [N, H, W, C], y [N, P, Q, C]
// FLOPs     LINEAR: 8 an element; else none
// bytes     reads each cell of x as often as it is near a place, writes y once
// tiling    one thread makes one vector of LANES channels
//
//             x   a . . b         the place between four cells takes
//                 .   *           from each by how near it is
//                 c . . d
//
// parallel  every thread on its own; places are fractions of whole numbers, so no backend rounds them another way
// idea      half-pixel centres, as in TensorFlow's ResizeBilinear and ONNX's Resize

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
@group(0) @binding(1) var<storage, read> x: array<Vector>;
@group(0) @binding(2) var<storage, read_write> y: array<Vector>;

const VECTORS: u32 = C / LANES;
const IMAGE_THREADS: u32 = u32(P * Q) * VECTORS;

// The whole part of a / b, rounded down.
fn floor_div(a: i32, b: i32) -> i32 {
  return a / b - select(0, 1, a % b < 0);
}

fn cell(n: u32, h: i32, w: i32, c: u32) -> Vector {
  let row = n * u32(H) + u32(clamp(h, 0, H - 1));
  return x[(row * u32(W) + u32(clamp(w, 0, W - 1))) * VECTORS + c];
}

// Between a and b; what has no weight is not looked at, for it may be infinite.
fn mix_cells(a: Vector, b: Vector, part: i32, divisor: i32) -> Vector {
  if (part == 0) { return a; }
  return (f32(divisor - part) / f32(divisor)) * a + (f32(part) / f32(divisor)) * b;
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let thread = id.x + id.y * groups.x * WORKGROUP_SIZE;
  if (thread >= sizes.N * IMAGE_THREADS) { return; }
  let c = thread % VECTORS;
  let q = i32(thread / VECTORS) % Q;
  let p = i32(thread / (VECTORS * u32(Q))) % P;
  let n = thread / (VECTORS * u32(P * Q));

  let row = p * ROW_STEP + ROW_START;
  let column = q * COLUMN_STEP + COLUMN_START;
  let h = floor_div(row, ROW_DIVISOR);
  let w = floor_div(column, COLUMN_DIVISOR);
  if (!LINEAR) {
    y[thread] = cell(n, h, w, c);
    return;
  }
  let right = column - w * COLUMN_DIVISOR;
  let above = mix_cells(cell(n, h, w, c), cell(n, h, w + 1, c), right, COLUMN_DIVISOR);
  let below = mix_cells(cell(n, h + 1, w, c), cell(n, h + 1, w + 1, c), right, COLUMN_DIVISOR);
  y[thread] = mix_cells(above, below, row - h * ROW_DIVISOR, ROW_DIVISOR);
}
