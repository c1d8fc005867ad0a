import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as w from '../../src/index.ts';
import { describeGpu } from '../setup/adapters.ts';

function suite(backend: 'cpu' | 'webgpu') {
  beforeAll(() => w.init({ backend, seed: 2 }));
  afterAll(() => w.close());

  test('200 eager training steps leave memory where it was', async () => {
    const [kernel, bias] = [w.variable(w.randomNormal([4, 3])), w.variable(w.zeros([3]))];
    const optimizer = w.optimizers.Adam({ learningRate: 0.05 });
    const x = w.randomNormal([8, 4]);
    const labels = w.tensor([0, 1, 2, 0, 1, 2, 0, 1], [8], 'int32');
    const loss = (k: w.Tensor, b: w.Tensor) => w.mean(w.softmaxCrossEntropy(w.add(w.matmul(x, k), b), labels));
    const step = () =>
      w.scope(() => {
        const [, [byKernel, byBias]] = w.valueAndGrad(loss)(kernel, bias) as [w.Tensor, [w.Tensor, w.Tensor]];
        optimizer.apply([
          [byKernel, kernel],
          [byBias, bias],
        ]);
      });
    const first = await loss(kernel, bias).item();
    step();
    const before = w.memory();
    for (let i = 0; i < 200; i++) step();
    const after = w.memory();
    expect({ ...after, pooledBytes: 0 }).toEqual({ ...before, pooledBytes: 0 });
    expect(await loss(kernel, bias).item()).toBeLessThan(0.5 * first);
  });

  test('a scope keeps what it returns and nothing else', () => {
    const before = w.memory().tensors;
    const { kept } = w.scope(() => ({ kept: w.add(w.ones([3]), w.zeros([3])) }));
    expect(w.memory().tensors).toBe(before + 1);
    kept.dispose();
    expect(w.memory().tensors).toBe(before);
  });

  test('a scope that throws frees what was made', () => {
    const before = w.memory().tensors;
    expect(() =>
      w.scope(() => {
        w.ones([3]);
        throw new Error('stop');
      }),
    ).toThrow('stop');
    expect(w.memory().tensors).toBe(before);
  });

  test('dispose is final and can be repeated; storage that is shared stays until the last', async () => {
    const x = w.ones([4]);
    const view = w.reshape(x, [2, 2]);
    x.dispose();
    x.dispose();
    expect(await view.array()).toEqual([
      [1, 1],
      [1, 1],
    ]);
    await expect(x.data()).rejects.toThrow(/was disposed/);
    expect(() => w.neg(x)).toThrow(w.BackendError);
  });

  test('variables find their gradients by backward, which clears the tape', async () => {
    const v = w.variable([1, 2]);
    const frozen = w.variable([3, 3], { trainable: false });
    const loss = w.sum(w.mul(w.square(v), frozen));
    (await import('../../src/autograd/backward.ts')).backward(loss);
    expect(await v.grad!.array()).toEqual([6, 12]);
    expect(frozen.grad).toBeNull();
    expect(loss.producer).toBeNull();
  });
}

describe('on the CPU', () => suite('cpu'));
describeGpu('on the GPU', () => suite('webgpu'));

test('tensors that a program loses give their storage back', () => {
  const program = `
    import * as w from './src/index.ts';
    await w.init({ backend: 'cpu' });
    const step = () => { for (let i = 0; i < 50; i++) w.add(w.ones([1000]), i).mul(2); };
    step();
    for (let i = 0; i < 10; i++) { globalThis.gc(); await new Promise((resolve) => setTimeout(resolve, 20)); }
    console.log(w.memory().buffers);
    await w.close();`;
  const args = ['--expose-gc', '--import', 'tsx', '--input-type=module', '-e', program];
  const output = execFileSync(process.execPath, args, { encoding: 'utf8', timeout: 60_000 });
  // the cached constants 0 ... 49 and 2 remain
  expect(Number(output.trim())).toBeLessThanOrEqual(55);
});

test('tensors of a closed backend say so', async () => {
  await w.init({ backend: 'cpu' });
  const x = w.ones([2]);
  await w.close();
  await expect(x.data()).rejects.toThrow(/belongs to a backend that was closed/);
  expect(() => w.neg(x)).toThrow(w.BackendError);
});
