// The dispatch list of a training step: what it says is what runs, and looking changes nothing.
import { afterEach, describe, expect, test } from 'vitest';
import * as w from '../../src/index.ts';
import { explain } from '../../src/inspect/index.ts';
import { describeGpu } from '../setup/adapters.ts';

function r1(): w.Sequential {
  const model = new w.Sequential([
    w.Conv2D(8, [3, 3], { activation: 'relu', inputShape: [12, 12, 1] }),
    w.MaxPooling2D([2, 2]),
    w.Flatten(),
    w.Dense(10, { activation: 'softmax' }),
  ]);
  model.compile({ optimizer: 'adam', loss: 'categorical_crossentropy', metrics: ['accuracy'] });
  return model;
}

afterEach(() => w.close());

describe('explain on the CPU', () => {
  test('lists the kernels in their order, with shapes and arithmetic', async () => {
    await w.init({ backend: 'cpu', seed: 1 });
    const { backend, dispatches, roof, clock, memory } = await explain(r1(), { batchSize: 4, rounds: 1 });
    expect({ backend, roof, clock }).toEqual({ backend: 'cpu', roof: null, clock: 'program' });
    const product = dispatches.find(({ shader }) => shader === 'matmul');
    expect(product).toMatchObject({ ops: ['matmul'], flops: 2 * 4 * 200 * 10, share: null, outputs: [[1, 4, 10]] });
    // x, kernel, bias and result
    expect(product?.bytes).toBe(4 * (4 * 200 + 200 * 10 + 10 + 4 * 10));
    expect(dispatches.at(-1)?.ops).toEqual(['increment']);
    // between the pool and the dense layer: 4 x 5 x 5 x 8 floats, more than once
    expect(memory.leastBytes).toBeGreaterThan(2 * 4 * 800);
    expect(memory.bytes).toBeLessThanOrEqual(1.3 * memory.leastBytes);
  });

  test('leaves weights, optimizer and random numbers as they were', async () => {
    const train = async (look: boolean) => {
      await w.init({ backend: 'cpu', seed: 1 });
      const model = r1();
      const x = w.randomUniform([8, 12, 12, 1]);
      const y = w.oneHot(w.tensor([0, 1, 2, 3, 4, 5, 6, 7], [8], 'int32'), 10);
      await model.fit(x, y, { batchSize: 4, verbose: 0 });
      if (look) await explain(model, { batchSize: 4, rounds: 2 });
      await model.fit(x, y, { batchSize: 4, verbose: 0 });
      return Promise.all(model.getWeights().map(async (value) => Array.from(await value.data())));
    };
    expect(await train(true)).toEqual(await train(false));
  });

  test('keeps off a model that is being trained, and fit off one that is being explained', async () => {
    await w.init({ backend: 'cpu', seed: 1 });
    const model = r1();
    const [x, y] = [w.randomUniform([4, 12, 12, 1]), w.oneHot(w.zeros([4], 'int32'), 10)];
    let met: unknown = null;
    const onEpochEnd = async () => {
      met = await explain(model, { batchSize: 4, rounds: 1 }).catch((error: unknown) => error);
    };
    await model.fit(x, y, { batchSize: 4, verbose: 0, callbacks: [{ onEpochEnd }] });
    expect(String(met)).toMatch(/explain: sequential\S* is busy with fit/);
    const both = [explain(model, { batchSize: 4, rounds: 1 }), model.fit(x, y, { batchSize: 4, verbose: 0 })];
    const refused = (await Promise.allSettled(both)).filter((one) => one.status === 'rejected');
    expect(refused.map(({ reason }) => String(reason))).toEqual([
      expect.stringMatching(/is busy with (?:explain|fit)/),
    ]);
    await model.fit(x, y, { batchSize: 4, verbose: 0 });
  });

  test('takes sparse labels, and every optimizer', async () => {
    await w.init({ backend: 'cpu', seed: 1 });
    const model = r1();
    model.compile({ optimizer: 'sgd', loss: 'sparse_categorical_crossentropy' });
    const { dispatches } = await explain(model, { rounds: 1, batchSize: 2 });
    expect(dispatches.flatMap(({ ops }) => ops)).toContain('sgd');
  });

  test.each<[string, () => Promise<unknown>, RegExp]>([
    ['no model', () => explain({} as never), /explain: expected a model, got/],
    ['an unknown option', () => explain(r1(), { batchsize: 3 } as never), /explain: .*batchsize/],
    ['no batch', () => explain(r1(), { batchSize: 0 }), /explain: batchSize must be/],
    ['no rounds', () => explain(r1(), { rounds: 0 }), /explain: rounds must be/],
    ['a model that is not compiled', () => explain(new w.Sequential([w.Dense(1)])), /explain: call compile/],
    [
      'a model of unknown shape',
      () => {
        const model = new w.Sequential([w.Dense(1)]);
        model.compile({ loss: 'mean_squared_error' });
        return explain(model);
      },
      /explain: .* is not built; give its first layer an inputShape/,
    ],
  ])('refuses %s', async (_, call, message) => {
    await w.init({ backend: 'cpu' });
    await expect(call()).rejects.toThrow(message);
  });
});

describeGpu('explain on the GPU', () => {
  test('names each dispatch, all that it stands for, and how near it is to the roof', async () => {
    await w.init({ backend: 'webgpu', seed: 1 });
    const model = r1();
    const found = await explain(model, { batchSize: 32, rounds: 2 });
    expect(found.dispatches.map(({ ops }) => ops)).toEqual([
      ['gatherBatch', 'conv2dMaxPool2d'],
      ['matmul'],
      ['gatherBatch', 'classify', 'increment', 'accumulate', 'accumulate'],
      ['denseGrad'],
      ['conv2dMaxPool2dGradKernel'],
      ['adam', 'increment'],
    ]);
    for (const { milliseconds, share, bytes } of found.dispatches) {
      expect(milliseconds).toBeGreaterThan(0);
      expect(share).toBeGreaterThan(0);
      expect(bytes).toBeGreaterThan(0);
    }
    expect(found.roof!.flops).toBeGreaterThan(1e8);
    const text = String(found);
    for (const { shader } of found.dispatches) expect(text).toContain(shader);
    expect(text).toContain(found.adapter);
  });
});
