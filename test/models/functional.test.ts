// Models as graphs of layers: several inputs and outputs, shared layers, models in models, and what freezing spares.
import { describe, expect, test } from 'vitest';
import * as w from 'wgslgrad';
import { trace } from '../../src/compile/trace.ts';
import { trainStep } from '../../src/models/step.ts';
import { onEachBackend, start, startOver, valuesOf, wave } from './support.ts';

const numbers = async (x: w.Tensor) => Array.from(await x.data());

/** A small base as transfer learning has one: convolutions with normalisation, and a pool. */
function base(name = 'base'): w.Model {
  const input = w.Input({ shape: [6, 6, 1] });
  let x = w.Conv2D(4, 3, { name: 'conv' }).apply(input);
  x = w.BatchNormalization({ name: 'norm' }).apply(x);
  const inner = w.Activation('relu', { name: 'act' }).apply(x);
  x = w.Conv2D(4, 3, { padding: 'same', name: 'conv_b' }).apply(inner);
  x = w.Add({ name: 'sum' }).apply([x, inner]);
  return new w.Model({ inputs: input, outputs: x, name });
}

onEachBackend(() => {
  test('a graph computes what its layers do one by one', async () => {
    startOver(2);
    const model = base();
    const x = w.tensor(wave(2 * 36), [2, 6, 6, 1]);
    const [conv, norm, act, second] = ['conv', 'norm', 'act', 'conv_b'].map((name) => model.getLayer(name));
    const inner = act!.apply(norm!.apply(conv!.apply(x)));
    expect(await numbers(model.apply(x))).toEqual(await numbers(w.add(second!.apply(inner), inner)));
    expect(model.outputShape).toEqual([null, 4, 4, 4]);
  });

  test('several inputs and outputs, and a layer that is used twice', async () => {
    const shared = w.Dense(3, { name: 'shared' });
    const [a, b] = [w.Input({ shape: [2], name: 'a' }), w.Input({ shape: [2], name: 'b' })];
    const [sa, sb] = [shared.apply(a), shared.apply(b)];
    const both = w.Concatenate().apply([sa, sb]);
    const model = w.Model({ inputs: [a, b], outputs: [both, w.Subtract().apply([sa, sb])] });
    expect(model.weights).toHaveLength(2);
    expect(model.countParams()).toBe(9);
    const [x, y] = [w.tensor([[1, 2]]), w.tensor([[3, -1]])];
    const [joined, difference] = model.run([x, y], {});
    const [fx, fy] = [shared.apply(x), shared.apply(y)];
    expect(await numbers(joined!)).toEqual([...(await numbers(fx)), ...(await numbers(fy))]);
    expect(await numbers(difference!)).toEqual(await numbers(w.sub(fx, fy)));
  });

  test('weights come out and go in, though inputs and merges have none', async () => {
    const [model, other] = [base('from'), base('to')];
    other.setWeights(model.getWeights());
    const x = w.tensor(wave(36), [1, 6, 6, 1]);
    expect(await numbers(other.apply(x))).toEqual(await numbers(model.apply(x)));
    expect(model.getWeights().map(({ shape }) => shape.length)).toEqual([4, 1, 1, 1, 1, 1, 4, 1]);
    expect(model.summaryText()).not.toContain('unbuilt');
  });

  test('every merge', async () => {
    const [x, y] = [w.tensor([[1, -2]]), w.tensor([[3, 4]])];
    const merged = async (layer: w.Layer) => numbers(layer.apply([x, y]));
    expect(await merged(w.Add())).toEqual([4, 2]);
    expect(await merged(w.Subtract())).toEqual([-2, -6]);
    expect(await merged(w.Multiply())).toEqual([3, -8]);
    expect(await merged(w.Average())).toEqual([2, 1]);
    expect(await merged(w.Maximum())).toEqual([3, 4]);
    expect(await merged(w.Minimum())).toEqual([1, -2]);
    expect(await merged(w.Concatenate())).toEqual([1, -2, 3, 4]);
    const images = [w.tensor(wave(8), [2, 2, 2]), w.tensor([[2], [3]])];
    const stretched = w.Multiply().apply(images);
    expect(stretched.shape).toEqual([2, 2, 2]);
    const values = Array.from(wave(8));
    const expected = values.map((value, i) => Math.fround(value * (i < 4 ? 2 : 3)));
    (await numbers(stretched)).forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i]!, 6);
    });
  });

  test('a value inside a nested model is an output of a new one, connected to what follows', async () => {
    startOver(4);
    const nested = base();
    const model = new w.Sequential([nested, w.GlobalAveragePooling2D(), w.Dense(2)], { name: 'outer' });
    const inside = model.getLayer('base/act').output;
    const both = new w.Model({ inputs: model.inputs, outputs: [inside, model.output] });
    const x = w.tensor(wave(36), [1, 6, 6, 1]);
    const [maps, out] = both.run([x], {});
    expect(await numbers(out!)).toEqual(await numbers(model.apply(x)));
    expect(maps!.shape).toEqual([1, 4, 4, 4]);
    // and connected: moving the maps moves the output
    const moved = new w.Model({ inputs: [inside], outputs: nested.output });
    expect(await numbers(moved.apply(maps!))).toEqual(await numbers(nested.apply(x)));
  });

  test('frozen layers of a nested model stay as they are in fit, batch statistics too', async () => {
    startOver(5);
    const nested = base();
    nested.trainable = false;
    const model = new w.Sequential([nested, w.GlobalAveragePooling2D(), w.Dense(2, { activation: 'softmax' })]);
    model.compile({ optimizer: 'sgd', loss: 'categorical_crossentropy' });
    const x = w.tensor(wave(8 * 36), [8, 6, 6, 1]);
    const y = w.toCategorical([0, 1, 0, 1, 1, 0, 1, 0], 2);
    const before = await valuesOf(model);
    const inference = await numbers(nested.apply(x));
    await model.fit(x, y, { epochs: 2, batchSize: 4, verbose: 0 });
    const after = await valuesOf(model);
    expect(after.slice(0, -2)).toEqual(before.slice(0, -2));
    expect(after.at(-2)).not.toEqual(before.at(-2));
    // in inference mode even while it trains
    expect(await numbers(nested.apply(x, { training: true }))).toEqual(inference);
    nested.trainable = true;
    expect(await numbers(nested.apply(x, { training: true }))).not.toEqual(inference);
  });
});

