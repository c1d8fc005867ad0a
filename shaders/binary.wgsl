// y[i] = f(a[i], b[i]) with broadcasting.
//
// shapes    y: any of rank <= 6; a and b broadcast to it (stride 0 along a stretched axis)
// FLOPs     1 an element
// bytes     reads a and b (at least) once, writes y once
// tiling    one thread writes one vec4u of y: 4 elements of 32 bits, or 16 of 8 bits
//
//             thread 0          thread 1
//           [ e0 e1 e2 e3 ]   [ e4 e5 e6 e7 ]   ...
//
// parallel  every thread on its own
// idea      elementwise functions as one table (praeclarum/webgpu-torch, op_table.ts)

const WORKGROUP_SIZE: u32 = 64u;

// The functions, numbered as binaryFunctions in src/backend/kernels.ts.
const ADD: u32 = 0u;
const SUB: u32 = 1u;
const MUL: u32 = 2u;
const DIV: u32 = 3u;
const POW: u32 = 4u;
const MAXIMUM: u32 = 5u;
const MINIMUM: u32 = 6u;
const EQUAL: u32 = 7u;
const NOT_EQUAL: u32 = 8u;
const GREATER: u32 = 9u;
const GREATER_EQUAL: u32 = 10u;
const LESS: u32 = 11u;
const LESS_EQUAL: u32 = 12u;
const LOGICAL_AND: u32 = 13u;
const LOGICAL_OR: u32 = 14u;
const RELU_GRAD: u32 = 15u;
const ADD_RELU: u32 = 16u;
const FUNCTION: u32 = 0u;

// Element types.
const F32: u32 = 0u;
const I32: u32 = 1u;
const U8: u32 = 2u;
const BOOL: u32 = 3u;
const A_TYPE: u32 = 0u;
const B_TYPE: u32 = 0u;
const Y_TYPE: u32 = 0u;
// Compute in float32, else in int32.
const IN_FLOAT: bool = true;

// How an operand lies beside y.
const FLAT: u32 = 0u;
const SINGLE: u32 = 1u;
const STRIDED: u32 = 2u;
const A_LAYOUT: u32 = 0u;
const B_LAYOUT: u32 = 0u;
// Axes left after merging those that are walked in one stride.
const RANK: u32 = 1u;

