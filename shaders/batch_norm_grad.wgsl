// The gradient of a batch that was normalised by its own statistics, by the batch. With f = 1 / √(variance + epsilon):
//
//   dx[r, c] = gamma[c] f (dy[r, c] - (dbeta[c] + (x[r, c] - mean[c]) f dgamma[c]) / rows)
//
// shapes    x, dy, dx [rows, channels]; all others [channels]
// FLOPs     7 an element, and 4 for the factors
// bytes     reads x and dy once, writes dx once
// tiling    one thread makes one element of dx
// parallel  every thread on its own
// idea      Ioffe and Szegedy 2015, Batch Normalization, section 3

const WORKGROUP_SIZE: u32 = 64u;

// A channel, or four side by side: f32 or vec4f.
alias Element = f32;

struct Params {
  // in Elements
  size: u32,
  channels: u32,
  epsilon: f32,
  // 1 / rows
  share: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<Element>;
@group(0) @binding(2) var<storage, read> dy: array<Element>;
@group(0) @binding(3) var<storage, read> gamma: array<Element>;
@group(0) @binding(4) var<storage, read> mean: array<Element>;
@group(0) @binding(5) var<storage, read> variance: array<Element>;
@group(0) @binding(6) var<storage, read> dgamma: array<Element>;
@group(0) @binding(7) var<storage, read> dbeta: array<Element>;
@group(0) @binding(8) var<storage, read_write> dx: array<Element>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.x + id.y * groups.x * WORKGROUP_SIZE;
  if (i >= params.size) { return; }
  let c = i % params.channels;
  let factor = 1.0 / sqrt(variance[c] + params.epsilon);
  let normalised = (x[i] - mean[c]) * factor;
  dx[i] = gamma[c] * factor * (dy[i] - (dbeta[c] + normalised * dgamma[c]) * params.share);
}
