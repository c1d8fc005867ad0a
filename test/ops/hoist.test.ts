// What follows from weights alone is computed once, and again when they change: however they change.
import { expect, test, vi } from 'vitest';
import * as w from 'wgslgrad';
import { fuse } from '../../src/compile/fuse.ts';
import { hoist } from '../../src/compile/hoist.ts';
import { trace } from '../../src/compile/trace.ts';
import { runningBackend } from '../../src/engine/runtime.ts';
import { onEachBackend, startOver, wave } from '../models/support.ts';

onEachBackend((place) => {
  test('a compiled function sees every change of a variable', async () => {
    const [a, b] = [w.variable([1, 2]), w.variable([10, 20])];
    const f = w.compile((x: w.Tensor) => w.add(x, w.mul(a, b)));
    const x = w.tensor([0, 0]);
    const now = async () => Array.from(await (await f(x)).data());
    expect(await now()).toEqual([10, 40]);
    a.assign(place === 'cpu float64' ? Float64Array.of(2, 2) : Float32Array.of(2, 2));
    expect(await now()).toEqual([20, 40]);
    b.assign(w.tensor([1, 1]));
    expect(await now()).toEqual([2, 2]);
    // an update by an optimizer moves the variable into other storage and writes it there
    const optimizer = w.optimizers.SGD({ learningRate: 1 });
    optimizer.apply([[w.tensor([1, 1]), a]]);
    expect(await now()).toEqual([1, 1]);
    const update = w.compile((g: w.Tensor) => {
      optimizer.apply([[g, a]]);
      return g;
    });
    await update(w.tensor([2, 4]));
    expect(await now()).toEqual([-1, -3]);
    f.dispose();
    update.dispose();
  });

  test('it is not computed again while nothing changes', async () => {
    const a = w.variable([3]);
    const f = w.compile((x: w.Tensor) => w.mul(x, w.exp(w.mul(a, 2))));
    await f(w.tensor([1]));
    const run = vi.spyOn(runningBackend()!, 'run');
    await f(w.tensor([2]));
    // the argument in, the result out, and nothing of exp
    expect(run.mock.calls.map(([{ kernel }]) => kernel)).toEqual(['copy', 'copy']);
    run.mockRestore();
    f.dispose();
  });

  test('validation inside fit sees the weights of its epoch, folded normalisation included', async () => {
    startOver(3);
    const model = new w.Sequential([
      w.Conv2D(3, 3, { inputShape: [5, 5, 1] }),
      w.BatchNormalization(),
      w.Activation('relu'),
      w.Flatten(),
      w.Dense(2, { activation: 'softmax' }),
    ]);
    model.compile({ optimizer: w.optimizers.SGD({ learningRate: 0.5 }), loss: 'categorical_crossentropy' });
    const x = w.tensor(wave(8 * 25), [8, 5, 5, 1]);
    const y = w.toCategorical([0, 1, 1, 0, 1, 0, 0, 1], 2);
    const after: number[] = [];
    const onEpochEnd = async () => {
      after.push(Number(await model.evaluate(x, y, { verbose: 0 })));
    };
    const options = {
      epochs: 3,
      batchSize: 4,
      verbose: 0,
      validationData: [x, y],
      callbacks: [{ onEpochEnd }],
    } as const;
    const { history } = await model.fit(x, y, options);
    expect(history.val_loss!.map((value) => value.toFixed(5))).toEqual(after.map((value) => value.toFixed(5)));
    expect(new Set(after).size).toBe(3);
  });
});

test('what a step changes, draws or is given is not hoisted; what only renames stands in both parts', async () => {
  await w.init({ backend: 'cpu' });
  const [a, b] = [w.variable([1, 2]), w.variable([3, 4])];
  const program = fuse(
    trace(
      (x) => {
        b.assign(w.add(b, x!));
        const squared = w.square(w.reshape(a, [2, 1]));
        return [w.add(w.reshape(squared, [2]), w.mul(b, w.randomUniform([2])))];
      },
      [{ shape: [2], dtype: 'float32' }],
    ),
  );
  const { before, body, made } = hoist(program);
  const names = (part: typeof body) => part.steps.filter(({ op }) => !op.alias).map(({ op }) => op.name);
  expect(names(before!)).toEqual(['square']);
  expect(names(body)).not.toContain('square');
  expect(made.map(({ shape }) => shape)).toEqual([[2, 1]]);
  await w.close();
});
