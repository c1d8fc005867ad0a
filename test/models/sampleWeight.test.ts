// Weights of samples, where a model has several outputs. The numbers are those of Keras 3.15.1 with the same model and data.
import { describe, expect, test } from 'vitest';
import * as w from 'wgslgrad';
import { expectClose, onEachBackend, start, valuesOf } from './support.ts';

const x = Float32Array.of(1, 2, 3, -1, 0.5, 0.25, -1, 1, 2, 2);
const ys = [Float32Array.of(1, 2, 3, 4, 5), Int32Array.of(0, 1, 1, 0, 1)];
const [wa, wb] = [Float32Array.of(1, 2, 0, 0.5, 1), Float32Array.of(0, 1, 3, 1, 0.25)];

function compiled(): w.Model {
  const input = w.Input({ shape: [2], name: 'i' });
  const outputs = [
    w.Dense(1, { name: 'a', kernelInitializer: 'ones' }).apply(input),
    w.Dense(2, { name: 'b', kernelInitializer: 'ones', activation: 'softmax' }).apply(input),
  ];
  const model = new w.Model({ inputs: input, outputs });
  model.compile({
    optimizer: w.optimizers.SGD({ learningRate: 0.1 }),
    loss: ['mse', 'sparse_categorical_crossentropy'],
    lossWeights: [1, 0.5],
    metrics: [['mae'], ['accuracy']],
    weightedMetrics: [['mae'], ['accuracy']],
  });
  return model;
}

// b starts without a preference, where rounding says which class is the highest: its accuracy is left to the trained model
const KEYS = ['loss', 'a_loss', 'b_loss', 'a_mae', 'a_weighted_mae'] as const;
const quiet = { verbose: 0, batchSize: 2 } as const;

/** By what is given: what Keras evaluates, and what it ends with after two epochs, losses and weights. */
const cases: readonly [string, w.SampleWeight, number[], Record<string, number[]>, number[]][] = [
  [
    'one set',
    wa,
    [2.9119162559509277, 2.5999999046325684, 0.6238324642181396, 1.850000023841858, 1.1111111640930176],
    { loss: [3.990509033203125, 6.61306619644165], b_loss: [0.6080585718154907, 0.47116678953170776] },
    [1.0586320161819458, 2.114471912384033, 0.4184959828853607, 0.8061555027961731, 1.1938443183898926],
  ],
  [
    'a list',
    [wa, wb],
    [2.963902235031128, 2.5999999046325684, 0.7278045415878296, 1.850000023841858, 1.1111111640930176],
    { loss: [4.035093784332275, 6.675265312194824], b_loss: [0.6972276568412781, 0.595565676689148] },
    [1.0586320161819458, 2.114471912384033, 0.4184959828853607, 0.8570367097854614, 1.1429632902145386],
  ],
  [
    'a list with null',
    [null, wb],
    [5.576402187347412, 5.212500095367432, 0.7278045415878296, 1.850000023841858, 1.850000023841858],
    { loss: [6.761815547943115, 6.95950174331665], b_loss: [0.6972276568412781, 0.595565676689148] },
    [0.7228139638900757, 1.624203085899353, 1.0963455438613892, 0.8570367097854614, 1.1429632902145386],
  ],
];

