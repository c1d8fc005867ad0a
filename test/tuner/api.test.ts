// The tuner as a program has it: init({ tuner }), tuner.tune, what is kept between runs.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  BackendError,
  close,
  compile,
  Dense,
  dropout,
  FormatError,
  init,
  matmul,
  randomUniform,
  Sequential,
  ShapeError,
  setRandomSeed,
  type Tensor,
  tensor,
  tuner,
  ValueError,
} from '../../src/index.ts';
import { describeGpu } from '../setup/adapters.ts';

const product = (a: Tensor, b: Tensor) => matmul(a, b);
const operands = () => [randomUniform([12, 20]), randomUniform([20, 16])] as const;

function network(): Sequential {
  const model = new Sequential([Dense(8, { activation: 'relu', inputShape: [12] }), Dense(4)]);
  model.compile({ optimizer: 'adam', loss: 'mean_squared_error' });
  return model;
}

let cache: string;
beforeAll(() => {
  cache = mkdtempSync(join(tmpdir(), 'wgslgrad-tuner-'));
  vi.stubEnv('WGSLGRAD_CACHE', cache);
});
afterAll(async () => {
  await close();
  vi.unstubAllEnvs();
  rmSync(cache, { recursive: true });
});
beforeEach(() => void vi.stubEnv('WGSLGRAD_TUNER', ''));

test('bad input is refused by name', async () => {
  await init({ backend: 'cpu' });
  const compiled = compile(product);
  const reject = (promise: Promise<unknown>) => expect(promise).rejects;
  const tune = (...args: unknown[]) => Reflect.apply(tuner.tune, null, args) as Promise<unknown>;
  await reject(tune(7)).toThrow(/tuner.tune: expected a model or a function on tensors, got number 7/);
  await reject(tune(compiled, [])).toThrow(/the function itself, got what compile made of it/);
  await reject(tune(product, 7)).toThrow(/the arguments must be a list of tensors, got number 7/);
  await reject(tune(product, [1])).toThrow(ValueError);
  await reject(tune(network(), { batch: 3 })).toThrow(/unknown option batch; there are batchSize/);
  await reject(tune(network(), { batchSize: 0 })).toThrow(ValueError);
  await reject(tune(new Sequential([Dense(4)]))).toThrow(/compile/);
  const unbuilt = new Sequential([Dense(4)]);
  unbuilt.compile({ loss: 'mse' });
  await reject(tune(unbuilt)).toThrow(ShapeError);
  await reject(Reflect.apply(tuner.import, null, [7])).toThrow(/expected the text of an export, got number 7/);
  await reject(Reflect.apply(init, null, [{ tuner: 'on' }])).toThrow(/tuner must be 'cached' or 'off', got "on"/);
});

test('on the CPU there is nothing to tune, and it says so', async () => {
  await init({ backend: 'cpu' });
  expect(await tuner.tune(network())).toEqual({ tuned: [], reason: expect.stringMatching(/CPU.*nothing to tune/) });
  expect(await tuner.tune(product, operands())).toMatchObject({ tuned: [] });
  expect(tuner.report()).toEqual([]);
  await tuner.clear();
  expect(() => tuner.export()).toThrow(BackendError);
  await expect(tuner.import('{}')).rejects.toThrow(BackendError);
});

describeGpu('on a GPU', () => {
  test('what is measured is used, kept and found by the next run', async () => {
    await init({ backend: 'webgpu' });
    const [a, b] = operands();
    const { tuned, reason } = await tuner.tune(product, [a, b]);
    expect(reason).toBeNull();
    expect(tuned).toHaveLength(1);
    expect(tuned[0]!.key).toMatch(/^matmul \[1,16,32\/4\] /);
    expect(tuned[0]!.timings.length).toBeGreaterThan(1);
    expect(tuned[0]!.rejected).toEqual([]);
    expect(tuner.report()).toEqual(tuned);
    await init({ backend: 'webgpu' });
    expect(tuner.report()).toEqual(tuned);
    const again = await tuner.tune(product, operands());
    expect(again.tuned).toEqual(tuned);
  });

  test('a damaged file costs a warning; an import of the same is a FormatError', async () => {
    const [file] = readdirSync(join(cache, 'kept'));
    const path = join(cache, 'kept', file!);
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, text.slice(0, 300));
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    await init({ backend: 'webgpu' });
    expect(warn.mock.calls).toEqual([[expect.stringMatching(/ignores what its tuner has kept: it is no JSON/)]]);
    warn.mockRestore();
    expect(tuner.report()).toEqual([]);
    await expect(tuner.import(text.slice(0, 300))).rejects.toThrow(FormatError);
    await tuner.import(text);
    expect(tuner.report()).toHaveLength(1);
    expect(readFileSync(path, 'utf8')).toBe(text);
  });

  describe('switched off', () => {
    test.each([
      ['by init', () => init({ backend: 'webgpu', tuner: 'off' })],
      [
        'by the environment, whatever init says',
        () => {
          vi.stubEnv('WGSLGRAD_TUNER', 'off');
          return init({ backend: 'webgpu', tuner: 'cached' });
        },
      ],
    ])('%s, it measures nothing and knows nothing', async (_, start) => {
      await start();
      expect(await tuner.tune(product, operands())).toEqual({ tuned: [], reason: expect.stringMatching(/is off/) });
      expect(tuner.report()).toEqual([]);
      expect(() => tuner.export()).toThrow(/the tuner is off/);
    });

    test('a word that means nothing is refused', async () => {
      vi.stubEnv('WGSLGRAD_TUNER', 'yes');
      await expect(init({ backend: 'webgpu' })).rejects.toThrow(/WGSLGRAD_TUNER must be cached or off, got "yes"/);
    });
  });

  test('tuning a model changes neither its weights nor what is drawn next', async () => {
    await init({ backend: 'webgpu' });
    setRandomSeed(5);
    const model = network();
    const before = await Promise.all(model.getWeights().map((weight) => weight.data()));
    const dropping = (x: Tensor) => dropout(x, 0.5);
    const { tuned } = await tuner.tune(model, { batchSize: 16 });
    await tuner.tune(dropping, [tensor([1, 2, 3])]);
    expect(tuned.map(({ key }) => key.split(' ')[0])).toContain('matmul');
    expect(await Promise.all(model.getWeights().map((weight) => weight.data()))).toEqual(before);
    const drawn = await randomUniform([4]).data();
    setRandomSeed(5);
    network().getWeights();
    expect(await randomUniform([4]).data()).toEqual(drawn);
  });

  test('the same table, adapter and seed train to the same bits', async () => {
    const train = async () => {
      setRandomSeed(3);
      const model = network();
      const [x, y] = [randomUniform([40, 12]), randomUniform([40, 4])];
      await model.fit(x, y, { batchSize: 16, epochs: 2, verbose: 0 });
      return Promise.all(model.getWeights().map((weight) => weight.data()));
    };
    const first = await train();
    expect(await train()).toEqual(first);
    const table = tuner.export();
    await init({ backend: 'webgpu' });
    await tuner.clear();
    await tuner.import(table);
    expect(await train()).toEqual(first);
  });
});
