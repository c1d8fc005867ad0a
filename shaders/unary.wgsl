// y[i] = f(x[i]) for every element, and conversion between element types (f = identity).
//
// shapes    x, y: any, the same number of elements
// FLOPs     1 an element (a call of exp counts one)
// bytes     reads x once, writes y once
// tiling    one thread writes one vec4u of y: 4 elements of 32 bits, or 16 of 8 bits
//
//             thread 0          thread 1
//           [ e0 e1 e2 e3 ]   [ e4 e5 e6 e7 ]   ...
//
// parallel  every thread on its own
// idea      elementwise functions as one table (praeclarum/webgpu-torch, op_table.ts)

const WORKGROUP_SIZE: u32 = 64u;

// The functions, numbered as unaryFunctions in src/backend/kernels.ts.
const NEG: u32 = 0u;
const ABS: u32 = 1u;
const EXP: u32 = 2u;
const LOG: u32 = 3u;
const LOG1P: u32 = 4u;
const SQRT: u32 = 5u;
const RSQRT: u32 = 6u;
const SQUARE: u32 = 7u;
const SIGN: u32 = 8u;
const FLOOR: u32 = 9u;
const CEIL: u32 = 10u;
const ROUND: u32 = 11u;
const SIN: u32 = 12u;
const COS: u32 = 13u;
const TANH: u32 = 14u;
const SIGMOID: u32 = 15u;
const ERF: u32 = 16u;
const RELU: u32 = 17u;
const SOFTPLUS: u32 = 18u;
const LOGICAL_NOT: u32 = 19u;
const IDENTITY: u32 = 20u;
const FUNCTION: u32 = 2u;

// Element types.
const F32: u32 = 0u;
const I32: u32 = 1u;
const U8: u32 = 2u;
const BOOL: u32 = 3u;
const X_TYPE: u32 = 0u;
const Y_TYPE: u32 = 0u;