onEachBackend((place) => {
  test.each(cases)('%s weighs the outputs as in Keras', async (_, sampleWeight, evaluated, trained, values) => {
    const found = await compiled().evaluate(x, ys, { ...quiet, sampleWeight, returnDict: true });
    expectClose(
      KEYS.map((key) => found[key]!),
      evaluated,
      place,
    );
    const [loss] = await compiled().testOnBatch(x, ys, { sampleWeight });
    expectClose([loss!], evaluated.slice(0, 1), place);
    const model = compiled();
    const { history } = await model.fit(x, ys, { ...quiet, sampleWeight, shuffle: false, epochs: 2 });
    for (const [key, expected] of Object.entries(trained)) expectClose(history[key]!, expected, place);
    expectClose((await valuesOf(model)).flat().slice(0, 5), values, place);
  });

  test('one step on a batch', async () => {
    const model = compiled();
    const values = await model.trainOnBatch(x, ys, { sampleWeight: [wa, wb] });
    expectClose(values.slice(0, 3), [2.963902235031128, 2.5999999046325684, 0.7278045415878296], place);
    expectClose(
      (await valuesOf(model)).flat(),
      [0.92, 1, 0.04, 0.97, 1.03, 1.003749966621399, 0.9962499737739563, -0.01625, 0.01625],
      place,
    );
  });

  test('by name, in batches and beside validation data it is the same', async () => {
    const byName = { b: wb, a: wa };
    const expected = await compiled().evaluate(x, ys, { ...quiet, batchSize: 5, sampleWeight: [wa, wb] });
    for (const sampleWeight of [byName, [w.tensor(wa), w.tensor(wb)], [Array.from(wa), Array.from(wb)]]) {
      expect(await compiled().evaluate(x, ys, { ...quiet, batchSize: 5, sampleWeight })).toEqual(expected);
      const batches = () => [[w.tensor(x, [5, 2]), ys, sampleWeight] as const].values();
      expect(await compiled().evaluate(batches, { verbose: 0 })).toEqual(expected);
    }
    const validationData = [x, ys, { a: wb, b: wa }] as const;
    const options = { ...quiet, shuffle: false, sampleWeight: byName, validationData };
    const { history } = await compiled().fit(x, ys, options);
    expectClose(history.val_loss!, [4.009714126586914], place);
    expectClose(history.val_a_weighted_mae!, [1.722857117652893], place);
    expectClose(history.val_b_loss!, [0.5117196917533875], place);
  });

  test('a validation split takes its share of each set', async () => {
    const sampleWeight = { a: wa, b: wb };
    const options = { ...quiet, shuffle: false };
    const split = await compiled().fit(x, ys, { ...options, sampleWeight, validationSplit: 0.4 });
    const part = (from: number, to?: number) => ys.map((y) => y.subarray(from, to));
    const apart = await compiled().fit(x.subarray(0, 6), part(0, 3), {
      ...{ ...options, sampleWeight: [wa.subarray(0, 3), wb.subarray(0, 3)] },
      validationData: [x.subarray(6), part(3), { a: wa.subarray(3), b: wb.subarray(3) }],
    });
    expect(split.history).toEqual(apart.history);
  });

  test('a null counts every sample once', async () => {
    const options = { ...quiet, sampleWeight: [Float32Array.of(1, 1, 1, 1, 1), wb] };
    const expected = await compiled().evaluate(x, ys, options);
    expect(await compiled().evaluate(x, ys, { ...quiet, sampleWeight: { a: null, b: wb } })).toEqual(expected);
  });
});

describe('what is refused', () => {
  const classWeight = { 0: 1, 1: 2 };
  const fitWith = (options: object) => () => compiled().fit(x, ys, { ...quiet, ...options });
  const single = () => {
    const model = new w.Sequential([w.Dense(1, { inputShape: [2] })]);
    model.compile({ loss: 'mse' });
    return model;
  };
  test.each<[string, () => Promise<unknown>, RegExp]>([
    [
      'class weights for several outputs',
      fitWith({ classWeight }),
      /^fit: classWeight is for models of one output, and \w+ has 2; give sampleWeight: \{ a: \[...\], b: \[...\] \}/,
    ],
    [
      'the same of a step',
      () => compiled().trainOnBatch(x, ys, { classWeight }),
      /^trainOnBatch: classWeight is for models of one output/,
    ],
    ['weights of one output only', fitWith({ sampleWeight: [wa] }), /has 2 outputs \(a, b\); give a list of as many/],
    ['weights by a wrong name', fitWith({ sampleWeight: { a: wa, c: wb } }), /got an object of a,c/],
    ['an output without weights', fitWith({ sampleWeight: { a: wa } }), /fit: sampleWeight.b is missing/],
    [
      'too few of one output',
      fitWith({ sampleWeight: [wa, wb.subarray(1)] }),
      /sampleWeight\[1\] \(b\) \[4\] must hold one number for each of the 5/,
    ],
    [
      'too few in a batch',
      () => compiled().fit(() => [[w.tensor(x, [5, 2]), ys, { a: wa, b: [1] }] as const].values(), { verbose: 0 }),
      /sampleWeight.b \[1\] must hold one/,
    ],
    [
      'class weights for batches with weights',
      () => single().fit(() => [[w.zeros([2, 2]), [1, 2], [1, 1]] as const].values(), { verbose: 0, classWeight }),
      /classWeight and the sampleWeight of batches cannot be combined/,
    ],
    [
      'a strange name of the only output',
      () => single().evaluate([[1, 2]], [1], { verbose: 0, sampleWeight: { b: [1] } }),
      /sampleWeight must be a tensor, .* or an object with the name dense\w*, got an object of b/,
    ],
  ])('%s', async (_, run, says) => {
    await start('cpu float32');
    await expect(run()).rejects.toThrow(says);
  });

  test('the only output may be named', async () => {
    await start('cpu float32');
    const model = single();
    const [name] = model.outputNames;
    const [data, y] = [w.tensor(x, [5, 2]), ys[0]!];
    expect(await model.evaluate(data, y, { ...quiet, sampleWeight: { [name!]: wa } })).toEqual(
      await model.evaluate(data, y, { ...quiet, sampleWeight: wa }),
    );
  });
});
