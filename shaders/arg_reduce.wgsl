// y[o, i] = the first r at which x[o, r, i] is largest (or smallest); the first NaN, where there is one.
//
// shapes    x [outer, reduced, inner], y int32 [outer, inner]
// FLOPs     outer * reduced * inner comparisons
// bytes     reads x once, writes y once
// tiling    one thread makes one element of y, walking r
// parallel  every thread on its own

const WORKGROUP_SIZE: u32 = 64u;

// f32 or i32
alias Element = f32;

const SMALLEST: bool = false;

struct Params {
  outer: u32,
  reduced: u32,
  inner: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<Element>;
@group(0) @binding(2) var<storage, read_write> y: array<u32>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let thread = id.x + id.y * groups.x * WORKGROUP_SIZE;
  if (thread >= params.outer * params.inner) { return; }
  let o = thread / params.inner;
  let first = o * params.reduced * params.inner + thread % params.inner;
  var best = x[first];
  var winner = 0u;
  for (var r = 1u; r < params.reduced; r++) {
    let next = x[first + r * params.inner];
    // Comparisons with NaN are false.
    let wins = !select(next <= best, next >= best, SMALLEST) & (best == best);
    best = select(best, next, wins);
    winner = select(winner, r, wins);
  }
  y[thread] = winner;
}