describe('without numbers', () => {
  test('a part of a graph that is used by a pinned call stays in inference mode', async () => {
    await start('cpu float32');
    const nested = base();
    const input = w.Input({ shape: [6, 6, 1] });
    const pinned = new w.Model({ inputs: input, outputs: nested.apply(input, { training: false }) });
    const x = w.tensor(wave(2 * 36), [2, 6, 6, 1]);
    expect(await numbers(pinned.apply(x, { training: true }))).toEqual(await numbers(nested.apply(x)));
    expect(await numbers(nested.apply(x, { training: true }))).not.toEqual(await numbers(nested.apply(x)));
    await w.close();
  });

  test('frozen parts cost no gradient, no slot and no backward step', async () => {
    await start('cpu float32');
    const nested = base();
    const model = new w.Sequential([nested, w.GlobalAveragePooling2D(), w.Dense(2)]);
    const steps = () => {
      model.compile({ optimizer: 'adam', loss: 'mse' });
      const objective = model.objective('test');
      objective.optimizer.build(model.trainableWeights.map(({ variable }) => variable));
      const program = trace(
        (x, y) => [trainStep(model, objective, { xs: [x!], ys: [y!] }).loss],
        [
          { shape: [4, 6, 6, 1], dtype: 'float32' },
          { shape: [4, 2], dtype: 'float32' },
        ],
      );
      return { names: program.steps.map(({ op }) => op.name), state: objective.optimizer.stateSize };
    };
    const free = steps();
    nested.trainable = false;
    const frozen = steps();
    expect(free.names.filter((name) => /^conv2dGrad/.test(name)).length).toBeGreaterThan(0);
    expect(frozen.names.filter((name) => /^conv2dGrad/.test(name))).toEqual([]);
    expect(frozen.state).toBe(2 * 10 + 2);
    // kernels and biases of the convolutions, gamma and beta
    expect(free.state - frozen.state).toBe(2 * (40 + 148 + 8));
    await w.close();
  });

  test('setting trainable reaches everything inside, and moving statistics are never trained', () => {
    const nested = base();
    const model = new w.Sequential([nested, w.Flatten(), w.Dense(1)]);
    const count = () => [model.trainableWeights.length, model.weights.length];
    expect(count()).toEqual([8, 10]);
    nested.getLayer('conv').trainable = false;
    expect(count()).toEqual([6, 10]);
    nested.trainable = false;
    expect(count()).toEqual([2, 10]);
    nested.trainable = true;
    expect(count()).toEqual([8, 10]);
    model.trainable = false;
    expect(count()).toEqual([0, 10]);
  });

  test('layers are listed from the deepest to the last, as in Keras', () => {
    const input = w.Input({ shape: [8, 8, 2], name: 'in' });
    let main = w.Conv2D(4, 1, { name: '1_conv' }).apply(input);
    main = w.Conv2D(4, 1, { name: '2_conv' }).apply(main);
    main = w.Conv2D(4, 1, { name: '3_conv' }).apply(main);
    const shortcut = w.Conv2D(4, 1, { name: '0_conv' }).apply(input);
    const model = new w.Model({ inputs: input, outputs: w.Add({ name: 'add' }).apply([shortcut, main]) });
    expect(model.layers.map(({ name }) => name)).toEqual(['in', '1_conv', '2_conv', '0_conv', '3_conv', 'add']);
  });

  test('summary shows what each layer is connected to', () => {
    w.clearSession();
    const text = base().summaryText();
    expect(text).toContain('Connected to');
    expect(text).toMatch(/sum \(Add\).*conv_b\[0\]\[0\],/);
    expect(text).toContain('act[0][0]');
  });

  const input = () => w.Input({ shape: [4] });
  const call = (make: (options: never) => unknown, options: unknown) => () => Reflect.apply(make, undefined, [options]);
  test.each<[string, () => unknown, RegExp]>([
    ['no inputs', call(w.Model, { inputs: [], outputs: input() }), /inputs are missing/],
    [
      'tensors as inputs',
      call(w.Model, { inputs: 3, outputs: input() }),
      /inputs must be what Input\(\) and layers gave, got number 3/,
    ],
    ['no outputs', call(w.Model, { inputs: input() }), /outputs must be what/],
    ['an unknown option', call(w.Model, { inputs: input(), outputs: input(), layers: [] }), /unknown option layers/],
    [
      'outputs of another graph',
      () => new w.Model({ inputs: input(), outputs: w.Dense(1).apply(input()) }),
      /the graph is disconnected: .* depends on input_layer/,
    ],
    [
      'layers of one name',
      () => {
        const x = input();
        return new w.Model({ inputs: x, outputs: w.Dense(1, { name: 'a' }).apply(w.Dense(2, { name: 'a' }).apply(x)) });
      },
      /two layers are called a/,
    ],
    ['one input of a merge', () => w.Add().apply([input()]), /takes at least two inputs/],
    ['three to subtract', () => w.Subtract().apply([input(), input(), input()]), /takes two inputs, got 3/],
    [
      'inputs that do not fit',
      () => w.Add().apply([input(), w.Input({ shape: [3] })]),
      /\[None, 4\] and \[None, 3\] do not fit/,
    ],
    [
      'joining along the batch',
      () => w.Concatenate({ axis: 0 }).apply([input(), input()]),
      /axis 0 is none of samples/,
    ],
    [
      'joining what differs elsewhere',
      () => w.Concatenate({ axis: 1 }).apply([w.Input({ shape: [2, 3] }), w.Input({ shape: [2, 4] })]),
      /differ beside axis 1/,
    ],
    ['two inputs for a layer of one', () => w.Dense(1).apply([input(), input()]), /takes one input, got 2/],
    [
      'a mixture',
      () => Reflect.apply(w.Add().apply, w.Add(), [[input(), 3]]),
      /cannot mix parts of a graph with number 3/,
    ],
    ['the output of a layer that is in no graph', () => w.Dense(1).output, /has no output yet/],
    [
      'the output of a layer that is used twice',
      () => {
        const layer = w.Dense(1);
        layer.apply(input());
        layer.apply(input());
        return layer.output;
      },
      /is used 2 times/,
    ],
    ['a layer inside that does not exist', () => base().getLayer('base/none'), /has no layer base\/none/],
    ['an Input of no shape', () => Reflect.apply(w.Input, undefined, [{}]), /needs the shape of one sample/],
    [
      'a model used twice as a way in',
      () => {
        const nested = base('twice');
        const [a, b] = [w.Input({ shape: [6, 6, 1] }), w.Input({ shape: [6, 6, 1] })];
        w.Add().apply([nested.apply(a), nested.apply(b)]);
        return new w.Model({ inputs: [a, b], outputs: nested.getLayer('act').output });
      },
      /lies in a model that is used 2 times/,
    ],
  ])('%s is refused', (_, make, says) => {
    expect(make).toThrow(says);
  });
});

