// Sums of squared distances from the mean, channel by channel, in parts:
//
//   y[s, c] = Σ over r = s, s + SPLITS, s + 2 SPLITS, ... of (x[r, c] - mean[c])²
//
// shapes    x [rows, channels], mean [channels], y [splits, channels]; reduce.wgsl adds the parts up
// FLOPs     3 rows * channels
// bytes     reads x once, writes y once
// tiling    as in reduce.wgsl: one thread makes one element of y, neighbours read neighbours in memory
// parallel  no barrier and no atomic: the order of every sum is fixed
// idea      two passes: a sum of squares less the square of a sum loses all digits where the mean is large beside the deviation
//           (Chan, Golub and LeVeque 1983, Algorithms for Computing the Sample Variance)

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
@group(0) @binding(2) var<storage, read> mean: array<Element>;
@group(0) @binding(3) var<storage, read_write> y: array<Element>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let thread = id.x + id.y * groups.x * WORKGROUP_SIZE;
  if (thread >= params.splits * params.channels) { return; }
  let c = thread % params.channels;
  let centre = mean[c];
  var total = Element();
  for (var r = thread / params.channels; r < params.rows; r += params.splits) {
    let deviation = x[r * params.channels + c] - centre;
    total += deviation * deviation;
  }
  y[thread] = total;
}
