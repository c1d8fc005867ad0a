// Conv2DTranspose against its definition: the convolution that Keras' output length belongs to, read backwards.
import { expect, test } from 'vitest';
import { Conv2DTranspose, Sequential, tensor } from 'wgslgrad';
import { expectClose, onEachBackend, wave } from '../models/support.ts';

interface Line {
  readonly n: number;
  readonly kernel: number;
  readonly stride: number;
  readonly padding: 'valid' | 'same';
  readonly dilation?: number;
  readonly outputPadding?: number;
}

// biome-ignore format: a table
const lines: readonly Line[] = [
  ...[1, 2, 3, 4, 5].flatMap((kernel) => [1, 2, 3].flatMap((stride) => (['valid', 'same'] as const).map((padding) => ({ n: 4, kernel, stride, padding })))),
  ...[2, 3].flatMap((dilation) => (['valid', 'same'] as const).map((padding) => ({ n: 4, kernel: 3, stride: 1, padding, dilation }))),
  ...[1, 2, 3, 4].flatMap((kernel) => [0, 1, 2].flatMap((outputPadding) => (['valid', 'same'] as const).map((padding) => ({ n: 3, kernel, stride: 3, padding, outputPadding })))),
];

/** The length that Keras gives. */
function lengthOf({ n, kernel, stride, padding, dilation = 1, outputPadding }: Line): number {
  const e = (kernel - 1) * dilation + 1;
  if (outputPadding === undefined) return padding === 'same' ? n * stride : (n - 1) * stride + Math.max(e, stride);
  return (n - 1) * stride + e - (padding === 'same' ? 2 * Math.floor(e / 2) : 0) + outputPadding;
}

/** Where the first window of a convolution over that length begins, before its first cell. */
function beforeOf(line: Line): number {
  const { n, kernel, stride, padding, dilation = 1 } = line;
  if (padding === 'valid') return 0;
  const total = Math.max((n - 1) * stride + (kernel - 1) * dilation + 1 - lengthOf(line), 0);
  return Math.floor(total / 2);
}

/** y[p] = sum over i, u with p = i * stride + u * dilation - before of x[i] kernel[u]. */
function expected(line: Line, x: Float32Array, kernel: Float32Array): number[] {
  const y = new Array<number>(lengthOf(line)).fill(0);
  x.forEach((value, i) => {
    kernel.forEach((weight, u) => {
      const p = i * line.stride + u * (line.dilation ?? 1) - beforeOf(line);
      if (p >= 0 && p < y.length) y[p]! += value * weight;
    });
  });
  return y;
}

onEachBackend(
  (place) => {
    test.each(lines)('rows: $n by $kernel, strides $stride, $padding, $dilation, $outputPadding', async (line) => {
      const [x, kernel] = [wave(line.n), wave(line.kernel, 3)];
      const { stride, padding, dilation = 1, outputPadding = null } = line;
      const layer = Conv2DTranspose(1, [line.kernel, 1], {
        strides: [stride, 1],
        padding,
        dilationRate: [dilation, 1],
        outputPadding: outputPadding === null ? null : [outputPadding, 0],
        useBias: false,
        inputShape: [line.n, 1, 1],
      });
      const model = new Sequential([layer]);
      model.setWeights([kernel]);
      const y = model.apply(tensor(x, [1, line.n, 1, 1]));
      expect(model.outputShape).toEqual([null, lengthOf(line), 1, 1]);
      expect(y.shape).toEqual([1, lengthOf(line), 1, 1]);
      expectClose(await y.data(), expected(line, x, kernel), place);
    });
  },
  ['cpu float64'],
);

onEachBackend((place) => {
  test('a kernel (kh, kw, out, in) and a bias', async () => {
    const model = new Sequential([Conv2DTranspose(2, 1, { activation: 'relu', inputShape: [1, 1, 3] })]);
    model.setWeights([Float32Array.of(1, 2, 3, -4, -5, -6), Float32Array.of(0.5, 0.5)]);
    expectClose(await model.apply(tensor([[[[1, 10, 100]]]])).data(), [321.5, 0], place);
    expect(model.countParams()).toBe(8);
  });

  test('strides without overlap put kernels side by side', async () => {
    const model = new Sequential([Conv2DTranspose(1, 2, { strides: 2, useBias: false, inputShape: [1, 2, 1] })]);
    model.setWeights([Float32Array.of(1, 2, 3, 4)]);
    expectClose(await model.apply(tensor([1, 10], [1, 1, 2, 1])).data(), [1, 2, 10, 20, 3, 4, 30, 40], place);
  });
});
