// y[i] = the top 24 bits of Threefry-2x32-20(key, counter (i, draw)) as a number in [0, 1).
// The draw lies in a buffer, so that a recorded step draws new numbers each time that it runs.
//
// shapes    draw [1], y: any
// FLOPs     none; about 100 integer operations an element
// bytes     writes y once
// tiling    one thread makes one element
// parallel  every thread on its own: the value depends on its index alone, so any order draws the same numbers,
//           and src/tensor/random.ts draws them on the CPU
// idea      Salmon, Moraes, Dror and Shaw, Parallel Random Numbers: As Easy as 1, 2, 3 (SC 2011)

const WORKGROUP_SIZE: u32 = 64u;

struct Params {
  size: u32,
  key0: u32,
  key1: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> draw: array<u32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

fn rotate(v: u32, by: u32) -> u32 {
  return (v << by) | (v >> (32u - by));
}

// Four rounds with these rotations, then a mix with two words of the key.
fn four_rounds(state: vec2u, by: vec4u, mix: vec2u) -> vec2u {
  var a = state.x;
  var b = state.y;
  a += b;
  b = rotate(b, by.x) ^ a;
  a += b;
  b = rotate(b, by.y) ^ a;
  a += b;
  b = rotate(b, by.z) ^ a;
  a += b;
  b = rotate(b, by.w) ^ a;
  return vec2u(a, b) + mix;
}

fn threefry(counter: vec2u) -> vec2u {
  let k0 = params.key0;
  let k1 = params.key1;
  let k2 = k0 ^ k1 ^ 0x1bd11bdau;
  let even = vec4u(13u, 15u, 26u, 6u);
  let odd = vec4u(17u, 29u, 16u, 24u);
  var state = counter + vec2u(k0, k1);
  state = four_rounds(state, even, vec2u(k1, k2 + 1u));
  state = four_rounds(state, odd, vec2u(k2, k0 + 2u));
  state = four_rounds(state, even, vec2u(k0, k1 + 3u));
  state = four_rounds(state, odd, vec2u(k1, k2 + 4u));
  return four_rounds(state, even, vec2u(k2, k0 + 5u));
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let thread = id.x + id.y * groups.x * WORKGROUP_SIZE;
  if (thread < params.size) { y[thread] = f32(threefry(vec2u(thread, draw[0])).x >> 8u) * 0x1p-24; }
}