struct Params {
  // elements of y
  size: u32,
  shape: array<vec4u, 2>,
  a_strides: array<vec4u, 2>,
  b_strides: array<vec4u, 2>,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> a: array<vec4u>;
@group(0) @binding(2) var<storage, read> b: array<vec4u>;
@group(0) @binding(3) var<storage, read_write> y: array<vec4u>;

// The four bytes of a word, the lowest first.
fn unpack_bytes(word: u32) -> vec4u {
  return (vec4u(word) >> vec4u(0u, 8u, 16u, 24u)) & vec4u(0xffu);
}

// Four bytes as a word; of each element only the low 8 bits count.
fn pack_bytes(bytes: vec4u) -> u32 {
  let placed = (bytes & vec4u(0xffu)) << vec4u(0u, 8u, 16u, 24u);
  return placed.x | placed.y | placed.z | placed.w;
}

// Where element i of y finds its operands.
fn positions(i: u32) -> vec2u {
  var rest = i;
  var at = vec2u(0u);
  for (var d = i32(RANK) - 1; d >= 0; d--) {
    let length = params.shape[d / 4][d % 4];
    let index = rest % length;
    rest = rest / length;
    at += index * vec2u(params.a_strides[d / 4][d % 4], params.b_strides[d / 4][d % 4]);
  }
  return at;
}

fn a_element(at: u32) -> u32 {
  if (A_TYPE == U8 || A_TYPE == BOOL) { return extractBits(a[at / 16u][(at / 4u) % 4u], 8u * (at % 4u), 8u); }
  return a[at / 4u][at % 4u];
}

fn b_element(at: u32) -> u32 {
  if (B_TYPE == U8 || B_TYPE == BOOL) { return extractBits(b[at / 16u][(at / 4u) % 4u], 8u * (at % 4u), 8u); }
  return b[at / 4u][at % 4u];
}

fn a_quad(quad: u32) -> vec4u {
  if (A_LAYOUT == SINGLE) { return vec4u(a_element(0u)); }
  if (A_LAYOUT == STRIDED) {
    let i = 4u * quad;
    return vec4u(
      a_element(positions(i).x),
      a_element(positions(i + 1u).x),
      a_element(positions(i + 2u).x),
      a_element(positions(i + 3u).x),
    );
  }
  if (A_TYPE == U8 || A_TYPE == BOOL) { return unpack_bytes(a[quad / 4u][quad % 4u]); }
  return a[quad];
}

fn b_quad(quad: u32) -> vec4u {
  if (B_LAYOUT == SINGLE) { return vec4u(b_element(0u)); }
  if (B_LAYOUT == STRIDED) {
    let i = 4u * quad;
    return vec4u(
      b_element(positions(i).y),
      b_element(positions(i + 1u).y),
      b_element(positions(i + 2u).y),
      b_element(positions(i + 3u).y),
    );
  }
  if (B_TYPE == U8 || B_TYPE == BOOL) { return unpack_bytes(b[quad / 4u][quad % 4u]); }
  return b[quad];
}

fn a_floats(bits: vec4u) -> vec4f {
  if (A_TYPE == F32) { return bitcast<vec4f>(bits); }
  return vec4f(bitcast<vec4i>(bits));
}

fn b_floats(bits: vec4u) -> vec4f {
  if (B_TYPE == F32) { return bitcast<vec4f>(bits); }
  return vec4f(bitcast<vec4i>(bits));
}

// A NaN on either side is the larger and the smaller one. Comparisons with NaN are false.
fn larger(u: vec4f, v: vec4f) -> vec4f {
  return select(u, v, !(v <= u) & (u == u));
}

fn smaller(u: vec4f, v: vec4f) -> vec4f {
  return select(u, v, !(v >= u) & (u == u));
}

// WGSL's pow knows no negative base; IEEE's does, for whole exponents. There u^0 and 1^v are 1 whatever stands beside, NaN too.
fn power(u: vec4f, v: vec4f) -> vec4f {
  let whole = v == floor(v);
  let odd = whole & ((v - 2.0 * floor(v / 2.0)) == vec4f(1.0));
  let size = select(pow(abs(u), v), vec4f(1.0), abs(u) == vec4f(1.0));
  let signed_size = select(size, -size, odd & (u < vec4f(0.0)));
  // Implementations disagree on powers of 0: it is 0, or infinite when the exponent is negative.
  let of_zero = select(1.0 / select(abs(u), u, odd), vec4f(0.0), v > vec4f(0.0));
  // No text of WGSL may say NaN; bits that depend on memory may be it.
  let not_a_number = vec4f(bitcast<f32>(0x7fc00000u | (params.size & 0u)));
  let has_power = whole | (u >= vec4f(0.0)) | (abs(u) > vec4f(3.4028234e38));
  let of_negative = select(not_a_number, signed_size, has_power);
  let of_number = select(of_negative, of_zero, u == vec4f(0.0));
  let of_any = select(not_a_number, of_number, (u == u) & (v == v));
  // By way of logarithms the largest float to the first power would be infinite.
  let of_one = select(of_any, u, v == vec4f(1.0));
  return select(of_one, vec4f(1.0), (v == vec4f(0.0)) | (u == vec4f(1.0)));
}

fn truth(holds: vec4<bool>) -> vec4u {
  return select(vec4u(0u), vec4u(1u), holds);
}

fn of_floats(u: vec4f, v: vec4f) -> vec4u {
  switch FUNCTION {
    case ADD: { return bitcast<vec4u>(u + v); }
    case SUB: { return bitcast<vec4u>(u - v); }
    case MUL: { return bitcast<vec4u>(u * v); }
    case DIV: { return bitcast<vec4u>(u / v); }
    case POW: { return bitcast<vec4u>(power(u, v)); }
    case MAXIMUM: { return bitcast<vec4u>(larger(u, v)); }
    case MINIMUM: { return bitcast<vec4u>(smaller(u, v)); }
    case EQUAL: { return truth(u == v); }
    // != is false beside NaN, as the other comparisons are.
    case NOT_EQUAL: { return truth(!(u == v)); }
    case GREATER: { return truth(u > v); }
    case GREATER_EQUAL: { return truth(u >= v); }
    case LESS: { return truth(u < v); }
    case LESS_EQUAL: { return truth(u <= v); }
    case LOGICAL_AND: { return truth(!((u == vec4f(0.0)) | (v == vec4f(0.0)))); }
    case LOGICAL_OR: { return truth(!((u == vec4f(0.0)) & (v == vec4f(0.0)))); }
    case ADD_RELU: {
      let sum = u + v;
      return bitcast<vec4u>(select(sum, vec4f(0.0), sum < vec4f(0.0)));
    }
    default: { return bitcast<vec4u>(select(vec4f(0.0), u, v > vec4f(0.0))); }
  }
}

// One integer power by squaring; a negative exponent truncates the fraction to 0.
fn integer_power(base: i32, exponent: i32) -> i32 {
  if (exponent < 0) { return select(0, select(1, base, exponent % 2 != 0), abs(base) == 1); }
  var result = 1;
  var square = base;
  for (var rest = exponent; rest > 0; rest = rest / 2) {
    if (rest % 2 == 1) { result *= square; }
    square *= square;
  }
  return result;
}

fn of_integers(u: vec4i, v: vec4i) -> vec4u {
  switch FUNCTION {
    case ADD: { return bitcast<vec4u>(u + v); }
    case SUB: { return bitcast<vec4u>(u - v); }
    case MUL: { return bitcast<vec4u>(u * v); }
    case POW: {
      return bitcast<vec4u>(vec4i(
        integer_power(u.x, v.x), integer_power(u.y, v.y), integer_power(u.z, v.z), integer_power(u.w, v.w),
      ));
    }
    case MAXIMUM: { return bitcast<vec4u>(max(u, v)); }
    case MINIMUM: { return bitcast<vec4u>(min(u, v)); }
    case EQUAL: { return truth(u == v); }
    case NOT_EQUAL: { return truth(u != v); }
    case GREATER: { return truth(u > v); }
    case GREATER_EQUAL: { return truth(u >= v); }
    case LESS: { return truth(u < v); }
    case LESS_EQUAL: { return truth(u <= v); }
    case LOGICAL_AND: { return truth((u != vec4i(0)) & (v != vec4i(0))); }
    case LOGICAL_OR: { return truth((u != vec4i(0)) | (v != vec4i(0))); }
    case ADD_RELU: { return bitcast<vec4u>(max(u + v, vec4i(0))); }
    default: { return bitcast<vec4u>(select(vec4i(0), u, v > vec4i(0))); }
  }
}

fn result_quad(quad: u32) -> vec4u {
  let u = a_quad(quad);
  let v = b_quad(quad);
  if (IN_FLOAT) { return of_floats(a_floats(u), b_floats(v)); }
  return of_integers(bitcast<vec4i>(u), bitcast<vec4i>(v));
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let thread = id.x + id.y * groups.x * WORKGROUP_SIZE;
  if (Y_TYPE == U8 || Y_TYPE == BOOL) {
    if (16u * thread >= params.size) { return; }
    let quad = 4u * thread;
    y[thread] = vec4u(
      pack_bytes(result_quad(quad)),
      pack_bytes(result_quad(quad + 1u)),
      pack_bytes(result_quad(quad + 2u)),
      pack_bytes(result_quad(quad + 3u)),
    );
    return;
  }
  if (4u * thread >= params.size) { return; }
  y[thread] = result_quad(thread);
}
