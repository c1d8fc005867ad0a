import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { plan } from '../../src/compile/plan.ts';
import { prune } from '../../src/compile/prune.ts';
import { trace } from '../../src/compile/trace.ts';
import type { Program } from '../../src/engine/program.ts';
import * as w from '../../src/index.ts';
import { pack } from '../../src/ops/updates.ts';
import { describeGpu } from '../setup/adapters.ts';

const float = (...shape: number[]) => ({ shape, dtype: 'float32' as const });

/** For each step, the values that are still needed and where they lie. */
function overlaps(program: Program): string[] {
  const { places, steps } = plan(program);
  const lastUse = new Map<number, number>();
  steps.forEach((step, i) => {
    for (const id of [...step.inputs, ...step.outputs]) lastUse.set(id, i);
  });
  for (const id of [...program.outputs, ...program.inputs]) lastUse.set(id, steps.length);
  const found: string[] = [];
  steps.forEach((step, i) => {
    for (const written of step.outputs) {
      for (const [other, last] of lastUse) {
        const [a, b] = [places.get(written), places.get(other)];
        const made = steps.findIndex(({ outputs }) => outputs.includes(other));
        const alive = other !== written && made < i && last >= i && (made >= 0 || program.inputs.includes(other));
        if (alive && a && b && 'slot' in a && 'slot' in b && a.slot === b.slot && a.byteOffset === b.byteOffset) {
          found.push(`step ${i} (${step.op.name}) overwrites value ${other}`);
        }
      }
    }
  });
  return found;
}

describe('a plan', () => {
  test('never writes over a value that is still needed, and uses slots again', () => {
    const chain = trace(
      (x) => {
        const kept = w.exp(x!);
        let y = w.square(kept);
        for (let i = 0; i < 8; i++) y = w.add(w.tanh(y), kept);
        return [w.sum(y, 0), kept];
      },
      [float(64, 8)],
    );
    const program = prune(chain);
    expect(overlaps(program)).toEqual([]);
    // x, kept, two that take turns, and the small result
    expect(plan(program).slots.length).toBeLessThanOrEqual(6);
  });

  test('lets the parts of a pack be written where they belong', () => {
    const program = prune(
      trace(
        (x) => {
          const parts = [w.sum(x!, 0), w.reshape(w.sum(x!, 1), [2, 4])];
          return [pack(parts, [0, 64], 128)];
        },
        [float(8, 5)],
      ),
    );
    const { steps, places } = plan(program);
    expect(steps.map(({ op }) => op.name)).toEqual(['reduce', 'reduce']);
    expect(steps.map(({ outputs }) => places.get(outputs[0]!))).toEqual([
      { slot: 0, byteOffset: 0 },
      { slot: 0, byteOffset: 256 },
    ]);
  });

  test('leaves out what nothing depends on', () => {
    const program = trace(
      (x) => {
        w.exp(w.square(x!));
        return [w.neg(x!)];
      },
      [float(3)],
    );
    expect(program.steps).toHaveLength(3);
    expect(prune(program).steps.map(({ op }) => op.name)).toEqual(['neg']);
  });
});

