// The gradients by scale and shift of a normalised batch, from the parts that batch_norm_sums.wgsl made:
//
//   dbeta[c]  = Σ over s of parts[0, s, c]
//   dgamma[c] = Σ over s of parts[1, s, c] / √(variance[c] + epsilon)
//
// shapes    parts [2, splits, channels]; all others [channels]
// FLOPs     2 splits * channels
// bytes     reads parts once, writes both gradients
// tiling    one thread makes one channel of both
// parallel  every thread on its own; the order of every sum is fixed
// idea      Ioffe and Szegedy 2015, Batch Normalization, section 3

const WORKGROUP_SIZE: u32 = 64u;

// A channel, or four side by side: f32 or vec4f.
alias Element = f32;

struct Params {
  splits: u32,
  // in Elements
  channels: u32,
  epsilon: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> parts: array<Element>;
@group(0) @binding(2) var<storage, read> variance: array<Element>;
@group(0) @binding(3) var<storage, read_write> dgamma: array<Element>;
@group(0) @binding(4) var<storage, read_write> dbeta: array<Element>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let c = id.x + id.y * groups.x * WORKGROUP_SIZE;
  if (c >= params.channels) { return; }
  var total = Element();
  var along = Element();
  for (var s = 0u; s < params.splits; s++) {
    total += parts[s * params.channels + c];
    along += parts[(params.splits + s) * params.channels + c];
  }
  dgamma[c] = along * (1.0 / sqrt(variance[c] + params.epsilon));
  dbeta[c] = total;
}
