// One result a thread, as a first product of matrices is written: what the tiles are measured against. Copy this file to try a
// kernel of your own; `npm run bench -- ways` finds it, checks it and times it beside the others.
import type { Variant } from '../../src/backend/webgpu/variant.ts';
import { groupsFor } from '../../src/backend/webgpu/webgpuKernel.ts';

const text = `
const M: u32 = 1u;
const N: u32 = 1u;
const K: u32 = 1u;
@group(0) @binding(0) var<storage, read> a: array<f32>;
@group(0) @binding(1) var<storage, read> b: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let thread = id.x + id.y * groups.x * 64u;
  if (thread >= M * N) { return; }
  var sum = 0.0;
  for (var k = 0u; k < K; k++) { sum += a[thread / N * K + k] * b[k * N + thread % N]; }
  y[thread] = sum;
}
`;

const ways: Variant<'matmul'> = function* ({ inputs: [a, b, bias], outputs: [y], attrs }) {
  const { batch, m: M, n: N, k: K, transposeA, transposeB, activation } = attrs;
  if (batch !== 1 || transposeA || transposeB || bias || activation !== 'linear') return;
  yield {
    name: 'matmul_naive',
    work: { flops: 2 * M * N * K, loads: 2 * M * N * K, sharedLoads: 0, threads: M * N },
    dispatches: [
      {
        shader: { name: 'matmul_naive', text },
        constants: { M, N, K },
        bindings: { a: a!, b: b!, y: y! },
        workgroups: groupsFor(M * N),
      },
    ],
  };
};

export const variant = { kernel: 'matmul', ways } as const;
