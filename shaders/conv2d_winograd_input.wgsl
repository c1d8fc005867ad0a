// Winograd convolution F(2 x 2, 3 x 3), the input: each tile of 2 x 2 results sees 4 x 4 pixels, which become one row of 16 products.
//
//   v[i, j, tile, c] = sum over a, b of B[i, a] * x[n, 2 * th + a - PAD_TOP, 2 * tw + b - PAD_LEFT, c] * B[j, b]
//   with B = 1 0 -1 0,  0 1 1 0,  0 -1 1 0,  0 1 0 -1,  and tile = (n * TILES_H + th) * TILES_W + tw
//
// shapes    x [N, H, W, C], v [16, N TILES_H TILES_W, C]; outside x are zeros
// FLOPs     32 N TILES_H TILES_W C (Lavin and Gray)
// bytes     x is read 4 times (from cache), v written once: 4 times x
// tiling    one thread transforms the 4 x 4 pixels of a tile, LANES channels of them
// parallel  threads over (tile, c)
// idea      Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", section 4.1

const WORKGROUP_SIZE: u32 = 64u;

// LANES neighbouring channels: f32, vec2f or vec4f.
alias Vector = f32;
const LANES: u32 = 1u;
const H: u32 = 8u;
const W: u32 = 8u;
const C: u32 = 1u;
const TILES_H: u32 = 4u;
const TILES_W: u32 = 4u;
const PAD_TOP: i32 = 1i;
const PAD_LEFT: i32 = 1i;

// No constants: one pipeline serves batches of every size.
struct Sizes {
  N: u32,
}

@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> x: array<Vector>;
@group(0) @binding(2) var<storage, read_write> v: array<Vector>;

const C_VECTORS: u32 = C / LANES;

// A row of B times a column of four.
fn transformed(i: u32, column: array<Vector, 4>) -> Vector {
  if (i == 0u) { return column[0] - column[2]; }
  if (i == 1u) { return column[1] + column[2]; }
  if (i == 2u) { return column[2] - column[1]; }
  return column[1] - column[3];
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let thread = id.x + id.y * groups.x * WORKGROUP_SIZE;
  let tiles = sizes.N * TILES_H * TILES_W;
  if (thread >= tiles * C_VECTORS) { return; }
  let c = thread % C_VECTORS;
  let tile = thread / C_VECTORS;
  // Above and left of the image wraps to huge numbers, so one comparison finds both edges.
  let h_first = u32(i32(tile / TILES_W % TILES_H * 2u) - PAD_TOP);
  let w_first = u32(i32(tile % TILES_W * 2u) - PAD_LEFT);
  let n = tile / (TILES_W * TILES_H);
  // Down the columns of the pixels, then along what came of it.
  var down: array<array<Vector, 4>, 4>;
  for (var b = 0u; b < 4u; b++) {
    let w = w_first + b;
    var column: array<Vector, 4>;
    for (var a = 0u; a < 4u; a++) {
      let h = h_first + a;
      // Written out: some compilers leave in a variable of a loop what the turn before left there.
      column[a] = Vector(0.0);
      if (h < H && w < W) { column[a] = x[((n * H + h) * W + w) * C_VECTORS + c]; }
    }
    for (var i = 0u; i < 4u; i++) { down[i][b] = transformed(i, column); }
  }
  for (var i = 0u; i < 4u; i++) {
    for (var j = 0u; j < 4u; j++) { v[((i * 4u + j) * tiles + tile) * C_VECTORS + c] = transformed(j, down[i]); }
  }
}
