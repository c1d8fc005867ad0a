// What a kernel hands over to the next without a dispatch: the same values as when each runs alone, and only where nobody else
// needs what lies between.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Backend, DType, View } from '../../src/backend/backend.ts';
import { type KernelCall, overwritten } from '../../src/backend/kernels.ts';
import { bytesOf, makeArray } from '../../src/tensor/dtype.ts';
import { sizeOf } from '../../src/tensor/shape.ts';
import { describeGpu } from '../setup/adapters.ts';
import { type Convolution, fitted } from '../support/convolutions.ts';
import { TwoBackends } from '../support/twoBackends.ts';
import { integers } from '../support/values.ts';

interface Named {
  readonly shape: readonly number[];
  readonly dtype?: DType;
  /** Its first elements; the others are whole numbers, or what a call leaves there. */
  readonly data?: ArrayLike<number>;
  /** Another one that it lies in, from an element on. */
  readonly inside?: readonly [name: string, from: number];
}

type Memory = Readonly<Record<string, Named>>;
type Listed = readonly [kernel: KernelCall['kernel'], inputs: string[], outputs: string[], attrs: object];

/** A list of calls on named memory. */
class Script {
  readonly calls: KernelCall[];
  private readonly views = new Map<string, View>();
  private readonly backend: Backend;

  constructor(backend: Backend, memory: Memory, list: readonly Listed[]) {
    this.backend = backend;
    for (const [name, one] of Object.entries(memory)) this.views.set(name, this.place(one));
    const found = (name: string) => this.views.get(name)!;
    // The table of a test names kernels beside their own attributes.
    this.calls = list.map(
      ([kernel, inputs, outputs, attrs]) =>
        ({ kernel, inputs: inputs.map(found), outputs: outputs.map(found), attrs }) as KernelCall,
    );
  }

  private place({ shape, dtype = 'float32', data, inside }: Named): View {
    const bytes = Math.ceil((sizeOf(shape) * bytesOf(dtype)) / 256) * 256;
    const outer = inside && this.views.get(inside[0])!;
    const storage = outer?.storage ?? this.backend.allocate(bytes);
    const byteOffset = outer ? outer.byteOffset + inside[1] * bytesOf(dtype) : 0;
    const view = { shape, dtype, storage, byteOffset };
    if (outer && !data) return view;
    const values = makeArray(dtype, sizeOf(shape));
    values.set(data ?? integers(values.length, this.views.size));
    this.backend.write(view, values);
    return view;
  }

  results(names: readonly string[]): View[] {
    return names.map((name) => this.views.get(name)!);
  }

  read(names: readonly string[]): Promise<ArrayLike<number>[]> {
    return Promise.all(this.results(names).map((view) => this.backend.read(view)));
  }

  dispose(): void {
    for (const storage of new Set([...this.views.values()].map((view) => view.storage))) this.backend.free(storage);
  }
}

const order = { shape: [8], dtype: 'int32' as const, data: [5, 2, 7, 0, 1, 6, 3, 4] };
const counter = (value = 0) => ({ shape: [1], dtype: 'int32' as const, data: [value] });

const conv: Convolution = fitted([3, 8, 9, 2], [3, 3, 2, 8], { padding: 'same' });
const even = { strideH: 1, strideW: 1, dilationH: 1, dilationW: 1, padTop: 0, padLeft: 0 };
const pool = { ...even, p: 4, q: 4, strideH: 2, strideW: 2, poolH: 2, poolW: 2 };
const pooled = [3, 4, 4, 8];

const images: Memory = {
  images: { shape: [8, 8, 9, 2] },
  order,
  cursor: counter(1),
  batch: { shape: conv.x },
  kernel: { shape: conv.kernel },
  y: { shape: pooled },
  winner: { shape: pooled, dtype: 'int32' },
  slopes: { shape: pooled },
  dkernel: { shape: conv.kernel },
  dbias: { shape: [1, 8] },
  copy: { shape: conv.x },
};
const gather: Listed = ['gatherBatch', ['images', 'order', 'cursor'], ['batch'], { start: 0, stride: 3, rows: 3 }];
const forward: Listed = [
  'conv2dMaxPool2d',
  ['batch', 'kernel'],
  ['y', 'winner'],
  { ...conv.attrs, activation: 'relu', pool },
];
const backward: Listed = [
  'conv2dMaxPool2dGradKernel',
  ['batch', 'slopes', 'winner', 'y'],
  ['dkernel', 'dbias'],
  { ...conv.attrs, pool, shape: conv.kernel, relu: true, bias: true },
];
const next: Listed = ['increment', ['cursor'], [], { by: 1 }];

