// Winograd convolution F(2 x 2, 3 x 3), the result: of the 16 products v * u of a tile the 2 x 2 results.
//
//   y[n, 2 * tp + a, 2 * tq + b, k] = activation(bias[k] + scale[k] * sum over i, j of A[a, i] * m[i, j, tile, k] * A[b, j])
//   with A = 1 1 1 0,  0 1 -1 -1,  and tile = (n * TILES_P + tp) * TILES_Q + tq
//
// shapes    m [16, N TILES_P TILES_Q, K], scale and bias [K] where there are any, y [N, P, Q, K]
// FLOPs     24 N TILES_P TILES_Q K (Lavin and Gray)
// bytes     reads m once, 4 times y; writes y once
// tiling    one thread makes the 2 x 2 results of a tile, LANES channels of them
// parallel  threads over (tile, k)
// idea      Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", section 4.1

const WORKGROUP_SIZE: u32 = 64u;

// LANES neighbouring channels: f32, vec2f or vec4f.
alias Vector = f32;
const LANES: u32 = 1u;
const P: u32 = 8u;
const Q: u32 = 8u;
const K: u32 = 4u;
const HAS_BIAS: bool = false;
const HAS_SCALE: bool = false;
const RELU: bool = false;

// No constants: one pipeline serves batches of every size.
struct Sizes {
  N: u32,
}

@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> m: array<Vector>;
@group(0) @binding(2) var<storage, read> bias: array<Vector>;
@group(0) @binding(3) var<storage, read> scale: array<Vector>;
@group(0) @binding(4) var<storage, read_write> y: array<Vector>;

const K_VECTORS: u32 = K / LANES;
const TILES_P: u32 = (P + 1u) / 2u;
const TILES_Q: u32 = (Q + 1u) / 2u;

// A row of A times a column of four.
fn transformed(a: u32, column: array<Vector, 4>) -> Vector {
  if (a == 0u) { return column[0] + column[1] + column[2]; }
  return column[1] - column[2] - column[3];
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let thread = id.x + id.y * groups.x * WORKGROUP_SIZE;
  let tiles = sizes.N * TILES_P * TILES_Q;
  if (thread >= tiles * K_VECTORS) { return; }
  let k = thread % K_VECTORS;
  let tile = thread / K_VECTORS;
  let p_first = tile / TILES_Q % TILES_P * 2u;
  let q_first = tile % TILES_Q * 2u;
  let n = tile / (TILES_Q * TILES_P);
  // Down the columns of the products, then along what came of it.
  var down: array<array<Vector, 4>, 2>;
  for (var j = 0u; j < 4u; j++) {
    var column: array<Vector, 4>;
    for (var i = 0u; i < 4u; i++) { column[i] = m[((i * 4u + j) * tiles + tile) * K_VECTORS + k]; }
    for (var a = 0u; a < 2u; a++) { down[a][j] = transformed(a, column); }
  }
  for (var a = 0u; a < 2u; a++) {
    for (var b = 0u; b < 2u; b++) {
      if (p_first + a >= P || q_first + b >= Q) { continue; }
      var sum = transformed(b, down[a]);
      if (HAS_SCALE) { sum *= scale[k]; }
      if (HAS_BIAS) { sum += bias[k]; }
      if (RELU) { sum = select(sum, Vector(0.0), sum < Vector(0.0)); }
      y[((n * P + p_first + a) * Q + q_first + b) * K_VECTORS + k] = sum;
    }
  }
}
