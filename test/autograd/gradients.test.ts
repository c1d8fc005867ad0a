// What grad, valueAndGrad, backward and stopGradient promise, on both backends.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as w from '../../src/index.ts';
import { describeGpu } from '../setup/adapters.ts';

const flat = async (x: w.Tensor) => Array.from(await x.data());

function suite(backend: 'cpu' | 'webgpu') {
  beforeAll(() => w.init({ backend }));
  afterAll(() => w.close());

  describe('grad', () => {
    test('gives one gradient for one argument and a list for several', async () => {
      const one = w.grad((x: w.Tensor) => w.sum(w.square(x)))(w.tensor([1, -2]));
      expect(await flat(one)).toEqual([2, -4]);
      const f = (x: w.Tensor, y: w.Tensor, z: w.Tensor) => w.sum(w.mul(w.mul(x, y), z));
      const several = w.grad(f)(w.tensor([1, 2]), w.tensor([3, 4]), w.tensor([5, 6]));
      expect(await Promise.all(several.map(flat))).toEqual([
        [15, 24],
        [5, 12],
        [3, 8],
      ]);
    });

    test('adds up over every use of an argument', async () => {
      const f = (x: w.Tensor) => w.add(w.sum(w.mul(x, w.square(x))), w.sum(x));
      expect(await flat(w.grad(f)(w.tensor([2, -1])))).toEqual([13, 4]);
    });

    test('gives zeros for an argument that the result does not depend on', async () => {
      const [byX, byY] = w.grad((x: w.Tensor, _y: w.Tensor) => w.sum(x))(w.ones([2]), w.ones([3, 1])) as [
        w.Tensor,
        w.Tensor,
      ];
      expect(await flat(byX)).toEqual([1, 1]);
      expect(byY.shape).toEqual([3, 1]);
      expect(await flat(byY)).toEqual([0, 0, 0]);
    });

    test('gives each argument a tensor of its own, also where the values are the same', async () => {
      const [byX, byY] = w.grad((x: w.Tensor, y: w.Tensor) => w.sum(w.add(x, y)))(w.ones([2]), w.ones([2])) as [
        w.Tensor,
        w.Tensor,
      ];
      byX.dispose();
      expect(await flat(byY)).toEqual([1, 1]);
    });

    test('of the same tensor given twice tells the two apart', async () => {
      const x = w.tensor([3]);
      const [first, second] = w.grad((a: w.Tensor, b: w.Tensor) => w.sum(w.sub(a, b)))(x, x) as [w.Tensor, w.Tensor];
      expect([await first.item(), await second.item()]).toEqual([1, -1]);
    });

    test('takes a result of any shape with one element', async () => {
      expect(await flat(w.grad((x: w.Tensor) => w.reshape(w.mul(x, 3), [1, 1]))(w.tensor(2)))).toEqual([3]);
    });

    test('flows into float operands alone', async () => {
      const labels = w.tensor([1, 0], [2], 'int32');
      const f = (x: w.Tensor) => w.sum(w.mul(x, labels));
      expect(await flat(w.grad(f)(w.tensor([5, 7])))).toEqual([1, 0]);
    });

    test('keeps nothing but the gradient, and the value where it is asked for', () => {
      const x = w.ones([4]);
      const f = (t: w.Tensor) => w.sum(w.exp(w.square(w.sin(t))));
      w.grad(f)(x).dispose();
      const before = w.memory().tensors;
      const gradient = w.grad(f)(x);
      expect(w.memory().tensors).toBe(before + 1);
      const [value, again] = w.valueAndGrad(f)(x);
      expect(w.memory().tensors).toBe(before + 3);
      for (const tensor of [gradient, value, again]) tensor.dispose();
      expect(w.memory().tensors).toBe(before);
    });

    test('leaves no tape behind when the function throws', async () => {
      const stop = (_: w.Tensor) => {
        throw new Error('stop');
      };
      expect(() => w.grad(stop)(w.ones([1]))).toThrow('stop');
      expect(w.square(w.ones([1])).requiresGrad).toBe(false);
      expect(await flat(w.grad((x: w.Tensor) => w.sum(w.square(x)))(w.tensor([4])))).toEqual([8]);
    });

    test('goes through a scope inside the function', async () => {
      const f = (x: w.Tensor) => w.sum(w.scope(() => w.mul(w.square(x), 2)));
      expect(await flat(w.grad(f)(w.tensor([3])))).toEqual([12]);
    });

    test('of a chain of ten thousand operations does not overflow the stack', async () => {
      const f = (x: w.Tensor) => {
        let y = x;
        for (let i = 0; i < 10_000; i++) y = w.neg(y);
        return w.sum(y);
      };
      expect(await flat(w.grad(f)(w.ones([1])))).toEqual([1]);
    });

    test('nests, each level with its own variable', async () => {
      // d/dx (x * d/dy (x y²)) = d/dx (2 x² y) = 4 x y
      const inner = (x: w.Tensor) => w.grad((y: w.Tensor) => w.sum(w.mul(x, w.square(y))))(w.tensor([5]));
      const outer = w.grad((x: w.Tensor) => w.sum(w.mul(x, inner(x))));
      expect(await flat(outer(w.tensor([3])))).toEqual([60]);
    });
  });

  describe('ties', () => {
    test('the gradient of a maximum or minimum goes to the first of equals', async () => {
      const x = w.tensor([
        [
          [1, 3],
          [3, 0],
        ],
        [
          [3, 3],
          [3, 3],
        ],
      ]);
      const byMax = w.grad((t: w.Tensor) => w.sum(w.max(t, [0, 2])))(x);
      expect(await flat(byMax)).toEqual([0, 1, 1, 0, 0, 0, 0, 0]);
      const byMin = w.grad((t: w.Tensor) => w.min(t))(w.tensor([2, 1, 1, 1]));
      expect(await flat(byMin)).toEqual([0, 1, 0, 0]);
    });

    test('the gradient of equals goes to the first operand', async () => {
      for (const f of [w.maximum, w.minimum]) {
        const [byA, byB] = w.grad((a: w.Tensor, b: w.Tensor) => w.sum(f(a, b)))(w.ones([1]), w.ones([1])) as [
          w.Tensor,
          w.Tensor,
        ];
        expect([await byA.item(), await byB.item()]).toEqual([1, 0]);
      }
    });

    test('a pool gives each gradient to its first maximum, row by row', async () => {
      const x = w.tensor([7, 7, 7, 7], [1, 2, 2, 1]);
      expect(await flat(w.grad((t: w.Tensor) => w.sum(w.maxPool2d(t, { poolSize: 2 })))(x))).toEqual([1, 0, 0, 0]);
    });

    test('kinks have gradient 0 for relu and abs at 0', async () => {
      for (const f of [w.relu, w.abs]) {
        expect(await flat(w.grad((t: w.Tensor) => w.sum(f(t)))(w.tensor([-1, 0, 1])))).toEqual([
          f === w.abs ? -1 : 0,
          0,
          1,
        ]);
      }
    });
  });

  describe('products', () => {
    const product = (x: w.Tensor) => w.prod(x);
    /** The Hessian of a product times a vector of ones. */
    const second = w.grad((x: w.Tensor) => w.sum(w.grad(product)(x)));
    const others = (list: readonly number[], ...without: number[]) =>
      list.reduce((all, x, i) => (without.includes(i) ? all : all * x), 1);

    test.each([
      [[2, 0, 3]],
      [[0, 4]],
      [[0, 0, 3, 5]],
      [[2, 3, 0, 1, 4, 0]],
      [[1, 2, 3, 0, 2, 1, 3]],
      [[0, 0, 0, 2, 2, 2, 1, 1]],
    ])('of %j have the product of the others as gradient, and again', async (list) => {
      const x = w.tensor(list);
      const first = list.map((_, i) => others(list, i));
      const again = list.map((_, i) => list.reduce((sum, _, j) => (i === j ? sum : sum + others(list, i, j)), 0));
      expect(await flat(w.grad(product)(x))).toEqual(first);
      expect(await flat(second(x))).toEqual(again);
    });

    test('along one axis give each row its own, and one number alone a gradient of 1', async () => {
      const rows = w.tensor([0, 1, 2, 3, 4, 0], [2, 3]);
      expect(await flat(w.grad((x: w.Tensor) => w.sum(w.prod(x, 1)))(rows))).toEqual([2, 0, 0, 0, 0, 12]);
      expect(await flat(w.grad((x: w.Tensor) => w.sum(w.prod(x, 0)))(rows))).toEqual([3, 4, 0, 0, 1, 2]);
      expect(await flat(w.grad(product)(w.tensor([0])))).toEqual([1]);
      expect(await flat(w.grad((x: w.Tensor) => w.sum(w.prod(x, 0)))(w.zeros([0, 2])))).toEqual([]);
    });
  });

  describe('special values', () => {
    test('a NaN gets the gradient of the maximum that it wins', async () => {
      const x = w.tensor([1, Number.NaN, 5, Number.NaN]);
      for (const f of [w.max, w.min]) expect(await flat(w.grad((t: w.Tensor) => f(t))(x))).toEqual([0, 1, 0, 0]);
    });

    test('an infinite gradient does not reach what lost', async () => {
      const f = (a: w.Tensor, b: w.Tensor) => w.sum(w.mul(w.maximum(a, b), Infinity));
      const found = w.grad(f)(w.tensor([1, 2]), w.tensor([2, 1])) as w.Tensor[];
      expect(await Promise.all(found.map(flat))).toEqual([
        [0, Infinity],
        [Infinity, 0],
      ]);
    });

    test('logSumExp beside -infinity has the gradient of a softmax', async () => {
      const byX = w.grad((x: w.Tensor) => w.logSumExp(x))(w.tensor([0, -Infinity, 0]));
      expect(await flat(byX)).toEqual([0.5, 0, 0.5]);
    });
  });

  describe('stopGradient', () => {
    test('makes a constant of what goes in', async () => {
      const f = (x: w.Tensor) => w.sum(w.mul(w.stopGradient(w.square(x)), x));
      expect(await flat(w.grad(f)(w.tensor([3])))).toEqual([9]);
    });

    test('lets an operation without a gradient be used; otherwise that is an error, not a silent 0', async () => {
      const [rows, step] = [w.tensor([1, 0], [2], 'int32'), w.zeros([1], 'int32')];
      const f = (stop: (x: w.Tensor) => w.Tensor) => (x: w.Tensor) =>
        w.sum(w.mul(w.gatherBatch(stop(x), rows, step, { start: 0, stride: 0, rows: 2 }), w.square(x)));
      expect(await flat(w.grad(f(w.stopGradient))(w.tensor([2, 3])))).toEqual([12, 12]);
      expect(() => w.grad(f((x) => x))(w.tensor([2, 3]))).toThrow(
        /gatherBatch has no gradient.*depends on an argument through it.*stopGradient/,
      );
    });
  });

  describe('customGradient', () => {
    // ln(1 + eˣ), whose own gradient is infinity times 0 for a large x
    const softplus = w.customGradient((x: w.Tensor) => {
      const e = w.exp(x);
      return [w.log(w.add(e, 1)), (dy) => w.mul(dy, w.sub(1, w.div(1, w.add(e, 1))))];
    });

    test('replaces the gradient of what the function computed', async () => {
      expect(await flat(w.grad((x: w.Tensor) => w.sum(softplus(x)))(w.tensor([100, 0])))).toEqual([1, 0.5]);
      const plain = (x: w.Tensor) => w.sum(w.log(w.add(w.exp(x), 1)));
      expect(await flat(w.grad(plain)(w.tensor([100, 0])))).toEqual([Number.NaN, 0.5]);
    });

    test('is differentiated again through what it is made of', async () => {
      const twice = w.grad((x: w.Tensor) => w.sum(w.grad((t: w.Tensor) => w.sum(softplus(t)))(x)));
      expect((await flat(twice(w.tensor([0]))))[0]).toBeCloseTo(0.25, 6);
    });

    test('gives each of several arguments its own, and works with variables', async () => {
      const f = w.customGradient((a: w.Tensor, b: w.Tensor) => [w.mul(a, b), (dy) => [w.mul(dy, 10), w.mul(dy, 20)]]);
      const [v, u] = [w.variable([3]), w.variable([4])];
      const loss = w.sum(f(v, u));
      expect(await loss.item()).toBe(12);
      loss.backward();
      expect([await v.grad!.item(), await u.grad!.item()]).toEqual([10, 20]);
    });

    test('says what is wrong with what the function gives', () => {
      const x = w.ones([2]);
      const bad = (f: unknown) => () => w.grad((t: w.Tensor) => w.sum(w.customGradient(f as never)(t)))(x);
      expect(bad(() => w.ones([2]))).toThrow(
        'customGradient: the function must return [value, gradient], got a tensor',
      );
      expect(bad((t: w.Tensor) => [t, () => 1])).toThrow(
        'customGradient: expected a gradient for each of 1 arguments, got number 1',
      );
      expect(bad((t: w.Tensor) => [t, () => w.ones([3])])).toThrow(
        'customGradient: the gradient by argument 0 has shape [3], the argument [2]',
      );
      expect(() => w.customGradient(3 as never)).toThrow('customGradient: expected a function, got number 3');
    });
  });

  describe('backward', () => {
    test('fills the gradient of every trainable variable behind the loss, and forgets the tape', async () => {
      const v = w.variable([1, 2]);
      const other = w.variable(5);
      const frozen = w.variable([3, 3], { trainable: false });
      const unused = w.variable([1]);
      const loss = w.mul(w.sum(w.mul(w.square(v), frozen)), other);
      loss.backward();
      expect(await flat(v.grad!)).toEqual([30, 60]);
      expect(await other.grad!.item()).toBe(15);
      expect([frozen.grad, unused.grad]).toEqual([null, null]);
      expect(loss.producer).toBeNull();
    });

    test('replaces the gradient before, which it disposes of, and outlives the scope that it ran in', async () => {
      const v = w.variable([1, 2]);
      const step = () => w.scope(() => w.sum(w.square(v)).backward());
      step();
      const before = v.grad!;
      v.assign(w.tensor([5, 6]));
      step();
      expect(before.isDisposed).toBe(true);
      expect(await flat(v.grad!)).toEqual([10, 12]);
    });

    test('of variables that get the same values gives each its own', async () => {
      const [a, b] = [w.variable([1]), w.variable([2])];
      w.sum(w.add(a, b)).backward();
      a.grad!.dispose();
      expect(await flat(b.grad!)).toEqual([1]);
    });

    test('trains with an optimizer', async () => {
      const v = w.variable([4]);
      const optimizer = w.optimizers.SGD({ learningRate: 0.25 });
      for (let i = 0; i < 3; i++) {
        w.sum(w.square(v)).backward();
        optimizer.apply([[v.grad!, v]]);
      }
      expect(await flat(v)).toEqual([0.5]);
    });

    test('through what was disposed is an error and not a smaller gradient', () => {
      const [a, b] = [w.variable([1, 2]), w.variable([3])];
      const half = w.scope(() => w.sum(w.square(a)));
      expect(() => w.add(half, w.sum(b)).backward()).toThrow(/^gradient: Tensor .* was disposed/);
      const forgetful = (x: w.Tensor) => {
        const squared = w.square(x);
        const y = w.sum(squared);
        squared.dispose();
        return y;
      };
      expect(() => w.grad(forgetful)(w.ones([2]))).toThrow(w.BackendError);
    });

    test('leaves the value of valueAndGrad alone, whose tape ended with it', async () => {
      const [a, b] = [w.variable([1, 2]), w.variable([3])];
      const [value] = w.valueAndGrad((x: w.Tensor) => w.sum(w.mul(x, a)))(w.ones([2]));
      w.mul(value, w.sum(b)).backward();
      expect(a.grad).toBeNull();
      expect(await b.grad!.item()).toBe(3);
    });

    test('a second time, without variables, or on more than a number is a clear error', () => {
      const v = w.variable([1, 2]);
      const loss = w.sum(w.square(v));
      loss.backward();
      expect(() => loss.backward()).toThrow(w.ValueError);
      expect(() => loss.backward()).toThrow(/backward: .*its tape is gone: a second call needs a new loss/);
      expect(() => w.sum(w.ones([2])).backward()).toThrow(
        /backward: the loss does not depend on any trainable variable/,
      );
      expect(() => w.square(v).backward()).toThrow(w.ShapeError);
      expect(() => w.square(v).backward()).toThrow(/backward: the result must be one number, got shape \[2\]/);
    });
  });
}

describe('on the CPU', () => suite('cpu'));
describeGpu('on the GPU', () => suite('webgpu'));
