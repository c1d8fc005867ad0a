// Fused is unfused: what compiled functions run gives the same as what was written, and is not used where it would not.
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { fuse } from '../../src/compile/fuse.ts';
import { trace } from '../../src/compile/trace.ts';
import { allOps } from '../../src/engine/op.ts';
import { runningBackend } from '../../src/engine/runtime.ts';
import { assignAdd } from '../../src/engine/variable.ts';
import * as w from '../../src/index.ts';
import { fusedCases } from '../engine/cases/fused.ts';
import { describeGpu } from '../setup/adapters.ts';
import { makeInputs } from '../support/inputs.ts';
import { integers } from '../support/values.ts';

const float = (...shape: number[]) => ({ shape, dtype: 'float32' as const });
const image = float(2, 9, 9, 1);
const kernel = float(3, 3, 1, 8);

const numbers = (shape: number[], seed: number) =>
  w.tensor(
    integers(
      shape.reduce((n, l) => n * l, 1),
      seed,
    ),
    shape,
  );

/** The operations of a function that run after fusing, in order. */
function fused(f: (...xs: w.Tensor[]) => readonly w.Tensor[], ...inputs: ReturnType<typeof float>[]): string[] {
  const ops = fuse(trace(f, inputs)).steps.map(({ op }) => op);
  return ops.filter(({ alias }) => !alias).map(({ name }) => name);
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
    ['whose windows overlap down', (x: w.Tensor, k: w.Tensor) => [pooled(x, k, { poolSize: [2, 1], strides: 1 })]],
    ['whose windows overlap across', (x: w.Tensor, k: w.Tensor) => [pooled(x, k, { poolSize: [1, 2], strides: 1 })]],
    ['whose windows reach outside', (x: w.Tensor, k: w.Tensor) => [pooled(x, k, { poolSize: 2, padding: 'same' })]],
  ])('stays as it is, %s', (_, f) => {
    expect(fused((x, k) => f(x!, k!), image, kernel)).toEqual(['conv2d', 'maxPool2d']);
  });

  test('stays as it is when there are many channels, for which conv2d has better tiles', () => {
    const f = (x: w.Tensor, k: w.Tensor) => [pooled(x, k)];
    expect(fused((x, k) => f(x!, k!), float(2, 9, 9, 8), float(3, 3, 8, 8))).toEqual(['conv2d', 'maxPool2d']);
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

describe('a value that changes in place between two steps', () => {
  beforeAll(() => w.init({ backend: 'cpu' }));
  afterAll(() => w.close());

  test('is seen under another shape', async () => {
    const v = w.variable([1, 2, 3, 4], { trainable: false });
    const labels = () => w.tensor([1, 0, 0, 1], [2, 2]);
    const step = w.compile((x: w.Tensor) => {
      const y = w.softmax(w.reshape(v, [2, 2]));
      v.assign(x);
      return [y, w.softmaxCrossEntropy(w.reshape(v, [2, 2]), labels())];
    });
    const expected = await w.softmax(w.tensor([1, 2, 3, 4], [2, 2])).array();
    expect(await (await step(w.tensor([9, -9, 0, 5])))[0]!.array()).toEqual(expected);
    step.dispose();
  });

  test('is seen when an optimizer changes it among others', async () => {
    const v = w.variable(w.ones([2, 2, 1, 4]));
    const optimizer = w.optimizers.SGD({ learningRate: 1 });
    const step = w.compile((x: w.Tensor) => {
      const z = w.conv2d(x, v);
      optimizer.apply([[w.ones([2, 2, 1, 4]), v]]);
      return w.maxPool2d(z, { poolSize: 2 });
    });
    const x = w.ones([1, 5, 5, 1]);
    expect(await (await step(x)).sum().item()).toBe(4 * 4 * 4);
    step.dispose();
  });
});

describe('the gradients of a dense layer', () => {
  beforeAll(() => w.init({ backend: 'cpu' }));
  afterAll(() => w.close());

  const layer = (x: w.Tensor, k: w.Tensor) => w.matmul(w.relu(x), k);
  const gradients = (x: w.Tensor, k: w.Tensor, b: w.Tensor) => {
    const f = (x: w.Tensor, k: w.Tensor, b: w.Tensor) => w.sum(w.square(w.add(layer(x, k), b)));
    return w.grad(f)(x, k, b) as w.Tensor[];
  };
  /** y = x · kernel + bias backwards, as matmul has it. */
  const parts = (x: w.Tensor, k: w.Tensor, dy: w.Tensor) => {
    return [w.matmul(dy, k, { transposeB: true }), w.matmul(x, dy, { transposeA: true })] as const;
  };

  test('of a layer with many outputs stay products', () => {
    expect(fused((x, k, b) => gradients(x!, k!, b!), float(6, 8), float(8, 18), float(18))).not.toContain('denseGrad');
  });

  test('of more rows than a thread should walk stay products', () => {
    const inputs = [float(1, 100, 8), float(1, 8, 4), float(1, 100, 4)] as const;
    const names = fused((x, k, dy) => [...parts(x!, k!, dy!), w.sum(dy!, [0, 1])], ...inputs);
    expect(names).not.toContain('denseGrad');
    const few = [float(1, 10, 8), float(1, 8, 4), float(1, 10, 4)] as const;
    expect(fused((x, k, dy) => [...parts(x!, k!, dy!), w.sum(dy!, [0, 1])], ...few)).toEqual(['denseGrad']);
  });

  test('stay products when one is read before the last of them is made', () => {
    const inputs = [float(1, 10, 8), float(1, 8, 4), float(1, 10, 4)] as const;
    const names = fused(
      (x, k, dy) => {
        const [dx, dk] = parts(x!, k!, dy!);
        const early = w.neg(dx);
        return [early, dk, w.sum(dy!, [0, 1])];
      },
      ...inputs,
    );
    expect(names).not.toContain('denseGrad');
  });

  test('keep the mask of a relu to themselves only when nobody else reads the gradient before it', async () => {
    const step = (x: w.Tensor, k: w.Tensor, dy: w.Tensor) => {
      const y = w.relu(x);
      const [dx, dk] = parts(y, k, dy);
      const db = w.sum(dy, [0, 1]);
      const shaped = w.reshape(dx, [10, 8]);
      return [w.where(w.greater(y, 0), dx, 0), w.reshape(shaped, [80]), dk, db];
    };
    const inputs = [numbers([1, 10, 8], 1), numbers([1, 8, 4], 2), numbers([1, 10, 4], 3)] as const;
    const [eager, compiled] = [step(...inputs), await w.compile(step)(...inputs)];
    for (const [i, result] of compiled.entries()) expect(await result.data()).toEqual(await eager[i]!.data());
  });
});

describe('what training asks of the logits of a batch', () => {
  beforeAll(() => w.init({ backend: 'cpu' }));
  afterAll(() => w.close());

  const total = () => w.variable([0], { trainable: false });
  const step = (count: w.Variable, right: w.Variable) => (logits: w.Tensor, labels: w.Tensor) => {
    const loss = (z: w.Tensor) => w.mean(w.softmaxCrossEntropy(z, labels));
    const y = w.softmax(logits);
    const [value, slope] = w.valueAndGrad(loss)(logits);
    const hits = w.cast(w.equal(w.argMax(labels, -1), w.argMax(y, -1)), 'float32');
    assignAdd(count, w.reshape(w.mul(w.mean(hits), 6), [1]));
    assignAdd(right, w.reshape(w.mul(value, 6), [1]));
    return [slope, y];
  };

  test('is one operation, and one for each total', () => {
    const names = fused((z, t) => step(total(), total())(z!, t!), float(6, 4), float(6, 4));
    expect(names.filter((name) => name !== 'fill')).toEqual(['classify', 'accumulate', 'accumulate']);
  });

  test('gives the same as it is written', async () => {
    const inputs = [numbers([6, 4], 1), w.oneHot(w.tensor([0, 1, 2, 3, 0, 1], [6], 'int32'), 4)] as const;
    const [asWritten, asFused] = [
      [total(), total()],
      [total(), total()],
    ] as const;
    const eager = step(...asWritten)(...inputs);
    const compiled = await w.compile(step(...asFused))(...inputs);
    for (const [i, result] of [...compiled, ...asFused].entries()) {
      const expected = await [...eager, ...asWritten][i]!.data();
      for (const [at, value] of (await result.data()).entries()) expect(value).toBeCloseTo(expected[at]!, 5);
    }
  });

  test.each<[string, (z: w.Tensor, t: w.Tensor) => w.Tensor[]]>([
    ['without probabilities', (z, t) => [w.softmaxCrossEntropy(z, t)]],
    ['of other logits', (z, t) => [w.softmax(w.neg(z)), w.softmaxCrossEntropy(z, t)]],
  ])('stays as it is, %s', (_, f) => {
    expect(fused((z, t) => f(z!, t!), float(6, 4), float(6, 4))).toContain('softmaxCrossEntropy');
  });

  test('counts the smallest answers as it is written', () => {
    const names = fused(
      (z, t) => {
        const loss = w.softmaxCrossEntropy(z!, t!);
        return [loss, w.cast(w.equal(w.argMin(t!, -1), w.argMin(w.softmax(z!), -1)), 'float32')];
      },
      float(6, 4),
      float(6, 4),
    );
    expect(names).toContain('argReduce');
  });
});

test('a training step of R1 is no more kernels than it needs', async () => {
  await w.init({ backend: 'cpu', seed: 1 });
  const prepare = vi.spyOn(runningBackend()!, 'prepare');
  const model = new w.Sequential([
    w.Conv2D(32, [3, 3], { activation: 'relu', inputShape: [28, 28, 1] }),
    w.MaxPooling2D([2, 2]),
    w.Flatten(),
    w.Dense(10, { activation: 'softmax' }),
  ]);
  model.compile({ optimizer: 'adam', loss: 'categorical_crossentropy', metrics: ['accuracy'] });
  await model.fit(w.zeros([4, 28, 28, 1]), w.zeros([4, 10]), { batchSize: 4, verbose: 0 });
  const kernels = prepare.mock.calls[0]![0].map(({ kernel }) => kernel);
  expect(kernels).toEqual([
    ...['gatherBatch', 'gatherBatch', 'conv2dMaxPool2d', 'matmul', 'classify'],
    ...['denseGrad', 'conv2dMaxPool2dGradKernel'],
    ...['adam', 'increment', 'accumulate', 'accumulate', 'increment'],
  ]);
  prepare.mockRestore();
  await w.close();
});

test('every operation that stands for others says for which, and has a case', () => {
  const names = allOps().flatMap(({ name, decompose }) => (decompose ? [name] : []));
  expect([...new Set(fusedCases.map(({ op }) => op))].sort()).toEqual(names.sort());
});

function suite(backend: 'cpu' | 'webgpu') {
  beforeAll(() => w.init({ backend }));
  afterAll(() => w.close());

  test.each(fusedCases.map((one) => [one.title, one] as const))('%s is its parts', async (_, one) => {
    const inputs = makeInputs(one.inputs, 'float32');
    const [whole, parts] = [[one.run(...inputs)].flat(), one.parts(...inputs)];
    expect(whole.map(({ shape, dtype }) => ({ shape, dtype }))).toEqual(
      parts.map(({ shape, dtype }) => ({ shape, dtype })),
    );
    for (const [i, result] of whole.entries()) {
      const [found, expected] = [await result.data(), await parts[i]!.data()];
      // sums of multiples of 1/128 are exact, exponentials are not
      if (one.op !== 'classify') expect(found).toEqual(expected);
      else for (const [at, value] of found.entries()) expect(value).toBeCloseTo(expected[at]!, 5);
    }
  });

  test('a total may lie beside what is added to it', async () => {
    const [a, b] = [w.variable([1]), w.variable([2, 3, 4])];
    const zero = (x: w.Variable) => [w.zeros(x.shape), x] as const;
    // one optimizer keeps its variables in one buffer
    w.optimizers.SGD({ learningRate: 1 }).apply([zero(a), zero(b)]);
    const step = w.compile((x: w.Tensor) => {
      assignAdd(a, w.reshape(w.mul(w.sum(b), 2), [1]));
      return x;
    });
    await step(w.ones([1]));
    expect(await a.array()).toEqual([19]);
    expect(await b.array()).toEqual([2, 3, 4]);
    step.dispose();
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

describe('a normalisation with given statistics behind a convolution', () => {
  const onChannels = (x: w.Tensor, k: w.Tensor, s: w.Tensor, t: w.Tensor, bias?: w.Tensor) =>
    w.relu(w.add(w.mul(w.conv2d(x, k, bias ? { bias } : {}), s), t));
  const channels = float(8);

  /** Compiled and as it is written, with a bias and without. */
  async function expectSame(inputs: number): Promise<void> {
    const [x, k] = [numbers([2, 9, 9, inputs], 1), numbers([3, 3, inputs, 8], 2)];
    // whole numbers: exact in whatever order they are multiplied
    const [s, t, b] = [3, 4, 5].map((seed) => numbers([8], seed)) as [w.Tensor, w.Tensor, w.Tensor];
    for (const bias of [undefined, b]) {
      const given = [x, k, s, t, ...(bias ? [bias] : [])];
      const compiled = await w.compile((...all: w.Tensor[]) => onChannels(all[0]!, all[1]!, all[2]!, all[3]!, all[4]))(
        ...given,
      );
      expect(await compiled.data()).toEqual(await onChannels(x, k, s, t, bias).data());
    }
  }

  function suite(backend: 'cpu' | 'webgpu') {
    beforeAll(() => w.init({ backend }));
    afterAll(() => w.close());

    test('goes into its kernel and bias, and relu behind it', async () => {
      const names = fused((x, k, s, t) => [onChannels(x!, k!, s!, t!)], image, kernel, channels, channels);
      expect(names).toEqual(['mul', 'conv2d']);
      await expectSame(1);
    });

    test('is done where sums are written, where the kernel is not small', async () => {
      const deep = [float(2, 9, 9, 6), float(3, 3, 6, 8)] as const;
      const names = fused((x, k, s, t) => [onChannels(x!, k!, s!, t!)], ...deep, channels, channels);
      expect(names).toEqual(['conv2dScaled']);
      await expectSame(6);
    });

    test('is not, where the convolution is read elsewhere or the scale is not one for each channel', () => {
      const twice = fused(
        (x, k, s, t) => {
          const z = w.conv2d(x!, k!);
          return [w.add(w.mul(z, s!), t!), z];
        },
        image,
        kernel,
        channels,
        channels,
      );
      expect(twice).toContain('add');
      const other = fused((x, k, s) => [w.add(w.mul(w.conv2d(x!, k!), s!), s!)], image, kernel, float(7, 8));
      expect(other).toEqual(['conv2d', 'mul', 'add']);
      const active = fused(
        (x, k, s) => [w.add(w.mul(w.conv2d(x!, k!, { activation: 'relu' }), s!), s!)],
        image,
        kernel,
        channels,
      );
      expect(active).toEqual(['conv2d', 'mul', 'add']);
    });
  }

  describe('on the CPU', () => suite('cpu'));
  describeGpu('on WebGPU', () => suite('webgpu'));
});

describe('a relu behind a sum', () => {
  const block = (a: w.Tensor, b: w.Tensor) => w.relu(w.add(a, b));

  function suite(backend: 'cpu' | 'webgpu') {
    beforeAll(() => w.init({ backend }));
    afterAll(() => w.close());

    test('is done with it, forwards and backwards', async () => {
      expect(fused((a, b) => [block(a!, b!)], float(3, 4), float(4))).toEqual(['addRelu']);
      const [a, b] = [numbers([3, 4], 1), w.concat([numbers([3], 2), w.tensor([Number.NaN])], 0)];
      const both = (a: w.Tensor, b: w.Tensor) => {
        const slopes = w.grad((a, b) => w.sum(w.square(block(a, b))))(a, b) as w.Tensor[];
        return [block(a, b), ...slopes];
      };
      const compiled = await w.compile(both)(a, b);
      const written = both(a, b);
      for (const [i, one] of compiled.entries()) expect(await one.data()).toEqual(await written[i]!.data());
      expect(fused((a, b) => both(a!, b!), float(3, 4), float(4))).not.toContain('relu');
    });

    test('is not, where the sum is read elsewhere', () => {
      const names = fused(
        (a, b) => {
          const sum = w.add(a!, b!);
          return [w.relu(sum), sum];
        },
        float(3, 4),
        float(4),
      );
      expect(names).toEqual(['add', 'relu']);
    });
  }

  describe('on the CPU', () => suite('cpu'));
  describeGpu('on WebGPU', () => suite('webgpu'));
});
