// A running total takes in a list of values:
//
//   target += scale * sum over i of values[i]
//
// shapes    destination [1], values: any
// FLOPs     one an element
// bytes     reads values once
// tiling    one workgroup; thread t adds values t, t + 64, t + 128, ..., then the threads add up in pairs
//
//             t0 t1 t2 t3     ->  t0+t2  t1+t3  ->  t0+t2+t1+t3
//
// parallel  one workgroup, so the order of the sum is fixed
// idea      tree reduction (M. Harris, Optimizing Parallel Reduction in CUDA)

const WORKGROUP_SIZE: u32 = 64u;

struct Params {
  size: u32,
  scale: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> destination: array<f32>;
@group(0) @binding(2) var<storage, read> values: array<f32>;

var<workgroup> sums: array<f32, WORKGROUP_SIZE>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(local_invocation_index) thread: u32) {
  var sum = 0.0;
  for (var i = thread; i < params.size; i += WORKGROUP_SIZE) { sum += values[i]; }
  sums[thread] = sum;
  for (var half = WORKGROUP_SIZE / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (thread < half) { sums[thread] += sums[thread + half]; }
  }
  if (thread == 0u) { destination[0] += params.scale * sums[0]; }
}