function suite(backend: 'cpu' | 'webgpu') {
  beforeAll(() => w.init({ backend, seed: 2 }));
  afterAll(() => w.close());

  test('a compiled function gives the eager result bit for bit, for every shape', async () => {
    const f = (x: w.Tensor, k: w.Tensor) => {
      const y = w.maxPool2d(w.conv2d(x, k, { padding: 'same', activation: 'relu' }), { poolSize: 2 });
      return [y, w.softmax(w.reshape(y, [x.shape[0]!, -1])), w.argMax(y, 3)];
    };
    const compiled = w.compile(f);
    const kernel = w.randomNormal([3, 3, 2, 4]);
    for (const n of [1, 3, 1]) {
      const x = w.randomNormal([n, 6, 6, 2]);
      const eager = f(x, kernel);
      const replayed = await compiled(x, kernel);
      for (const [i, result] of replayed.entries()) expect(await result.data()).toEqual(await eager[i]!.data());
    }
    compiled.dispose();
  });

  test('a variable is read anew at each call, and may move', async () => {
    const v = w.variable([1, 2, 3]);
    const compiled = w.compile((x: w.Tensor) => w.mul(x, v));
    const x = w.tensor([1, 1, 2]);
    expect(Array.from(await (await compiled(x)).data())).toEqual([1, 2, 6]);
    v.assign(w.tensor([5, 5, 5]));
    expect(Array.from(await (await compiled(x)).data())).toEqual([5, 5, 10]);
    // an optimizer lays variables out side by side
    w.optimizers.SGD({ learningRate: 1 }).apply([[w.ones([3]), v]]);
    expect(Array.from(await (await compiled(x)).data())).toEqual([4, 4, 8]);
  });

  test('gradients are compiled with the function, also those of gradients', async () => {
    const f = (x: w.Tensor) => w.sum(w.mul(w.square(x), x));
    const slopes = w.compile((x: w.Tensor) => {
      const [value, first] = w.valueAndGrad(f)(x);
      return [value, first, w.grad((y: w.Tensor) => w.sum(w.grad(f)(y)))(x)];
    });
    for (const values of [[1, 2], [3]]) {
      const [value, first, second] = await slopes(w.tensor(values));
      expect(await value!.item()).toBe(values.reduce((sum, v) => sum + v ** 3, 0));
      expect(await first!.array()).toEqual(values.map((v) => 3 * v ** 2));
      expect(await second!.array()).toEqual(values.map((v) => 6 * v));
    }
  });

  test('a training step updates variables at each call, and its JavaScript runs once for each shape', async () => {
    const v = w.variable([0, 0]);
    const optimizer = w.optimizers.SGD({ learningRate: 0.5 });
    let traced = 0;
    const step = w.compile((x: w.Tensor) => {
      traced++;
      const [loss, slope] = w.valueAndGrad((u: w.Tensor) => w.sum(w.square(w.sub(u, x))))(v);
      optimizer.apply([[slope, v]]);
      return loss;
    });
    const losses: number[] = [];
    for (const x of [
      [2, 4],
      [2, 4],
      [0, 0],
    ])
      losses.push(await (await step(w.tensor(x))).item());
    expect(losses).toEqual([20, 0, 20]);
    expect(await v.array()).toEqual([0, 0]);
    expect(traced).toBe(1);
    await step(w.tensor([[1, 1]]));
    expect(traced).toBe(2);
  });

  test('dtypes count as shapes do, and arguments are not overwritten', async () => {
    const compiled = w.compile((x: w.Tensor) => w.add(x, x));
    const [floats, bytes] = [w.tensor([1.5]), w.tensor(Uint8Array.of(3))];
    const results = [await compiled(floats), await compiled(bytes), await compiled(floats)];
    expect(results.map(({ dtype }) => dtype)).toEqual(['float32', 'uint8', 'float32']);
    expect(await Promise.all(results.map((result) => result.array()))).toEqual([[3], [6], [3]]);
    expect(await floats.array()).toEqual([1.5]);
  });

  test('a result may be an argument, a variable, or the same tensor twice', async () => {
    const v = w.variable([7]);
    const compiled = w.compile((x: w.Tensor) => {
      const y = w.neg(x);
      return [x, v, y, y];
    });
    const results = await compiled(w.tensor([1]));
    expect(await Promise.all(results.map((result) => result.array()))).toEqual([[1], [7], [-1], [-1]]);
    results[2]!.dispose();
    results[1]!.dispose();
    expect([await results[3]!.array(), await v.array()]).toEqual([[-1], [7]]);
  });

  test.each([
    ['of shapes', (x: w.Tensor) => w.reshape(x, [7]), w.ShapeError],
    ['inside a gradient', (x: w.Tensor) => w.grad((t: w.Tensor) => w.matmul(t, t))(x), w.ShapeError],
    ['of the function itself', () => JSON.parse('{') as w.Tensor, SyntaxError],
  ])('an error %s while tracing leaves the engine usable', async (_, f, error) => {
    const before = w.memory();
    await expect(w.compile(f)(w.ones([3]))).rejects.toThrow(error);
    expect(await w.add(w.ones([2]), 1).array()).toEqual([2, 2]);
    expect(
      await w
        .grad((x: w.Tensor) => w.sum(w.square(x)))(w.tensor([3]))
        .array(),
    ).toEqual([6]);
    expect(w.square(w.ones([1])).requiresGrad).toBe(false);
    expect(w.memory().backend).toBe(before.backend);
  });

  test('a shape that fails does not spoil those that work', async () => {
    const compiled = w.compile((x: w.Tensor) => w.add(x, w.ones([2])));
    expect(await (await compiled(w.ones([2]))).array()).toEqual([2, 2]);
    await expect(compiled(w.ones([3]))).rejects.toThrow(w.ShapeError);
    await expect(compiled(w.ones([3]))).rejects.toThrow(w.ShapeError);
    expect(await (await compiled(w.zeros([2]))).array()).toEqual([1, 1]);
  });

  test('random numbers are drawn anew at each run, and the same again by a seed', async () => {
    w.setRandomSeed(3);
    const noisy = w.compile((x: w.Tensor) => [
      w.dropout(x, 0.5),
      w.add(x, w.randomUniform([40])),
      w.dropout(x, 0.5, { seed: 8 }),
    ]);
    const runs: (readonly unknown[])[] = [];
    for (let i = 0; i < 3; i++) runs.push(await Promise.all((await noisy(w.ones([40]))).map((y) => y.array())));
    const different = (k: number) => new Set(runs.map((run) => JSON.stringify(run[k]))).size;
    expect([different(0), different(1), different(2)]).toEqual([3, 3, 1]);
    w.setRandomSeed(3);
    const again = w.compile((x: w.Tensor) => w.dropout(x, 0.5));
    expect(await (await again(w.ones([40]))).array()).toEqual(runs[0]![0]);
    const normal = w.compile((x: w.Tensor) => w.add(x, w.randomNormal([40])));
    await expect(normal(w.ones([40]))).rejects.toThrow(/randomNormal: a compiled function cannot draw/);
    noisy.dispose();
    again.dispose();
  });

  test.each<[string, (x: w.Tensor) => w.Tensor, RegExp]>([
    ['reads values', (x) => (w.sum(x).dataSync()[0]! > 0 ? w.neg(x) : x), /no values while a function is being traced/],
    ['compares a tensor', (x) => (Number(w.sum(x)) > 0 ? w.neg(x) : x), /is no number/],
    ['assigns numbers', (x) => w.mul(x, w.variable([1]).assign(Float32Array.of(2))), /now and never again/],
  ])('a function that %s cannot be traced, and the error says where', async (_, fn, message) => {
    const run = w.compile(fn)(w.ones([3]));
    await expect(run).rejects.toThrow(message);
    await expect(run).rejects.toThrow(/\(at [^()]*compile\.test\.ts:\d+:\d+\)/);
  });

  test('an asynchronous function cannot be traced', async () => {
    const compiled = w.compile((async (x: w.Tensor) => w.mul(x, await x.item())) as never);
    await expect(compiled(w.ones([1]) as never)).rejects.toThrow(/compile: the function is asynchronous/);
  });
}

describe('on the CPU', () => suite('cpu'));
describeGpu('on the GPU', () => suite('webgpu'));