struct Params {
  // elements
  size: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4u>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4u>;

// The four bytes of a word, the lowest first.
fn unpack_bytes(word: u32) -> vec4u {
  return (vec4u(word) >> vec4u(0u, 8u, 16u, 24u)) & vec4u(0xffu);
}

// Four bytes as a word; of each element only the low 8 bits count.
fn pack_bytes(bytes: vec4u) -> u32 {
  let placed = (bytes & vec4u(0xffu)) << vec4u(0u, 8u, 16u, 24u);
  return placed.x | placed.y | placed.z | placed.w;
}

// Elements 4 * quad to 4 * quad + 3, as bits of 32-bit numbers; bytes are widened to integers.
fn load_quad(quad: u32) -> vec4u {
  if (X_TYPE == U8 || X_TYPE == BOOL) { return unpack_bytes(x[quad / 4u][quad % 4u]); }
  return x[quad];
}

// erf by Abramowitz and Stegun 7.1.26: absolute error below 1.5e-7, which is float32's own. Its series near 0 keeps small x exact.
fn erf(v: vec4f) -> vec4f {
  let a = abs(v);
  let t = 1.0 / (1.0 + 0.3275911 * a);
  let poly = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t;
  let tail = sign(v) * (1.0 - poly * exp(-a * a));
  let near = v * (1.1283791671 + a * a * (-0.3761263890 + a * a * (0.1128379167 - a * a * 0.0268661706)));
  return select(tail, near, a < vec4f(0.3));
}

// tanh v. The builtin may be off by 1e-5 whatever v is, which is all there is of a small one: its series near 0.
fn hyperbolic_tangent(v: vec4f) -> vec4f {
  let a = min(abs(v), vec4f(15.0));
  let q = a * a;
  let series = 1.0 + q * (-0.33333334 + q * (0.13333334 + q * (-0.053968254 + q * (0.021869488 - q * 0.008863236))));
  let far = sign(v) * (1.0 - 2.0 / (1.0 + exp(2.0 * a)));
  return select(far, v * series, a < vec4f(0.4));
}

// ln(1 + v) without losing the digits of a small v: ln(1 + v) = 2 atanh(v / (2 + v)), by its series.
fn log1p(v: vec4f) -> vec4f {
  let s = v / (2.0 + v);
  let q = s * s;
  let near = 2.0 * s * (1.0 + q * (0.33333334 + q * (0.2 + q * (0.14285715 + q * (0.11111111 + q * 0.09090909)))));
  return select(ln(1.0 + v), near, abs(v) < vec4f(0.41));
}

// No text of WGSL may say infinity or NaN; bits that depend on memory may be it.
fn special(bits: u32) -> vec4f {
  return vec4f(bitcast<f32>(bits | (params.size & 0u)));
}

fn not_a_number() -> vec4f {
  return special(0x7fc00000u);
}

// ln v. Implementations disagree outside the normal numbers: at 0, as which subnormals count, and below.
fn ln(v: vec4f) -> vec4f {
  let from_zero = select(special(0xff800000u), log(v), v >= vec4f(1.1754944e-38));
  return select(not_a_number(), from_zero, v >= vec4f(0.0));
}

fn root(v: vec4f) -> vec4f {
  return select(not_a_number(), sqrt(v), v >= vec4f(0.0));
}

fn is_finite(v: vec4f) -> vec4<bool> {
  return abs(v) <= vec4f(3.4028234e38);
}

fn of_floats(v: vec4f) -> vec4f {
  // Implementations may return anything for NaN. Comparisons with it are false, so v == v tells it apart.
  return select(v, of_numbers(v), (v == v) | vec4<bool>(FUNCTION == LOGICAL_NOT));
}

fn of_numbers(v: vec4f) -> vec4f {
  switch FUNCTION {
    case NEG: { return -v; }
    case ABS: { return abs(v); }
    case EXP: { return exp(v); }
    case LOG: { return ln(v); }
    case LOG1P: { return log1p(v); }
    case SQRT: { return root(v); }
    case RSQRT: { return 1.0 / root(v); }
    case SQUARE: { return v * v; }
    case SIGN: { return sign(v); }
    case FLOOR: { return floor(v); }
    case CEIL: { return ceil(v); }
    case ROUND: { return round(v); }
    case SIN: { return select(not_a_number(), sin(v), is_finite(v)); }
    case COS: { return select(not_a_number(), cos(v), is_finite(v)); }
    case TANH: { return hyperbolic_tangent(v); }
    case SIGMOID: {
      let e = exp(-abs(v));
      return select(e, vec4f(1.0), v >= vec4f(0.0)) / (1.0 + e);
    }
    case ERF: { return erf(v); }
    case RELU: { return select(v, vec4f(0.0), v < vec4f(0.0)); }
    case SOFTPLUS: { return max(v, vec4f(0.0)) + log1p(exp(-abs(v))); }
    case LOGICAL_NOT: { return select(vec4f(0.0), vec4f(1.0), v == vec4f(0.0)); }
    default: { return v; }
  }
}

fn of_integers(v: vec4i) -> vec4i {
  switch FUNCTION {
    case NEG: { return -v; }
    case ABS: { return abs(v); }
    case SQUARE: { return v * v; }
    case SIGN: { return sign(v); }
    case RELU: { return max(v, vec4i(0)); }
    case LOGICAL_NOT: { return select(vec4i(0), vec4i(1), v == vec4i(0)); }
    default: { return v; }
  }
}

// Whether an integer element gives an integer one without passing through a float.
fn stays_integer() -> bool {
  return X_TYPE != F32 && Y_TYPE != F32;
}

fn result_quad(quad: u32) -> vec4u {
  let bits = load_quad(quad);
  if (stays_integer()) { return bitcast<vec4u>(of_integers(bitcast<vec4i>(bits))); }
  if (X_TYPE == F32) { return store_floats(of_floats(bitcast<vec4f>(bits))); }
  return store_floats(of_floats(vec4f(bitcast<vec4i>(bits))));
}

// A float as an element of y: integers truncate towards 0 and clamp, NaN is 0; anything but 0 is true, NaN too.
fn store_floats(v: vec4f) -> vec4u {
  if (Y_TYPE == F32) { return bitcast<vec4u>(v); }
  if (Y_TYPE == BOOL) { return select(vec4u(0u), vec4u(1u), !(v == vec4f(0.0))); }
  let number = select(vec4f(0.0), v, v == v);
  if (Y_TYPE == U8) { return vec4u(clamp(number, vec4f(0.0), vec4f(255.0))); }
  let inside = vec4i(clamp(number, vec4f(-2147483648.0), vec4f(2147483520.0)));
  return bitcast<vec4u>(select(inside, vec4i(2147483647), number >= vec4f(2147483648.0)));
}

fn as_bytes(v: vec4u) -> u32 {
  if (Y_TYPE == BOOL) { return pack_bytes(min(v, vec4u(1u))); }
  return pack_bytes(v);
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let thread = id.x + id.y * groups.x * WORKGROUP_SIZE;
  if (Y_TYPE == U8 || Y_TYPE == BOOL) {
    if (16u * thread >= params.size) { return; }
    let quad = 4u * thread;
    y[thread] = vec4u(
      as_bytes(result_quad(quad)),
      as_bytes(result_quad(quad + 1u)),
      as_bytes(result_quad(quad + 2u)),
      as_bytes(result_quad(quad + 3u)),
    );
    return;
  }
  if (4u * thread >= params.size) { return; }
  y[thread] = result_quad(thread);
}
