// Pillow's resizing, which is what Keras' load_img does: each output pixel is a sum of input pixels under a filter that is
// stretched when a picture shrinks, along rows first and then along columns, in whole numbers with 22 bits of fraction.
import type { RawImage } from '../../platform/index.ts';
import type { Box } from './crop.ts';

export type Interpolation = 'nearest' | 'box' | 'bilinear' | 'hamming' | 'bicubic' | 'lanczos';

interface Filter {
  /** Beyond this distance it is 0. */
  readonly support: number;
  readonly at: (x: number) => number;
}

const sinc = (x: number) => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));

const filters: Readonly<Record<Exclude<Interpolation, 'nearest'>, Filter>> = {
  box: { support: 0.5, at: (x) => (x > -0.5 && x <= 0.5 ? 1 : 0) },
  bilinear: { support: 1, at: (x) => Math.max(0, 1 - Math.abs(x)) },
  hamming: { support: 1, at: (x) => (Math.abs(x) < 1 ? sinc(x) * (0.54 + 0.46 * Math.cos(Math.PI * x)) : 0) },
  // of Keys, with a = -1/2
  bicubic: {
    support: 2,
    at: (signed) => {
      const x = Math.abs(signed);
      if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
      return x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
    },
  },
  lanczos: { support: 3, at: (x) => (x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0) },
};

export const interpolations: readonly Interpolation[] = ['nearest', 'box', 'bilinear', 'hamming', 'bicubic', 'lanczos'];

/** The picture, or a part of it, at another size. */
export function resample(
  image: RawImage,
  [height, width]: readonly [number, number],
  interpolation: Interpolation,
  box: Box = { top: 0, left: 0, height: image.height, width: image.width },
): RawImage {
  if (interpolation === 'nearest') return nearest(image, height, width, box);
  // Colours behind alpha must not shine through: they are weighed by it.
  const weighed = image.channels === 4 ? premultiplied(image) : image;
  const { support, at } = filters[interpolation];
  const wide = alongRows(weighed, weightsOf(image.width, box.left, box.width, width, support, at));
  const resized = alongColumns(wide, weightsOf(image.height, box.top, box.height, height, support, at));
  return image.channels === 4 ? divided(resized) : resized;
}

function nearest(image: RawImage, height: number, width: number, box: Box): RawImage {
  const [rows, columns] = [places(box.top, box.height, height), places(box.left, box.width, width)];
  const { channels } = image;
  const data = new Uint8Array(height * width * channels);
  let to = 0;
  for (const row of rows) {
    for (const column of columns) {
      const from = (row * image.width + column) * channels;
      for (let c = 0; c < channels; c++) data[to++] = image.data[from + c]!;
    }
  }
  return { height, width, channels, data };
}

/** The input pixels below the centres of the outputs. The sum that Pillow makes of steps is made here too, rounding and all. */
function places(first: number, from: number, to: number): Int32Array {
  const step = from / to;
  let at = first + step * 0.5;
  return Int32Array.from({ length: to }, () => {
    const place = Math.min(Math.floor(at), first + from - 1);
    at += step;
    return place;
  });
}

/** For each output its first input and the weights from there on, in 1/2^22. */
interface Weights {
  readonly firsts: Int32Array;
  readonly weights: readonly Int32Array[];
}

const ONE = 2 ** 22;

function weightsOf(
  length: number,
  first: number,
  from: number,
  to: number,
  support: number,
  filter: Filter['at'],
): Weights | null {
  if (from === to && first === 0 && from === length) return null;
  const scale = from / to;
  const stretch = Math.max(scale, 1);
  const firsts = new Int32Array(to);
  const weights = Array.from({ length: to }, (_, i) => {
    const center = first + (i + 0.5) * scale;
    const low = Math.max(0, Math.trunc(center - support * stretch + 0.5));
    const high = Math.min(length, Math.trunc(center + support * stretch + 0.5));
    firsts[i] = low;
    const raw = Float64Array.from({ length: high - low }, (_, j) => filter((low + j - center + 0.5) / stretch));
    const total = raw.reduce((sum, weight) => sum + weight, 0);
    return Int32Array.from(raw, (weight) => Math.trunc((weight / (total || 1)) * ONE + (weight < 0 ? -0.5 : 0.5)));
  });
  return { firsts, weights };
}

const clipped = (sum: number) => Math.min(255, Math.max(0, Math.floor((sum + ONE / 2) / ONE)));

function alongRows(image: RawImage, its: Weights | null): RawImage {
  if (!its) return image;
  const { height, channels, data: from } = image;
  const width = its.firsts.length;
  const data = new Uint8Array(height * width * channels);
  let to = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const begin = (y * image.width + its.firsts[x]!) * channels;
      to = sumsOf(from, begin, channels, its.weights[x]!, data, to, channels);
    }
  }
  return { height, width, channels, data };
}

function alongColumns(image: RawImage, its: Weights | null): RawImage {
  if (!its) return image;
  const { width, channels, data: from } = image;
  const height = its.firsts.length;
  const data = new Uint8Array(height * width * channels);
  const row = width * channels;
  let to = 0;
  for (let y = 0; y < height; y++) to = sumsOf(from, its.firsts[y]! * row, row, its.weights[y]!, data, to, row);
  return { height, width, channels, data };
}

/** `count` sums of values that lie `step` apart, the first ones from `begin` on. Returns where the next belong. */
function sumsOf(
  from: Uint8Array,
  begin: number,
  step: number,
  weights: Int32Array,
  data: Uint8Array,
  to: number,
  count: number,
): number {
  for (let i = 0; i < count; i++) {
    let sum = 0;
    for (let j = 0; j < weights.length; j++) sum += from[begin + i + j * step]! * weights[j]!;
    data[to + i] = clipped(sum);
  }
  return to + count;
}

function premultiplied(image: RawImage): RawImage {
  return eachColour(image, (value, alpha) => {
    const product = value * alpha + 128;
    return (product + (product >> 8)) >> 8;
  });
}

function divided(image: RawImage): RawImage {
  return eachColour(image, (value, alpha) =>
    alpha === 0 || alpha === 255 ? value : Math.min(255, Math.floor((255 * value) / alpha)),
  );
}

function eachColour(image: RawImage, change: (value: number, alpha: number) => number): RawImage {
  const data = image.data.map((value, i, all) => (i % 4 === 3 ? value : change(value, all[i - (i % 4) + 3]!)));
  return { ...image, data };
}
