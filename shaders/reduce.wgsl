// Reduction over the middle of a block, in one pass or (for few long sums) two or more:
//
//   y[o, s, i] = scale * f over r = s, s + SPLITS, s + 2 SPLITS, ... of x[o, r, i]
//
// shapes    x [outer, reduced, inner], y [outer, splits, inner]; splits = 1 is the whole reduction
// FLOPs     outer * reduced * inner
// bytes     reads x once, writes y once
// tiling    one thread makes one element of y; neighbours in (s, i) read neighbours in memory
//
//           r = 0:  t0 t1 t2 t3     r = 0 .. SPLITS-1 belong to different threads,
//           r = 4:  t0 t1 t2 t3     the next SPLITS rows to the same ones again
//
// parallel  no barrier and no atomic: the order of every sum is fixed
// idea      two-pass reductions with interleaved reading (M. Harris, Optimizing Parallel Reduction in CUDA)

const WORKGROUP_SIZE: u32 = 64u;

// An element, or four along `inner`: f32, vec4f, i32 or vec4i.
alias Element = f32;
// What an Element is made of: f32 or i32.
alias Scalar = f32;

const SUM: u32 = 0u;
const MAX: u32 = 1u;
const MIN: u32 = 2u;
const PROD: u32 = 3u;
const FUNCTION: u32 = 0u;

struct Params {
  outer: u32,
  reduced: u32,
  // in Elements
  inner: u32,
  splits: u32,
  scale: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<Element>;
@group(0) @binding(2) var<storage, read_write> y: array<Element>;

fn combine(total: Element, next: Element) -> Element {
  switch FUNCTION {
    case SUM: { return total + next; }
    // A NaN wins and stays: comparisons with it are false.
    case MAX: { return select(total, next, !(next <= total) & (total == total)); }
    case MIN: { return select(total, next, !(next >= total) & (total == total)); }
    default: { return total * next; }
  }
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let thread = id.x + id.y * groups.x * WORKGROUP_SIZE;
  if (thread >= params.outer * params.splits * params.inner) { return; }
  let i = thread % params.inner;
  let s = (thread / params.inner) % params.splits;
  let o = thread / (params.inner * params.splits);
  let first = o * params.reduced * params.inner + i;
  var total = x[first + s * params.inner];
  for (var r = s + params.splits; r < params.reduced; r += params.splits) {
    total = combine(total, x[first + r * params.inner]);
  }
  y[thread] = total * Element(Scalar(params.scale));
}
