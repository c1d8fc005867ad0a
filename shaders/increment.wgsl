// A counter moves on: destination += BY ("target" is a reserved word).
//
// shapes    destination int32 [1]
// FLOPs     none
// bytes     8
// tiling    one thread
// parallel  nothing

const BY: i32 = 1i;

@group(0) @binding(0) var<storage, read_write> destination: array<i32>;

@compute @workgroup_size(1)
fn main() {
  destination[0] += BY;
}
