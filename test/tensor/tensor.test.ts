// What a tensor is, from its making to its end.
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import * as w from '../../src/index.ts';
import { describeGpu } from '../setup/adapters.ts';

function suite(backend: 'cpu' | 'webgpu') {
  beforeAll(() => w.init({ backend }));
  afterAll(() => w.close());
  afterEach(() => {
    vi.restoreAllMocks();
  });

  describe('making', () => {
    test('data takes the shape that it is given, with one length left open', async () => {
      const x = w.tensor([1, 2, 3, 4, 5, 6], [2, -1]);
      expect([x.shape, x.rank, x.size]).toEqual([[2, 3], 2, 6]);
      expect(await x.array()).toEqual([
        [1, 2, 3],
        [4, 5, 6],
      ]);
      expect(w.tensor([3], []).shape).toEqual([]);
      expect(await w.tensor(3).array()).toBe(3);
      expect(await w.tensor([3]).item()).toBe(3);
    });

    test('an array that it was made from may change afterwards', async () => {
      const data = Float32Array.of(1, 2);
      const x = w.tensor(data);
      data[0] = 9;
      expect(await x.array()).toEqual([1, 2]);
      const read = await x.data();
      read[1] = 9;
      expect(await x.array()).toEqual([1, 2]);
    });

    test('fills, counts and spaces', async () => {
      expect(await w.full([2], -1.5).array()).toEqual([-1.5, -1.5]);
      expect(await w.eye(2, 3).array()).toEqual([
        [1, 0, 0],
        [0, 1, 0],
      ]);
      expect(await w.arange(4).array()).toEqual([0, 1, 2, 3]);
      expect(await w.arange(5, 0, -2).array()).toEqual([5, 3, 1]);
      expect(await w.arange(3, 0).array()).toEqual([]);
      expect(await w.linspace(0, 1, 5).array()).toEqual([0, 0.25, 0.5, 0.75, 1]);
      expect(await w.linspace(2, 3, 1).array()).toEqual([2]);
    });

    test('sizes of 0 are allowed where the maths is', async () => {
      const x = w.zeros([0, 3]);
      expect([x.size, await x.array()]).toEqual([0, []]);
      expect(await w.add(x, 1).array()).toEqual([]);
      expect(w.transpose(x).shape).toEqual([3, 0]);
      expect(await w.matmul(w.zeros([2, 0]), w.zeros([0, 2])).array()).toEqual([
        [0, 0],
        [0, 0],
      ]);
    });
  });

  describe('printing', () => {
    const printed = async (x: w.Tensor) => {
      const log = vi.spyOn(console, 'log').mockImplementation(() => {});
      await x.print();
      return log.mock.lastCall?.[0];
    };

    test('shows shape, dtype and elements', async () => {
      expect(
        await printed(
          w.tensor([
            [1, 0.5],
            [2, 1 / 3],
          ]),
        ),
      ).toBe('Tensor [2, 2] float32\n[[1, 0.5],\n [2, 0.3333333]]');
      expect(await printed(w.tensor([true, false]))).toBe('Tensor [2] bool\n[true, false]');
      expect(await printed(w.tensor(7))).toBe('Tensor [] float32\n7');
      expect(await printed(w.zeros([0]))).toBe('Tensor [0] float32\n[]');
    });

    test('leaves out the middle of long axes', async () => {
      expect(await printed(w.arange(100))).toBe('Tensor [100] int32\n[0, 1, 2, 3, ..., 96, 97, 98, 99]');
    });

    test('a tensor in a text says what it is', () => {
      expect(`${w.ones([2, 3], 'uint8')}`).toBe('Tensor [2, 3] uint8');
    });
  });

  describe('the end', () => {
    test('dispose gives the storage back, is final, and can be repeated', async () => {
      const before = w.memory();
      const x = w.ones([100]);
      expect(w.memory().bytes).toBeGreaterThan(before.bytes);
      x.dispose();
      x.dispose();
      expect(w.memory()).toMatchObject({ tensors: before.tensors, bytes: before.bytes, buffers: before.buffers });
      expect(x.isDisposed).toBe(true);
      await expect(x.data()).rejects.toThrow(w.BackendError);
      await expect(x.array()).rejects.toThrow(/Tensor \[100\] float32 was disposed/);
      expect(() => w.neg(x)).toThrow(/was disposed/);
    });

    test('`using` ends a tensor with its block', () => {
      const before = w.memory().tensors;
      let seen: w.Tensor;
      {
        using x = w.ones([3]);
        seen = x;
        expect(w.memory().tensors).toBe(before + 1);
      }
      expect(seen.isDisposed).toBe(true);
      expect(w.memory().tensors).toBe(before);
    });

    test('storage that several tensors share stays until the last of them', async () => {
      const x = w.tensor([1, 2, 3, 4]);
      const buffers = w.memory().buffers;
      const view = w.reshape(x, [2, 2]);
      expect(w.memory().buffers).toBe(buffers);
      x.dispose();
      expect(await view.array()).toEqual([
        [1, 2],
        [3, 4],
      ]);
      view.dispose();
      expect(w.memory().buffers).toBe(buffers - 1);
    });

    test('what was asked for before a dispose is still read', async () => {
      const x = w.tensor([1, 2]);
      const reading = w.add(x, 1).data();
      x.dispose();
      expect(Array.from(await reading)).toEqual([2, 3]);
    });
  });

  describe('a scope', () => {
    test('keeps what it returns, also inside lists, maps and objects, and nothing else', async () => {
      const before = w.memory().tensors;
      const kept = w.scope(() => {
        const [a, b, c, d] = [w.ones([1]), w.ones([2]), w.ones([3]), w.ones([4])];
        return { a, list: [b, { deep: c }], map: new Map([['d', d]]), lost: w.add(a, 1).size };
      });
      expect(w.memory().tensors).toBe(before + 4);
      expect(await kept.map.get('d')!.array()).toEqual([1, 1, 1, 1]);
      w.scope(() => kept);
      expect(w.memory().tensors).toBe(before + 4);
    });

    test('hands what it returns to the scope around it', () => {
      const before = w.memory().tensors;
      const size = w.scope(() => w.scope(() => w.ones([5])).size);
      expect([size, w.memory().tensors]).toEqual([5, before]);
    });

    test('leaves tensors from outside alone, and may end its own earlier', async () => {
      const outside = w.ones([2]);
      const result = w.scope(() => {
        const inside = w.add(outside, 1);
        const next = w.mul(inside, 2);
        inside.dispose();
        return next;
      });
      expect([await outside.array(), await result.array()]).toEqual([
        [1, 1],
        [4, 4],
      ]);
    });

    test('that throws frees what was made, and the one around goes on', () => {
      const before = w.memory().tensors;
      const fail = () => {
        w.ones([3]);
        throw new Error('stop');
      };
      w.scope(() => {
        expect(() => w.scope(fail)).toThrow('stop');
        w.ones([2]);
      });
      expect(w.memory().tensors).toBe(before);
    });

    test('does not end variables', async () => {
      const v = w.scope(() => {
        const made = w.variable([1]);
        return () => made;
      })();
      expect(await v.array()).toEqual([1]);
    });
  });
}

