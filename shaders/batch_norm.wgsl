// Normalisation of a batch by statistics of its channels:
//
//   y[r, c] = (x[r, c] - mean[c]) * (gamma[c] / √(variance[c] + epsilon)) + beta[c]
//
// shapes    x, y [rows, channels]; all others [channels]
// FLOPs     3 an element, and 3 for the factor
// bytes     reads x once, writes y once
// tiling    one thread makes one element of y
// parallel  every thread on its own; the factor of a channel is computed by each thread that needs it, and never stored
// idea      Ioffe and Szegedy 2015, Batch Normalization

const WORKGROUP_SIZE: u32 = 64u;

// A channel, or four side by side: f32 or vec4f.
alias Element = f32;

struct Params {
  // in Elements
  size: u32,
  channels: u32,
  epsilon: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<Element>;
@group(0) @binding(2) var<storage, read> gamma: array<Element>;
@group(0) @binding(3) var<storage, read> beta: array<Element>;
@group(0) @binding(4) var<storage, read> mean: array<Element>;
@group(0) @binding(5) var<storage, read> variance: array<Element>;
@group(0) @binding(6) var<storage, read_write> y: array<Element>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.x + id.y * groups.x * WORKGROUP_SIZE;
  if (i >= params.size) { return; }
  let c = i % params.channels;
  let factor = gamma[c] * (1.0 / sqrt(variance[c] + params.epsilon));
  y[i] = (x[i] - mean[c]) * factor + beta[c];
}
