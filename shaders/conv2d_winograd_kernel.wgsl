// Winograd convolution F(2 x 2, 3 x 3), the kernel: what each of 16 products multiplies by. Once for each call.
//
//   u[i, j, c, k] = sum over r, s of G[i, r] * kernel[r, s, c, k] * G[j, s],  with G = 1 0 0,  1/2 1/2 1/2,  1/2 -1/2 1/2,  0 0 1
//   TURNED:  u[i, j, c, k] = the same of kernel[2 - r, 2 - s, k, c], for the gradient by the input
//
// shapes    kernel [3, 3, C, K], or [3, 3, K, C] if TURNED; u [16, C, K]
// FLOPs     28 C K (Lavin and Gray)
// bytes     reads kernel once, writes u once: 16 / 9 of it
// tiling    one thread transforms the 9 taps of a pair of channels, or of LANES pairs
// parallel  threads over (c, k)
// idea      Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", section 4.1

const WORKGROUP_SIZE: u32 = 64u;

// LANES neighbouring output channels: f32, vec2f or vec4f; f32 if TURNED, where they do not lie side by side.
alias Vector = f32;
const LANES: u32 = 1u;
const C: u32 = 1u;
const K: u32 = 4u;
const TURNED: bool = false;

@group(0) @binding(0) var<storage, read> kernel: array<Vector>;
@group(0) @binding(1) var<storage, read_write> u: array<Vector>;

const K_VECTORS: u32 = K / LANES;
const THREADS: u32 = C * K_VECTORS;

fn weight(r: u32, s: u32, c: u32, k: u32) -> Vector {
  if (TURNED) { return kernel[(((2u - r) * 3u + 2u - s) * K + k) * C + c]; }
  return kernel[((r * 3u + s) * C + c) * K_VECTORS + k];
}

// A row of G times a column of three.
fn transformed(i: u32, column: array<Vector, 3>) -> Vector {
  if (i == 0u) { return column[0]; }
  if (i == 1u) { return 0.5 * (column[0] + column[1] + column[2]); }
  if (i == 2u) { return 0.5 * (column[0] - column[1] + column[2]); }
  return column[2];
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let thread = id.x + id.y * groups.x * WORKGROUP_SIZE;
  if (thread >= THREADS) { return; }
  let k = thread % K_VECTORS;
  let c = thread / K_VECTORS;
  // Down the columns of the taps, then along what came of it.
  var down: array<array<Vector, 3>, 4>;
  for (var s = 0u; s < 3u; s++) {
    let column = array<Vector, 3>(weight(0u, s, c, k), weight(1u, s, c, k), weight(2u, s, c, k));
    for (var i = 0u; i < 4u; i++) { down[i][s] = transformed(i, column); }
  }
  for (var i = 0u; i < 4u; i++) {
    for (var j = 0u; j < 4u; j++) { u[((i * 4u + j) * C + c) * K_VECTORS + k] = transformed(j, down[i]); }
  }
}
