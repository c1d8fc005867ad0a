// How much arithmetic a device can do: chains of multiply-adds that need no memory. Counts its own steps, so that a result
// that is right was worked for:
//
//   y[thread] = sum over the chains c of (c + 4 rounds), since a step is c = c * factor + term with factor = term = 1
//
// shapes    numbers [2] = factor and term, which the compiler must not know; y [threads]
// FLOPs     2 * 8 * 4 rounds a lane
// bytes     one vector a thread
// tiling    8 chains, which do not wait for each other, 4 steps of each in a round
// parallel  over threads
// idea      ask the machine, not its data sheet: CubeCL's throughput benchmarks

const WORKGROUP_SIZE: u32 = 64u;

// f32 or vec4f: some devices like the one better.
alias Vector = f32;

struct Params {
  rounds: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> numbers: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<Vector>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let factor = Vector(numbers[0]);
  let term = Vector(numbers[1]);
  var c0 = Vector(0.0);
  var c1 = Vector(1.0);
  var c2 = Vector(2.0);
  var c3 = Vector(3.0);
  var c4 = Vector(4.0);
  var c5 = Vector(5.0);
  var c6 = Vector(6.0);
  var c7 = Vector(7.0);
  // Written out: what a compiler does not unroll would measure its loop.
  for (var round = 0u; round < params.rounds; round++) {
    c0 = c0 * factor + term;
    c1 = c1 * factor + term;
    c2 = c2 * factor + term;
    c3 = c3 * factor + term;
    c4 = c4 * factor + term;
    c5 = c5 * factor + term;
    c6 = c6 * factor + term;
    c7 = c7 * factor + term;
    c0 = c0 * factor + term;
    c1 = c1 * factor + term;
    c2 = c2 * factor + term;
    c3 = c3 * factor + term;
    c4 = c4 * factor + term;
    c5 = c5 * factor + term;
    c6 = c6 * factor + term;
    c7 = c7 * factor + term;
    c0 = c0 * factor + term;
    c1 = c1 * factor + term;
    c2 = c2 * factor + term;
    c3 = c3 * factor + term;
    c4 = c4 * factor + term;
    c5 = c5 * factor + term;
    c6 = c6 * factor + term;
    c7 = c7 * factor + term;
    c0 = c0 * factor + term;
    c1 = c1 * factor + term;
    c2 = c2 * factor + term;
    c3 = c3 * factor + term;
    c4 = c4 * factor + term;
    c5 = c5 * factor + term;
    c6 = c6 * factor + term;
    c7 = c7 * factor + term;
  }
  y[id.x] = c0 + c1 + c2 + c3 + c4 + c5 + c6 + c7;
}
