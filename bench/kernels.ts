// npm run bench:kernels. The products and convolutions that networks are made of, each alone: forward, and for convolutions
// the gradients by input and kernel. Milliseconds and GFLOP/s on whatever adapter there is.
import type { KernelCall } from '../src/backend/kernels.ts';
import { runningBackend } from '../src/engine/runtime.ts';
import { close, init, randomUniform, type Tensor, zeros } from '../src/index.ts';
import { windowGeometry } from '../src/ops/window.ts';
import { control, measure, type Row } from './harness.ts';

/** A lost tensor gives its memory back, and the calls below know the memory only. */
const kept: Tensor[] = [];

function locate(...tensors: Tensor[]) {
  kept.push(...tensors);
  return tensors.map((tensor) => tensor.locate());
}

const product = (shape: readonly number[]) => shape.reduce((all, length) => all * length, 1);

interface Work {
  readonly name: string;
  readonly flops: number;
  readonly call: KernelCall;
}

function matmul(m: number, k: number, n: number, transposeA = false, transposeB = false): Work {
  const a = randomUniform([1, ...(transposeA ? [k, m] : [m, k])]);
  const b = randomUniform([1, ...(transposeB ? [n, k] : [k, n])]);
  const sides = { broadcastA: false, broadcastB: false, transposeA, transposeB };
  const attrs = { batch: 1, m, n, k, ...sides, activation: 'linear' } as const;
  const call: KernelCall<'matmul'> = {
    kernel: 'matmul',
    inputs: locate(a, b),
    outputs: locate(zeros([1, m, n])),
    attrs,
  };
  return {
    name: `matmul ${m}x${k}x${n}${transposeA ? ', aᵀ' : ''}${transposeB ? ', bᵀ' : ''}`,
    flops: 2 * m * k * n,
    call,
  };
}

function convolutions(image: number[], kernel: number[], stride: number, padding: 'valid' | 'same'): Work[] {
  const [n, h, w] = image as [number, number, number];
  const [r, s, , k] = kernel as [number, number, number, number];
  const options = { window: [r, s], strides: [stride, stride], dilation: [1, 1], padding } as const;
  const geometry = windowGeometry('bench', [h, w], options);
  const result = [n, geometry.p, geometry.q, k];
  const [x, weights, slopes] = [image, kernel, result].map((shape) => randomUniform(shape)) as [Tensor, Tensor, Tensor];
  const attrs = { ...geometry, groups: 1 };
  const forward: KernelCall<'conv2d'> = {
    ...{ kernel: 'conv2d', inputs: locate(x, weights), outputs: locate(zeros(result)) },
    attrs: { ...attrs, activation: 'linear' },
  };
  const byInput: KernelCall<'conv2dGradInput'> = {
    ...{ kernel: 'conv2dGradInput', inputs: locate(slopes, weights), outputs: locate(zeros(image)) },
    attrs: { ...attrs, shape: image },
  };
  const byKernel: KernelCall<'conv2dGradKernel'> = {
    ...{ kernel: 'conv2dGradKernel', inputs: locate(x, slopes), outputs: locate(zeros(kernel)) },
    attrs: { ...attrs, shape: kernel },
  };
  const flops = 2 * product(result) * r * s * kernel[2]!;
  return [forward, byInput, byKernel].map((call) => ({
    name: `${call.kernel} ${image.join('x')} -> ${k}, ${r}x${s}`,
    flops,
    call,
  }));
}

const { adapter } = await init({ backend: 'webgpu', seed: 1 });
const backend = runningBackend()!;
const works = [
  ...[matmul(256, 256, 256), matmul(512, 512, 512), matmul(32, 5408, 10)],
  ...[matmul(32, 10, 5408, false, true), matmul(5408, 32, 10, true)],
  ...convolutions([32, 28, 28, 1], [3, 3, 1, 32], 1, 'valid'),
  ...convolutions([8, 32, 32, 32], [3, 3, 32, 64], 1, 'same'),
  ...convolutions([1, 56, 56, 64], [3, 3, 64, 64], 1, 'same'),
  ...convolutions([1, 14, 14, 256], [3, 3, 256, 256], 1, 'same'),
  ...convolutions([1, 56, 56, 64], [1, 1, 64, 256], 1, 'same'),
  ...convolutions([1, 224, 224, 3], [7, 7, 3, 64], 2, 'same'),
];
const units = 3;
const rows: Row[] = [];
for (const { name, call } of works) {
  const replay = await backend.prepare([call], call.outputs);
  const run = async () => {
    for (let i = 0; i < units; i++) replay.run();
    await backend.sync();
  };
  rows.push({ name, units, run });
}
const measured = await measure([...rows, control]);
console.log(adapter);
console.table(
  measured.map(({ name, medianMs, minimumMs }, i) => ({
    name,
    'median ms': Number(medianMs.toPrecision(3)),
    'minimum ms': Number(minimumMs.toPrecision(3)),
    'GFLOP/s': works[i] ? Number((works[i].flops / minimumMs / 1e6).toPrecision(3)) : null,
  })),
);
for (const tensor of kept) tensor.dispose();
await close();