const plain = { batch: 1, broadcastA: false, broadcastB: false, transposeA: false, transposeB: false };
const classes: Memory = {
  labels: { shape: [8, 4], data: Array.from({ length: 32 }, (_, i) => Number(i % 4 === (i >> 3) % 4)) },
  order,
  cursor: counter(1),
  batch: { shape: [3, 4] },
  x: { shape: [1, 3, 600], data: integers(1800, 3, 1) },
  kernel: { shape: [1, 600, 4], data: integers(2400, 4, 1).map((value) => value / 64) },
  bias: { shape: [4] },
  logits: { shape: [3, 4] },
  loss: { shape: [3] },
  slope: { shape: [3, 4] },
  y: { shape: [3, 4] },
  hit: { shape: [3] },
  totals: { shape: [128], data: new Float32Array(128) },
  losses: { shape: [1], inside: ['totals', 0] },
  hits: { shape: [1], inside: ['totals', 64] },
};
const gatherLabels: Listed = [
  'gatherBatch',
  ['labels', 'order', 'cursor'],
  ['batch'],
  { start: 0, stride: 3, rows: 3 },
];
const product: Listed = [
  'matmul',
  ['x', 'kernel', 'bias'],
  ['logits'],
  { ...plain, m: 3, n: 4, k: 600, activation: 'linear' },
];
const classify: Listed = ['classify', ['logits', 'batch'], ['loss', 'slope', 'y', 'hit'], { scale: 1 / 3 }];
const countLoss: Listed = ['accumulate', ['losses', 'loss'], [], { scale: 1 }];
const countHits: Listed = ['accumulate', ['hits', 'hit'], [], { scale: 1 }];

const { dkernel: _, dbias: __, ...alone } = images;
const weights: Memory = {
  ...alone,
  // whole numbers, so that an update that counts wrongly shows
  gradient: { shape: [256] },
  dkernel: { shape: conv.kernel, inside: ['gradient', 0] },
  dbias: { shape: [1, 8], inside: ['gradient', 192] },
  w: { shape: [256] },
  m: { shape: [256], data: new Float32Array(256) },
  v: { shape: [256], data: new Float32Array(256) },
  iteration: counter(3),
  rate: { shape: [1], data: [0.01] },
};
const adam: Listed = [
  'adam',
  ['w', 'm', 'v', 'gradient', 'iteration', 'rate'],
  [],
  { beta1: 0.9, beta2: 0.999, epsilon: 1e-7 },
];
const counted: Listed = ['increment', ['iteration'], [], { by: 1 }];

