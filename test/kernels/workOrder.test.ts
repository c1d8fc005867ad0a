// Kernels that are loaded on first use: what is asked of the device meanwhile happens later, in the same order, to the same bits.
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { later, NotLoaded, whenLoaded } from '../../src/backend/webgpu/later.ts';
import { WorkOrder } from '../../src/backend/webgpu/workOrder.ts';
import type * as Wgslgrad from '../../src/index.ts';
import { describeGpu } from '../setup/adapters.ts';

type W = typeof Wgslgrad;

/** A promise and what settles it. */
function door() {
  let open = () => {};
  let shut = (_: Error) => {};
  const passed = new Promise<object>((resolve, reject) => {
    open = () => resolve({});
    shut = reject;
  });
  return { passed, open, shut };
}

describe('the order of work', () => {
  let done: string[];
  let blamed: unknown[];
  let order: WorkOrder;
  beforeEach(() => {
    done = [];
    blamed = [];
    order = new WorkOrder((error) => blamed.push(error));
  });

  const note = (what: string) => order.take(() => done.push(what));
  function noteBehind(family: () => object, what: string): void {
    order.take(() => {
      family();
      done.push(what);
    });
  }

  test('is that of the asking, around one piece that waits and another that waits behind it', async () => {
    const [first, second] = [door(), door()];
    const [one, two] = [later(() => first.passed), later(() => second.passed)];
    note('a');
    noteBehind(one, 'b');
    note('c');
    noteBehind(two, 'd');
    const answer = order.ask(async () => done.join(''));
    note('e');
    expect(done).toEqual(['a']);
    second.open();
    await new Promise((resolve) => setTimeout(resolve, 1));
    expect(done).toEqual(['a']);
    first.open();
    await order.settle();
    note('f');
    expect(done.join('')).toBe('abcdef');
    expect(await answer).toBe('abcd');
    expect(order.isWaiting).toBe(false);
    expect(blamed).toEqual([]);
  });

  test('holds for what is asked while it catches up', async () => {
    const { passed, open } = door();
    const family = later(() => passed);
    order.take(() => {
      family();
      done.push('a');
      note('c');
    });
    note('b');
    open();
    await order.settle();
    expect(done.join('')).toBe('abc');
  });

  test('goes on behind work that fails and code that cannot be had, which is tried again', async () => {
    let tries = 0;
    const family = later(async () => {
      tries++;
      if (tries === 1) throw new Error('offline');
      return {};
    });
    noteBehind(family, 'lost');
    order.take(() => {
      throw new RangeError('refused');
    });
    noteBehind(family, 'had');
    note('end');
    await order.settle();
    expect(done).toEqual(['had', 'end']);
    expect(blamed.map(String)).toEqual([
      'BackendError: a part of wgslgrad cannot be loaded: offline',
      'RangeError: refused',
    ]);
  });

  test('throws at once what goes wrong at once', () => {
    expect(() =>
      order.take(() => {
        throw new RangeError('refused');
      }),
    ).toThrow('refused');
    expect(order.isWaiting).toBe(false);
  });

  test('code is loaded once, whoever asks', async () => {
    const load = vi.fn(async () => ({ there: true }));
    const family = later(load);
    expect(family).toThrow(NotLoaded);
    const [a, b] = await Promise.all([whenLoaded(family), whenLoaded(() => family().there)]);
    expect([a, b]).toEqual([{ there: true }, true]);
    expect(load).toHaveBeenCalledTimes(1);
    const broken = later(() => Promise.reject(new Error('offline')));
    await expect(whenLoaded(broken)).rejects.toThrow(/cannot be loaded: offline/);
  });
});

const doings = ['pool', 'average', 'conv', 'resize', 'add', 'update', 'write', 'drop', 'read', 'turn'] as const;
interface Doing {
  readonly what: (typeof doings)[number];
  readonly at: number;
}

/** Whole numbers from -3 to 3, others for each seed. */
const whole = (length: number, seed: number) => Float32Array.from({ length }, (_, i) => ((i * 7 + seed * 5) % 7) - 3);
const SHAPE = [1, 6, 6, 4];

/** Does all of it, without waiting but for `turn`; gives every value that was read. */
async function play(w: W, doings: readonly Doing[]): Promise<number[][]> {
  const { add, avgPool2d, clip, conv2d, floor, maxPool2d, resizeBilinear, resizeNearest, scope, tensor, Variable } = w;
  const living = [tensor(whole(144, 1), SHAPE)];
  const kernel = tensor(whole(144, 2), [3, 3, 4, 4]);
  const total = new Variable(tensor(new Float32Array(144), SHAPE));
  const reads: Promise<ArrayLike<number>>[] = [];
  for (const [i, { what, at }] of doings.entries()) {
    const x = living[at % living.length]!;
    const values = whole(144, i);
    if (what === 'pool') living.push(scope(() => maxPool2d(x, { poolSize: 2, strides: 1, padding: 'same' })));
    else if (what === 'average')
      living.push(scope(() => floor(avgPool2d(x, { poolSize: 3, strides: 1, padding: 'same' }))));
    else if (what === 'conv') living.push(scope(() => clip(conv2d(x, kernel, { padding: 'same' }), -9, 9)));
    else if (what === 'resize') living.push(scope(() => floor(resizeNearest(resizeBilinear(x, [12, 12]), [6, 6]))));
    else if (what === 'add') living.push(scope(() => clip(add(x, living[0]!), -9, 9)));
    else if (what === 'update') scope(() => void total.assign(add(total, x)));
    else if (what === 'write') {
      living.push(tensor(values, SHAPE));
      values.fill(99);
    } else if (what === 'drop' && living.length > 1) living.splice(at % living.length, 1)[0]!.dispose();
    else if (what === 'read') reads.push(x.data());
    else if (what === 'turn') await new Promise((resolve) => setTimeout(resolve, 0));
  }
  reads.push(total.data(), ...living.map((one) => one.data()));
  const found = await Promise.all(reads);
  for (const one of [...living, kernel, total]) one.dispose();
  return found.map((values) => Array.from(values));
}

