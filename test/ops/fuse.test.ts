// Fused is unfused: what compiled functions run gives the same as what was written, and is not used where it would not.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fuse } from '../../src/compile/fuse.ts';
import { trace } from '../../src/compile/trace.ts';
import { allOps } from '../../src/engine/op.ts';
import * as w from '../../src/index.ts';
import { fusedCases } from '../engine/cases/fused.ts';
import { describeGpu } from '../setup/adapters.ts';
import { makeInputs } from '../support/inputs.ts';
import { integers } from '../support/values.ts';

const float = (...shape: number[]) => ({ shape, dtype: 'float32' as const });
const image = float(2, 9, 9, 1);
const kernel = float(3, 3, 1, 8);

/** The operations of a function after fusing, in order. */
function fused(f: (...xs: w.Tensor[]) => readonly w.Tensor[], ...inputs: ReturnType<typeof float>[]): string[] {
  return fuse(trace(f, inputs)).steps.map(({ op }) => op.name);
}

const pooled = (x: w.Tensor, k: w.Tensor, options: w.Pool2dOptions = { poolSize: 2 }) =>
  w.maxPool2d(w.conv2d(x, k, { activation: 'relu' }), options);

const gradients = (x: w.Tensor, k: w.Tensor, b: w.Tensor) => {
  const f = (kernel: w.Tensor, bias: w.Tensor) =>
    w.sum(w.square(w.maxPool2d(w.conv2d(x, kernel, { bias, activation: 'relu' }), { poolSize: 2 })));
  return w.grad(f)(k, b) as w.Tensor[];
};

describe('a convolution with a pool behind it', () => {
  beforeAll(() => w.init({ backend: 'cpu' }));
  afterAll(() => w.close());

  test('is one operation', () => {
    expect(fused((x, k) => [pooled(x!, k!)], image, kernel)).toEqual(['conv2dMaxPool2d']);
  });

  test('has gradients that look at the cells that won', () => {
    const names = fused((x, k, b) => gradients(x!, k!, b!), image, kernel, float(8));
    expect(names).toContain('conv2dMaxPool2d');
    expect(names).toContain('conv2dMaxPool2dGradKernel');
    for (const gone of ['conv2d', 'maxPool2d', 'maxPool2dGrad', 'conv2dGradKernel']) expect(names).not.toContain(gone);
  });

  test.each([
    [
      'whose result is used again',
      (x: w.Tensor, k: w.Tensor) => {
        const z = w.conv2d(x, k);
        return [w.maxPool2d(z, { poolSize: 2 }), z];
      },
    ],
    ['whose windows overlap', (x: w.Tensor, k: w.Tensor) => [pooled(x, k, { poolSize: 3, strides: 2 })]],
    ['whose windows reach outside', (x: w.Tensor, k: w.Tensor) => [pooled(x, k, { poolSize: 2, padding: 'same' })]],
  ])('stays as it is, %s', (_, f) => {
    expect(fused((x, k) => f(x!, k!), image, kernel)).toEqual(['conv2d', 'maxPool2d']);
  });

  test('stays as it is when the kernel changes between the two', () => {
    const v = w.variable(w.ones([3, 3, 1, 8]), { trainable: false });
    const names = fused((x) => {
      const z = w.conv2d(x!, v);
      v.assign(w.zeros([3, 3, 1, 8]));
      return [w.maxPool2d(z, { poolSize: 2 })];
    }, image);
    expect(names).toContain('conv2d');
    expect(names.indexOf('conv2d')).toBeLessThan(names.indexOf('assign'));
  });
});

test('every operation that stands for others says for which, and has a case', () => {
  const names = allOps().flatMap(({ name, decompose }) => (decompose ? [name] : []));
  expect([...new Set(fusedCases.map(({ op }) => op))].sort()).toEqual(names.sort());
});

const numbers = (shape: number[], seed: number) =>
  w.tensor(
    integers(
      shape.reduce((n, l) => n * l, 1),
      seed,
    ),
    shape,
  );

function suite(backend: 'cpu' | 'webgpu') {
  beforeAll(() => w.init({ backend }));
  afterAll(() => w.close());

  test.each(fusedCases.map((one) => [one.title, one] as const))('%s is its parts', async (_, one) => {
    const inputs = makeInputs(one.inputs, 'float32');
    const [whole, parts] = [[one.run(...inputs)].flat(), one.parts(...inputs)];
    expect(whole.map(({ shape, dtype }) => ({ shape, dtype }))).toEqual(
      parts.map(({ shape, dtype }) => ({ shape, dtype })),
    );
    // the inputs are multiples of 1/128, so that every sum is exact
    for (const [i, result] of whole.entries()) expect(await result.data()).toEqual(await parts[i]!.data());
  });

  test('a compiled step gives what the same step gives as it is written', async () => {
    const inputs = [numbers([2, 9, 9, 1], 1), numbers([3, 3, 1, 8], 2), numbers([8], 3)] as const;
    const step = (x: w.Tensor, k: w.Tensor, b: w.Tensor) => [pooled(x, k), ...gradients(x, k, b)];
    const [compiled, eager] = [await w.compile(step)(...inputs), step(...inputs)];
    for (const [i, result] of compiled.entries()) expect(await result.data()).toEqual(await eager[i]!.data());
  });
}

describe('on the CPU', () => suite('cpu'));
describeGpu('on the GPU', () => suite('webgpu'));