describeGpu('linked kernels', () => {
  let both: TwoBackends;
  beforeAll(async () => {
    both = await TwoBackends.open();
  });
  afterAll(async () => {
    expect(both.gpu.memory().buffers).toBe(0);
    await both.close();
  });

  /** Runs a list twice on both backends, and compares what it promises; gives the dispatches of a run. */
  async function prove(
    memory: Memory,
    list: readonly Listed[],
    kept: readonly string[],
    tolerance = 0,
  ): Promise<number> {
    const changed = list.flatMap(([kernel, inputs]) => (overwritten[kernel] ?? []).map((i) => inputs[i]!));
    const names = [...new Set([...kept, ...changed])];
    const outcomes: ArrayLike<number>[][] = [];
    let dispatches = 0;
    for (const backend of [both.cpu, both.gpu] as const) {
      const script = new Script(backend, memory, list);
      const replay = await backend.prepare(script.calls, script.results(kept));
      replay.run();
      replay.run();
      outcomes.push(await script.read(names));
      dispatches = replay.dispatches;
      replay.dispose();
      script.dispose();
    }
    const [expected, found] = outcomes as [ArrayLike<number>[], ArrayLike<number>[]];
    names.forEach((name, i) => {
      const largest = Math.max(...Array.from(expected[i]!, Math.abs));
      const off = Array.from(found[i]!).findIndex(
        (value, at) => !(Math.abs(value - expected[i]![at]!) <= tolerance * largest),
      );
      expect(off < 0 ? null : `${name}[${off}] is ${found[i]![off]}, not ${expected[i]![off]}`).toBe(null);
    });
    return dispatches;
  }

  describe('a batch of images', () => {
    const split = 3; // the gradients, and the sums of their parts

    test('is found in the data set by the kernels that read it', async () => {
      const list = [gather, forward, backward, next];
      expect(await prove(images, list, ['y', 'dkernel', 'dbias'])).toBe(1 + split + 1);
    });

    test.each(['float32', 'uint8'] as const)('of %s is found there by what transforms it', async (dtype) => {
      const table = { shape: [8, 8, 9, 2], dtype, data: integers(1152, 5).map(Math.abs) };
      const turns = [0.5, 0, 1, 0, -1, 7, 0, 1, 0.5, 1, 0, 0, -1, 0, 8, 0, 0.25, 2];
      const memory: Memory = {
        ...{ images: table, order, cursor: counter(1), batch: { shape: conv.x, dtype } },
        matrices: { shape: [3, 6], data: turns },
        seen: { shape: conv.x },
        copy: { shape: conv.x, dtype },
      };
      const attrs = { p: 8, q: 9, fill: 'reflect', value: 0, linear: true };
      const resample: Listed = ['affineResample', ['batch', 'matrices'], ['seen'], attrs];
      expect(await prove(memory, [gather, resample, next], ['seen'])).toBe(2);
      const look: Listed = ['copy', ['batch'], ['copy'], { shape: conv.x }];
      expect(await prove(memory, [gather, resample, look, next], ['seen', 'copy'])).toBe(4);
    });

    test('is gathered when somebody else reads it', async () => {
      const list: Listed[] = [gather, forward, ['copy', ['batch'], ['copy'], { shape: conv.x }], next];
      expect(await prove(images, list, ['y', 'copy'])).toBe(4);
    });

    test('is gathered when it is a result', async () => {
      expect(await prove(images, [gather, forward, next], ['y', 'batch'])).toBe(3);
    });

    test('is gathered when the cursor moves on before it is read', async () => {
      expect(await prove(images, [gather, next, forward], ['y'])).toBe(3);
    });
  });

  describe('the end of a network', () => {
    const near = 2 ** -20;

    test('is one dispatch behind the product', async () => {
      const list = [gatherLabels, product, classify, countLoss, countHits];
      expect(await prove(classes, list, ['slope'], near)).toBe(2);
    });

    test('counts the loss alone', async () => {
      expect(await prove(classes, [gatherLabels, product, classify, countLoss], ['slope'], near)).toBe(2);
    });

    test('takes logits as they are', async () => {
      const memory = { ...classes, logits: { shape: [3, 4], data: integers(12, 9) } };
      expect(await prove(memory, [gatherLabels, classify, countLoss, countHits], ['slope'], near)).toBe(1);
    });

    test.each([
      ['when probabilities are a result', ['slope', 'y']],
      ['when losses are a result', ['slope', 'loss']],
    ])('stays apart %s', async (_, kept) => {
      const list = [gatherLabels, product, classify, countLoss, countHits];
      expect(await prove(classes, list, kept, near)).toBe(6);
    });

    test('stays apart when a total is looked at in between', async () => {
      const memory = { ...classes, seen: { shape: [1] } };
      const look: Listed = ['copy', ['losses'], ['seen'], { shape: [1] }];
      const list = [gatherLabels, product, classify, look, countLoss, countHits];
      expect(await prove(memory, list, ['seen', 'slope'], near)).toBe(7);
    });

    test('stays apart when somebody else reads the labels', async () => {
      const memory = { ...classes, seen: { shape: [3, 4] } };
      const look: Listed = ['copy', ['batch'], ['seen'], { shape: [3, 4] }];
      const list = [gatherLabels, product, classify, countLoss, countHits, look];
      expect(await prove(memory, list, ['seen', 'slope'], near)).toBe(7);
    });

    test('stays apart when the cursor moves on before the labels are read', async () => {
      const list = [gatherLabels, next, product, classify, countLoss, countHits];
      expect(await prove(classes, list, ['slope'], near)).toBe(7);
    });

    test('takes the sum of parts whose bias changes before it', async () => {
      const memory = { ...classes, other: { shape: [4], data: [9, -9, 9, -9] } };
      const change: Listed = ['assign', ['bias', 'other'], [], {}];
      const list = [gatherLabels, product, change, classify, countLoss, countHits];
      expect(await prove(memory, list, ['slope'], near)).toBe(4);
    });

    test('stays apart when its slopes lie in the buffer of the bias', async () => {
      const memory = {
        ...Object.fromEntries(Object.entries(classes).filter(([name]) => name !== 'slope' && name !== 'bias')),
        shared: { shape: [128] },
        bias: { shape: [4], inside: ['shared', 0] as const },
        slope: { shape: [3, 4], inside: ['shared', 64] as const },
      };
      const list = [gatherLabels, product, classify, countLoss, countHits];
      expect(await prove(memory, list, ['slope'], near)).toBe(6);
    });

    test('leaves the parts of logits that are a result to a sum', async () => {
      const list = [gatherLabels, product, classify, countLoss, countHits];
      expect(await prove(classes, list, ['slope', 'logits'], near)).toBe(3);
    });
  });

  describe('Adam', () => {
    const near = 2 ** -20;

    test('adds up the parts of gradients and moves on the cursor', async () => {
      expect(await prove(weights, [gather, forward, backward, adam, next], [], near)).toBe(3);
    });

    test('leaves gradients that are a result to a sum', async () => {
      expect(await prove(weights, [gather, forward, backward, adam, next], ['dkernel', 'dbias'], near)).toBe(5);
    });

    test('leaves a gradient that is read before it to a sum', async () => {
      const memory = { ...weights, doubled: { shape: [1, 8] } };
      const double: Listed = ['binary', ['dbias', 'dbias'], ['doubled'], { fn: 'add' }];
      expect(await prove(memory, [gather, forward, backward, double, adam, next], ['doubled'], near)).toBe(5);
    });

    test('keeps the parts of two optimizers apart', async () => {
      const again = Object.fromEntries(
        Object.entries(weights)
          .filter(([name]) => ['gradient', 'w', 'm', 'v', 'iteration', 'rate'].includes(name))
          .map(([name, one]) => [`${name}2`, one]),
      );
      const memory: Memory = {
        ...weights,
        ...again,
        slopes2: { shape: pooled },
        dkernel2: { shape: conv.kernel, inside: ['gradient2', 0] },
        dbias2: { shape: [1, 8], inside: ['gradient2', 192] },
      };
      const [, , , attrs] = backward;
      const backward2: Listed = [backward[0], ['batch', 'slopes2', 'winner', 'y'], ['dkernel2', 'dbias2'], attrs];
      const adam2: Listed = [adam[0], ['w2', 'm2', 'v2', 'gradient2', 'iteration2', 'rate2'], [], adam[3]];
      expect(await prove(memory, [gather, forward, backward, backward2, adam, adam2, next], [], near)).toBe(5);
    });

    test('counts its own updates after it has read their number', async () => {
      expect(await prove(weights, [adam, counted], [], near)).toBe(2);
    });

    test('counts windows of calls, whoever moved the counter on', async () => {
      const shared = { ...adam[3], every: 2, decay: 0.5, decayed: 128 };
      const everySecond: Listed = [adam[0], adam[1], [], shared];
      expect(await prove(weights, [everySecond, counted], [], near)).toBe(2);
      const logits = { shape: [3, 4], data: integers(12, 9) };
      const memory = { ...weights, ...classes, kernel: weights.kernel!, order, cursor: counter(1), logits };
      const list = [gatherLabels, classify, countLoss, countHits, everySecond, counted, next];
      expect(await prove({ ...memory, batch: classes.batch!, y: classes.y! }, list, ['slope'], near)).toBe(2);
    });

    test('does not move on a counter that is looked at before', async () => {
      const memory = { ...weights, seen: { shape: [1], dtype: 'int32' as const } };
      const look: Listed = ['copy', ['cursor'], ['seen'], { shape: [1] }];
      expect(await prove(memory, [adam, look, next], ['seen'], near)).toBe(3);
    });

    test('knows that the classifier counted before it', async () => {
      const memory = { ...weights, ...classes, kernel: weights.kernel!, y: weights.y!, order, cursor: counter(1) };
      const logits = { shape: [3, 4], data: integers(12, 9) };
      const list = [gatherLabels, classify, countLoss, countHits, adam, counted, next];
      const renamed = { ...memory, batch: classes.batch!, y: classes.y!, logits };
      expect(await prove(renamed, list, ['slope'], near)).toBe(2);
    });
  });
});
