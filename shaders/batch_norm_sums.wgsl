// The two sums that the gradients of a normalised batch are made of, channel by channel, in parts:
//
//   y[0, s, c] = Σ over r = s, s + SPLITS, ... of dy[r, c]
//   y[1, s, c] = Σ over the same of dy[r, c] (x[r, c] - mean[c])
//
// shapes    x, dy [rows, channels], mean [channels], y [2, splits, channels]; reduce.wgsl adds the parts up
// FLOPs     4 rows * channels
// bytes     reads x and dy once, writes y once
// tiling    as in reduce.wgsl: one thread makes one pair of y, neighbours read neighbours in memory
// parallel  no barrier and no atomic: the order of every sum is fixed
// idea      both sums while dy passes by (batchNormalizationBackward of cuDNN)

const WORKGROUP_SIZE: u32 = 64u;

// A channel, or four side by side: f32 or vec4f.
alias Element = f32;

struct Params {
  rows: u32,
  // in Elements
  channels: u32,
  splits: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<Element>;
@group(0) @binding(2) var<storage, read> dy: array<Element>;
@group(0) @binding(3) var<storage, read> mean: array<Element>;
@group(0) @binding(4) var<storage, read_write> y: array<Element>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let thread = id.x + id.y * groups.x * WORKGROUP_SIZE;
  if (thread >= params.splits * params.channels) { return; }
  let c = thread % params.channels;
  let centre = mean[c];
  var total = Element();
  var along = Element();
  for (var r = thread / params.channels; r < params.rows; r += params.splits) {
    let slope = dy[r * params.channels + c];
    total += slope;
    along += slope * (x[r * params.channels + c] - centre);
  }
  y[thread] = total;
  y[params.splits * params.channels + thread] = along;
}