/** The package as if nobody had used it yet. */
async function fresh(backend: 'webgpu' | 'cpu'): Promise<W> {
  vi.resetModules();
  const w: W = await import('../../src/index.ts');
  await w.init({ backend });
  return w;
}

describeGpu('work that waits for kernels', () => {
  let w: W;
  beforeEach(async () => {
    w = await fresh('webgpu');
  });
  afterEach(async () => {
    await w.close();
    vi.doUnmock('../../src/backend/webgpu/kernels/families/pictures.ts');
    vi.doUnmock('../../src/backend/webgpu/kernels/families/windows.ts');
  });

  const doing = fc.record({ what: fc.constantFrom(...doings), at: fc.nat(99) });
  test('gives what it gives without waiting, in any order', { timeout: 120_000 }, async () => {
    const programs = fc.sample(fc.array(doing, { minLength: 10, maxLength: 40 }), { seed: 1, numRuns: 6 });
    for (const program of programs) {
      const found = await play(w, program);
      const { buffers } = w.memory();
      await w.close();
      const again = await fresh('cpu');
      const expected = await play(again, program);
      const expectedBuffers = again.memory().buffers;
      await again.close();
      expect(found).toEqual(expected);
      expect(buffers, 'what is held on to').toBe(expectedBuffers);
      w = await fresh('webgpu');
    }
  });

  test('takes no more memory than work that does not wait', async () => {
    const x = w.tensor(whole(144, 1), SHAPE);
    const { bytes } = w.memory();
    for (let i = 0; i < 200; i++) w.resizeBilinear(x, [64, 64]).dispose();
    expect(w.memory().bytes).toBe(bytes);
    await x.data();
    expect(w.memory().bytes).toBe(bytes);
    // one result at a time: 64 KiB
    expect(w.memory().pooledBytes).toBeLessThan(2 ** 20);
  });

  test('is done before the device is closed, and its results are read', async () => {
    const x = w.tensor(whole(144, 1), SHAPE);
    const y = w.maxPool2d(x, { poolSize: 2 }).data();
    const closed = w.close();
    expect((await y).length).toBe(36);
    await closed;
  });

  test('fails at the next wait, once, when the code cannot be had; what was good can be read', async () => {
    vi.doMock('../../src/backend/webgpu/kernels/families/pictures.ts', () => {
      throw new Error('offline');
    });
    const x = w.tensor(whole(144, 1), SHAPE);
    const y = w.resizeBilinear(x, [3, 3]);
    await expect(w.add(y, 1).data()).rejects.toThrow(/a part of wgslgrad cannot be loaded/);
    expect(Array.from(await w.add(x, 1).data())).toEqual(Array.from(whole(144, 1), (value) => value + 1));
    const model = new w.Sequential([w.Input({ shape: [6, 6, 4] }), w.UpSampling2D([2, 2])]);
    await expect(model.predict(x)).rejects.toThrow(/a part of wgslgrad cannot be loaded/);
  });

  test('leaves steps that are prepared and run meanwhile in their order', async () => {
    const count = new w.Variable(w.zeros([4]));
    const step = w.compile((by: Wgslgrad.Tensor) => count.assign(w.add(count, by)));
    const one = w.ones([4]);
    await step(one);
    const pooled = w.maxPool2d(w.reshape(count, [1, 2, 2, 1]), { poolSize: 2 });
    const before = pooled.data();
    // the first of these is replayed while the pool waits
    await Promise.all([step(one), step(one)]);
    expect([Array.from(await before), Array.from(await count.data())]).toEqual([[1], [3, 3, 3, 3]]);
  });

  test('leaves a step on what does not exist yet until it does', async () => {
    const plusOne = (x: Wgslgrad.Tensor) => w.compile(() => w.add(x, 1))();
    // the pipeline of the step is there, so that nothing but the kernel is waited for
    await plusOne(w.zeros([1, 3, 3, 4]));
    vi.doMock('../../src/backend/webgpu/kernels/families/windows.ts', async (original) => {
      await new Promise((resolve) => setTimeout(resolve, 300));
      return original();
    });
    const x = w.tensor(whole(144, 1), SHAPE);
    const pooled = w.maxPool2d(x, { poolSize: 2 });
    const found = Array.from(await (await plusOne(pooled)).data());
    expect(found).toEqual(Array.from(await pooled.data(), (value) => value + 1));
  });

  test('a model is trained to the bits of one whose kernels are there', async () => {
    const train = async () => {
      w.setRandomSeed(7);
      const model = new w.Sequential([
        w.Conv2D(4, [3, 3], { inputShape: [6, 6, 4] }),
        w.AveragePooling2D([2, 2]),
        w.Flatten(),
        w.Dense(3),
      ]);
      model.compile({ optimizer: 'sgd', loss: 'mse' });
      const y = w.tensor(whole(12, 3), [4, 3]);
      const { history } = await model.fit(w.tensor(whole(576, 1), [4, 6, 6, 4]), y, {
        batchSize: 2,
        epochs: 2,
        verbose: 0,
      });
      return history.loss;
    };
    const first = await train();
    expect(first).toHaveLength(2);
    expect(await train()).toEqual(first);
  });
});
