// Memory without chores: what a program makes and loses comes back, by scopes at once, by the garbage collector in the end.
import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as w from '../../src/index.ts';
import { describeGpu } from '../setup/adapters.ts';
import { expectAllBack, settledMemory } from '../support/settled.ts';

function suite(backend: 'cpu' | 'webgpu') {
  beforeAll(() => w.init({ backend, seed: 2 }));
  afterAll(() => w.close());

  /** A small convolutional network, its loss, and its variables. */
  function network() {
    const [kernel, weights, bias] = [w.randomNormal([3, 3, 1, 4]), w.randomNormal([16, 3]), w.zeros([3])].map(
      (values) => w.variable(values),
    );
    const x = w.randomNormal([6, 6, 6, 1]);
    const labels = w.tensor([0, 1, 2, 0, 1, 2], [6], 'int32');
    const loss = (k: w.Tensor, m: w.Tensor, b: w.Tensor) => {
      const maps = w.maxPool2d(w.conv2d(x, k, { activation: 'relu' }), { poolSize: 2 });
      return w.mean(w.softmaxCrossEntropy(w.dense(w.flatten(maps), m, { bias: b }), labels));
    };
    return { loss, variables: [kernel!, weights!, bias!] as const };
  }

  test('200 eager training steps in a scope leave it where it was', async () => {
    const { loss, variables } = network();
    const optimizer = w.optimizers.Adam({ learningRate: 0.02 });
    const step = () =>
      w.scope(() => {
        const [, gradients] = w.valueAndGrad(loss)(...variables);
        optimizer.apply(variables.map((variable, i) => [gradients[i]!, variable]));
      });
    const first = await loss(...variables).item();
    for (let i = 0; i < 3; i++) step();
    const before = await settledMemory();
    for (let i = 0; i < 200; i++) step();
    // at once, and not when the collector comes
    expect(w.memory()).toEqual(before);
    expect(await loss(...variables).item()).toBeLessThan(0.5 * first);
  });

  test('200 steps of backward() leave it where it was', async () => {
    const { loss, variables } = network();
    const optimizer = w.optimizers.SGD({ learningRate: 0.01, momentum: 0.9 });
    const step = () =>
      w.scope(() => {
        loss(...variables).backward();
        optimizer.apply(variables.map((variable) => [variable.grad!, variable]));
      });
    for (let i = 0; i < 3; i++) step();
    const before = await settledMemory();
    for (let i = 0; i < 200; i++) step();
    // at once, and not when the collector comes
    expect(w.memory()).toEqual(before);
  });

  test('50 steps without any scope come back once they are lost', async () => {
    const { loss, variables } = network();
    const optimizer = w.optimizers.Adam({ learningRate: 0.02 });
    const step = () => {
      const [, gradients] = w.valueAndGrad(loss)(...variables);
      optimizer.apply(variables.map((variable, i) => [gradients[i]!, variable]));
    };
    step();
    const before = await settledMemory();
    for (let i = 0; i < 50; i++) step();
    await expectAllBack(before);
  });

  test('a compiled function gives back what it prepared for each set of shapes', async () => {
    const before = await settledMemory();
    const compiled = w.compile((x: w.Tensor) => w.sum(w.exp(x), 0));
    for (const n of [1, 2, 3]) {
      const x = w.ones([n, 5]);
      (await compiled(x)).dispose();
      x.dispose();
    }
    compiled.dispose();
    await w.ones([1]).data();
    await expectAllBack(before);
  });
}

describe('on the CPU', () => suite('cpu'));
describeGpu('on the GPU', () => suite('webgpu'));

test('a program that knows neither scope nor dispose gets its memory back', () => {
  const program = `
    import * as w from './src/index.ts';
    await w.init({ backend: 'cpu' });
    const step = () => { for (let i = 0; i < 50; i++) w.add(w.ones([1000]), i).mul(2); };
    step();
    const most = w.memory().buffers;
    for (let i = 0; i < 10; i++) { globalThis.gc(); await new Promise((resolve) => setTimeout(resolve, 20)); }
    console.log(JSON.stringify({ most, left: w.memory().buffers }));
    await w.close();`;
  const args = ['--expose-gc', '--import', 'tsx', '--input-type=module', '-e', program];
  const { most, left } = JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8', timeout: 60_000 }));
  expect(most).toBeGreaterThan(150);
  // the cached constants 0 ... 49 and 2 remain
  expect(left).toBeLessThanOrEqual(55);
});
