// The product of Nadam's momenta takes in that of the update that was just made:
//
//   product *= mu(t) = beta1 (1 - 0.96^t / 2)
//
// The last of EVERY calls is an update, number t = (iteration + 1) / EVERY.
//
// shapes    product and iteration [1]
// FLOPs     about 5
// bytes     12
// tiling    one thread
// parallel  nothing
// idea      Dozat 2016, in Keras' form

const BETA1: f32 = 0.9f;
const EVERY: i32 = 1i;

@group(0) @binding(0) var<storage, read_write> product: array<f32>;
@group(0) @binding(1) var<storage, read> iteration: array<i32>;

@compute @workgroup_size(1)
fn main() {
  let calls = iteration[0] + 1;
  if (calls % EVERY != 0) { return; }
  // ln 0.96
  product[0] *= BETA1 * (1.0 - 0.5 * exp(-0.040821996 * f32(calls / EVERY)));
}
