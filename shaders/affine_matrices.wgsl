// Where the pixels of a transformed picture are looked for: for each image a matrix
//
//   (column, row) = M * (x, y, 1),   M = C R(theta) T(shift) H(shear) Z(zoom) C^-1 F
//
//       R = [ cos -sin ]    H = [ 1 -sin ]    Z = [ zx  0 ]    C moves the centre to (0, 0), F turns x into LAST_X - x
//           [ sin  cos ]        [ 0  cos ]        [  0 zy ]    and y into LAST_Y - y where the picture is flipped
//
// shapes    parameters [images, COLUMNS], matrices [images, 6] = (a0 a1 a2 b0 b1 b2)
// FLOPs     about 80 an image
// bytes     reads the parameters once, writes the matrices once
// tiling    one thread makes one matrix
// parallel  every thread on its own
// note      angles are in degrees, so quarters of a turn are found exactly; of the rest, at most 45 degrees, the series of sine and
//           cosine have all digits, where WGSL promises only 2^-11 for its own
// idea      Keras' ImageDataGenerator

const WORKGROUP_SIZE: u32 = 64u;

// The columns of the parameters.
const COLUMNS: u32 = 8u;
const THETA: u32 = 0u;
const SHIFT_X: u32 = 1u;
const SHIFT_Y: u32 = 2u;
const SHEAR: u32 = 3u;
const ZOOM_X: u32 = 4u;
const ZOOM_Y: u32 = 5u;
const FLIP_X: u32 = 6u;
const FLIP_Y: u32 = 7u;

// The picture: its centre, and its last column and row.
const CENTER_X: f32 = 13.5;
const CENTER_Y: f32 = 13.5;
const LAST_X: f32 = 27.0;
const LAST_Y: f32 = 27.0;

struct Params {
  images: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> parameters: array<f32>;
@group(0) @binding(2) var<storage, read_write> matrices: array<f32>;

// Sine and cosine of an angle in degrees.
fn wave(degrees: f32) -> vec2f {
  let quarters = round(degrees / 90.0);
  let v = (degrees - 90.0 * quarters) * 0.017453292519943295;
  let q = v * v;
  let sine = v * (1.0 + q * (-0.16666667 + q * (0.008333334 + q * (-0.0001984127 + q * 0.0000027557319))));
  let cosine = 1.0 + q * (-0.5 + q * (0.041666668 + q * (-0.0013888889 + q * (0.0000248015873 - q * 0.00000027557319))));
  let turned = select(vec2f(sine, cosine), vec2f(cosine, -sine), (i32(quarters) & 1) == 1);
  return select(turned, -turned, (i32(quarters) & 2) == 2);
}

// One row of the matrix, from the row of the rotation: the factors of x and y, and the place of the first pixel.
fn matrix_row(turn: vec2f, shear: vec2f, zoom: vec2f, shift: vec2f, center: f32, flip: vec2<bool>) -> vec3f {
  let scale = vec2f(turn.x * zoom.x, (turn.y * shear.y - turn.x * shear.x) * zoom.y);
  var first = center - scale.x * CENTER_X - scale.y * CENTER_Y + turn.x * shift.x + turn.y * shift.y;
  first += select(0.0, scale.x * LAST_X, flip.x) + select(0.0, scale.y * LAST_Y, flip.y);
  return vec3f(select(scale, -scale, flip), first);
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let image = id.x + id.y * groups.x * WORKGROUP_SIZE;
  if (image >= params.images) { return; }
  let row = image * COLUMNS;
  let turn = wave(parameters[row + THETA]);
  let shear = wave(parameters[row + SHEAR]);
  let shift = vec2f(parameters[row + SHIFT_X], parameters[row + SHIFT_Y]);
  let zoom = vec2f(parameters[row + ZOOM_X], parameters[row + ZOOM_Y]);
  let flip = vec2f(parameters[row + FLIP_X], parameters[row + FLIP_Y]) < vec2f(0.5);
  let a = matrix_row(vec2f(turn.y, -turn.x), shear, zoom, shift, CENTER_X, flip);
  let b = matrix_row(turn, shear, zoom, shift, CENTER_Y, flip);
  let to = image * 6u;
  matrices[to] = a.x;
  matrices[to + 1u] = a.y;
  matrices[to + 2u] = a.z;
  matrices[to + 3u] = b.x;
  matrices[to + 4u] = b.y;
  matrices[to + 5u] = b.z;
}
