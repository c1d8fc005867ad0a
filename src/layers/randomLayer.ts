// What the layers have in common that change images at random while training, and are nothing else.
import { ValueError } from '../errors.ts';
import { affineMatrices, affineResample } from '../ops/affine.ts';
import { tensor } from '../ops/create.ts';
import { add, mul } from '../ops/elementwise.ts';
import { finiteNumber, kindOf } from '../tensor/options.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { type ImageOptions, type ImageShape, images, PictureLayer } from './imageLayer.ts';
import type { CallOptions, PartialShape } from './layer.ts';
import { number, type Reader, type Settings, seed, word } from './settings.ts';

export interface RandomOptions extends ImageOptions {
  /** With one the layer draws from a stream of its own, so that two runs of one program change images alike. */
  readonly seed?: number | null;
}

export const drawing = { seed, ...images };

/** Its subclasses change a batch [n, h, w, c]; each image draws for itself. */
export abstract class RandomLayer<R extends typeof drawing = typeof drawing> extends PictureLayer<R> {
  private readonly stream = this.uniform(seedOf(this.settings));

  protected abstract change(x: Tensor): Tensor;

  protected imageShape(input: ImageShape): PartialShape {
    return input;
  }

  protected callOnImages(x: Tensor, { training }: CallOptions): Tensor {
    return training ? this.change(x) : x;
  }

  /** One number for each image and range, uniform in between: [n, ranges]. */
  protected draw(x: Tensor, ranges: readonly Range[]): Tensor {
    const drawn = this.stream([x.shape[0]!, ranges.length]);
    const spans = ranges.map(([low, high]) => high - low);
    return add(mul(drawn, tensor(spans)), tensor(ranges.map(([low]) => low)));
  }
}

const seedOf = ({ seed }: { readonly seed: number | null }) => seed;

export type Range = readonly [low: number, high: number];

/** A number between `least` and `most` for both sides, or a list of two. The numbers of a list are put in order. */
function sides(least: number, most: number, ofNumber: (size: number) => Range): Reader<Range> {
  return (who, name, given) => {
    const inside = (what: string, value: unknown) => {
      const found = finiteNumber(who, what, value);
      if (found >= least && found <= most) return found;
      throw new ValueError(`${who}: ${what} must lie from ${least} to ${most}, got ${found}`);
    };
    if (!Array.isArray(given)) return ofNumber(Math.abs(inside(name, given)));
    if (given.length !== 2) throw new ValueError(`${who}: ${name} must be a number or a list of two`);
    const [a, b] = given.map((value) => inside(`each of ${name}`, value)) as [number, number];
    return a <= b ? [a, b] : [b, a];
  };
}

/** f: anywhere from -f to f; of [low, high] from the one to the other. From -1 to 1. */
export const factor = sides(-1, 1, (size) => [-size, size]);

/** f: as far down as up, [f, f]. From 0 to 1. */
export const amount: Reader<Range> = (who, name, given) => {
  if (!Array.isArray(given)) return sides(0, 1, (size) => [size, size])(who, name, given);
  const [low, high] = [given[0], given[1]];
  // these are two distances and no interval: their order stays
  sides(0, 1, (size) => [size, size])(who, name, given);
  return [low, high];
};

/** The values that images have. */
export const valueRange: Reader<Range> = (who, name, given = [0, 255]) => {
  if (!Array.isArray(given) || given.length !== 2)
    throw new ValueError(`${who}: ${name} must be [low, high], got ${kindOf(given)}`);
  const [low, high] = given.map((value) => finiteNumber(who, `each of ${name}`, value)) as [number, number];
  if (low < high) return [low, high];
  throw new ValueError(`${who}: ${name} must be [low, high] with low < high, got [${low}, ${high}]`);
};

export interface FillOptions extends RandomOptions {
  /** What is seen outside: `reflect` (default), `nearest`, `wrap`, or `constant`: fillValue, into which edges fade. */
  readonly fillMode?: string;
  /** Default 0. */
  readonly fillValue?: number;
  /** `bilinear` (default) or `nearest`. */
  readonly interpolation?: string;
}

export const filling = {
  fillMode: word(['reflect', 'constant', 'wrap', 'nearest'], 'reflect'),
  fillValue: number(0),
  interpolation: word(['bilinear', 'nearest'], 'bilinear'),
  ...drawing,
};

/** How an image may be moved: what is not named stays as it is. */
export type Moves = Partial<Record<'theta' | 'tx' | 'ty' | 'zx' | 'zy' | 'flipHorizontal' | 'flipVertical', number>>;

/** x with each image seen in its own way. Each move names the column of the parameters that says how. */
export function moved(
  x: Tensor,
  parameters: Tensor,
  moves: Moves & { readonly zero: number; readonly one: number },
  { fillMode, fillValue, interpolation }: Pick<Settings<typeof filling>, 'fillMode' | 'fillValue' | 'interpolation'>,
  [p, q]: readonly [number, number] = [x.shape[1]!, x.shape[2]!],
): Tensor {
  const [, height, width] = x.shape as [number, number, number, number];
  const { zero, one, ...named } = moves;
  const still = {
    theta: zero,
    tx: zero,
    ty: zero,
    shear: zero,
    zx: one,
    zy: one,
    flipHorizontal: one,
    flipVertical: one,
  };
  const matrices = affineMatrices(parameters, { columns: { ...still, ...named }, width, height });
  const fill = fillMode === 'constant' ? 'blend' : fillMode;
  return affineResample(x, matrices, { p, q, fill, value: fillValue, linear: interpolation === 'bilinear' });
}

/** The two columns behind what is drawn. */
export const constants: readonly Range[] = [
  [0, 0],
  [1, 1],
];