describe('cached features', () => {
  onEachBackend(() => {
    const x = () => w.tensor(wave(10 * 36), [10, 6, 6, 1]);
    const y = () => w.toCategorical([0, 1, 0, 1, 1, 0, 1, 0, 1, 1], 2);
    const head = () => [w.GlobalAveragePooling2D(), w.Dropout(0.3), w.Dense(2, { activation: 'softmax' })];
    const trained = async (cacheFeatures: boolean) => {
      startOver(6);
      const frozen = base();
      frozen.trainable = false;
      const model = new w.Sequential([frozen, ...head()]);
      model.compile({ optimizer: 'adam', loss: 'categorical_crossentropy', metrics: ['accuracy'] });
      const options = { epochs: 3, batchSize: 4, verbose: 0, validationSplit: 0.2 } as const;
      const { history } = await model.fit(x(), y(), { ...options, cacheFeatures });
      return { history, values: await valuesOf(model) };
    };

    test('train the same head as the whole model does', async () => {
      const [cached, whole] = [await trained(true), await trained(false)];
      cached.values.flat().forEach((value, i) => {
        expect(value).toBeCloseTo(whole.values.flat()[i]!, 5);
      });
      for (const [name, values] of Object.entries(whole.history))
        values.forEach((value, i) => {
          expect(cached.history[name]![i]).toBeCloseTo(value, 5);
        });
    });
  });

  const quiet = { verbose: 0, cacheFeatures: true } as const;
  const data = [w.zeros, [2, 6, 6, 1]] as const;
  test.each<[string, () => w.Model, (model: w.Model) => Promise<unknown>, RegExp]>([
    [
      'a first layer that trains',
      () => new w.Sequential([base(), w.Flatten(), w.Dense(1)]),
      (model) => model.fit(data[0]([...data[1]]), w.zeros([2, 1]), quiet),
      /needs frozen layers at the beginning; base trains/,
    ],
    [
      'data in batches',
      () => new w.Sequential([w.Flatten({ inputShape: [6, 6, 1] }), w.Dense(1)]),
      (model) => model.fit(() => [[w.zeros([2, 6, 6, 1]), w.zeros([2, 1])] as const].values(), quiet),
      /cacheFeatures is for arrays/,
    ],
    [
      'something that is no truth',
      () => new w.Sequential([w.Dense(1, { inputShape: [1] })]),
      (model) => Reflect.apply(model.fit, model, [w.zeros([2, 1]), w.zeros([2, 1]), { cacheFeatures: 1 }]),
      /cacheFeatures must be true or false/,
    ],
  ])('%s is refused', async (_, make, run, says) => {
    await start('cpu float32');
    const model = make();
    model.compile({ loss: 'mse' });
    await expect(run(model)).rejects.toThrow(says);
    await w.close();
  });
});