describe('on the CPU', () => suite('cpu'));
describeGpu('on the GPU', () => suite('webgpu'));

describe('reading at once', () => {
  test('works on the CPU', async () => {
    await w.init({ backend: 'cpu' });
    expect(Array.from(w.add(w.ones([2]), 1).dataSync())).toEqual([2, 2]);
    await w.close();
  });
});

describeGpu('two backends in one process', () => {
  afterAll(() => w.close());

  test('a tensor is of the backend that made it; values go over as arrays', async () => {
    await w.init({ backend: 'cpu', dtype: 'float64' });
    const old = w.tensor([1, 1 / 3]);
    expect(old.dtype).toBe('float64');
    const values = await old.data();
    expect(await w.init({ backend: 'webgpu' })).toMatchObject({ backend: 'webgpu' });
    expect(() => w.neg(old)).toThrow(w.BackendError);
    expect(() => w.neg(old)).toThrow(/belongs to a backend that was closed/);
    expect(() => w.add(w.ones([2]), old)).toThrow(w.BackendError);
    await expect(old.data()).rejects.toThrow(/belongs to a backend that was closed/);
    expect(await w.tensor(values).array()).toEqual([1, Math.fround(1 / 3)]);
    expect(() => w.ones([2]).dataSync()).toThrow(/the webgpu backend reads asynchronously; use await data\(\)/);
  });

  test('the oracle of gradcheck runs beside the GPU, whose tensors stay good', async () => {
    await w.init({ backend: 'webgpu' });
    const x = w.tensor([0.5, 2]);
    const error = await w.gradcheck((t) => w.sum(w.exp(t!)), [x]);
    expect(error).toBeLessThan(1e-7);
    expect(await w.mul(x, 2).array()).toEqual([1, 4]);
  });

  test('tensors that outlive their backend may be disposed of, and memory is counted anew', async () => {
    await w.init({ backend: 'webgpu' });
    const x = w.ones([1000]);
    await w.close();
    x.dispose();
    expect(w.memory()).toMatchObject({ backend: 'none', bytes: 0, buffers: 0, pooledBytes: 0 });
    await w.init({ backend: 'cpu' });
    expect(w.memory()).toMatchObject({ backend: 'cpu', bytes: 0, buffers: 0 });
    expect(() => w.neg(x)).toThrow(/was disposed/);
  });
});
