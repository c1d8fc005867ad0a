// First values of weights. Drawn on the host, so that every backend starts from the same ones.
import type { Shape } from '../backend/backend.ts';
import { keyOf, nextKey } from '../engine/seed.ts';
import { ShapeError, ValueError } from '../errors.ts';
import { normalValues, type RandomKey, truncatedNormalValues, uniformValues } from '../tensor/random.ts';
import { formatShape, sizeOf } from '../tensor/shape.ts';

/** Row-major values for a weight of that shape. With a fixed seed every call gives the same ones. */
export type Initializer = (shape: Shape) => ArrayLike<number>;

export interface Seeded {
  readonly seed?: number;
}

const keyFor = ({ seed }: Seeded): RandomKey => (seed === undefined ? nextKey() : keyOf(seed));

/** What flows in and out of one unit: see Glorot and Bengio 2010. Leading axes of a kernel are its receptive field. */
export function fans(shape: Shape): { fanIn: number; fanOut: number } {
  if (shape.length < 2) return { fanIn: sizeOf(shape), fanOut: sizeOf(shape) };
  const receptive = sizeOf(shape.slice(0, -2));
  return { fanIn: shape.at(-2)! * receptive, fanOut: shape.at(-1)! * receptive };
}

export const zeros = (): Initializer => (shape) => new Float64Array(sizeOf(shape));

export const ones = (): Initializer => constant({ value: 1 });

export const constant =
  ({ value = 0 }: { value?: number } = {}): Initializer =>
  (shape) =>
    new Float64Array(sizeOf(shape)).fill(value);

export const identity =
  ({ gain = 1 }: { gain?: number } = {}): Initializer =>
  (shape) => {
    if (shape.length !== 2) throw new ShapeError(`initializer identity: needs a matrix, got ${formatShape(shape)}`);
    const [rows, columns] = shape as [number, number];
    return Float64Array.from({ length: rows * columns }, (_, i) =>
      Math.floor(i / columns) === i % columns ? gain : 0,
    );
  };

export const randomUniform =
  ({ minval = -0.05, maxval = 0.05, ...seeded }: { minval?: number; maxval?: number } & Seeded = {}): Initializer =>
  (shape) =>
    uniformValues(keyFor(seeded), sizeOf(shape)).map((u) => minval + (maxval - minval) * u);

export const randomNormal =
  ({ mean = 0, stddev = 0.05, ...seeded }: { mean?: number; stddev?: number } & Seeded = {}): Initializer =>
  (shape) =>
    normalValues(keyFor(seeded), sizeOf(shape)).map((z) => mean + stddev * z);

export const truncatedNormal =
  ({ mean = 0, stddev = 0.05, ...seeded }: { mean?: number; stddev?: number } & Seeded = {}): Initializer =>
  (shape) =>
    truncatedNormalValues(keyFor(seeded), sizeOf(shape)).map((z) => mean + stddev * z);

export interface VarianceScalingOptions extends Seeded {
  readonly scale?: number;
  readonly mode?: 'fan_in' | 'fan_out' | 'fan_avg';
  readonly distribution?: 'uniform' | 'truncated_normal' | 'untruncated_normal';
}

/** The deviation that a normal distribution cut at two deviations has left. */
const TRUNCATED_DEVIATION = 0.87962566103423978;

/** Values whose variance is scale / fan: what keeps signals of one size from layer to layer. */
export function varianceScaling(options: VarianceScalingOptions = {}): Initializer {
  const { scale = 1, mode = 'fan_in', distribution = 'truncated_normal' } = options;
  if (!(scale > 0)) throw new ValueError(`initializer varianceScaling: scale must be above 0, got ${scale}`);
  return (shape) => {
    const { fanIn, fanOut } = fans(shape);
    const fan = { fan_in: fanIn, fan_out: fanOut, fan_avg: (fanIn + fanOut) / 2 }[mode];
    const variance = scale / Math.max(1, fan);
    const key = keyFor(options);
    const size = sizeOf(shape);
    if (distribution === 'uniform') {
      const limit = Math.sqrt(3 * variance);
      return uniformValues(key, size).map((u) => limit * (2 * u - 1));
    }
    if (distribution === 'untruncated_normal') return normalValues(key, size).map((z) => Math.sqrt(variance) * z);
    return truncatedNormalValues(key, size).map((z) => (Math.sqrt(variance) / TRUNCATED_DEVIATION) * z);
  };
}

export const glorotUniform = (seeded: Seeded = {}) =>
  varianceScaling({ mode: 'fan_avg', distribution: 'uniform', ...seeded });
export const glorotNormal = (seeded: Seeded = {}) => varianceScaling({ mode: 'fan_avg', ...seeded });
export const heUniform = (seeded: Seeded = {}) => varianceScaling({ scale: 2, distribution: 'uniform', ...seeded });
export const heNormal = (seeded: Seeded = {}) => varianceScaling({ scale: 2, ...seeded });
export const lecunUniform = (seeded: Seeded = {}) => varianceScaling({ distribution: 'uniform', ...seeded });
export const lecunNormal = (seeded: Seeded = {}) => varianceScaling(seeded);

const byName: Readonly<Record<string, () => Initializer>> = {
  zeros,
  ones,
  constant,
  identity,
  random_uniform: randomUniform,
  random_normal: randomNormal,
  truncated_normal: truncatedNormal,
  variance_scaling: varianceScaling,
  glorot_uniform: glorotUniform,
  glorot_normal: glorotNormal,
  he_uniform: heUniform,
  he_normal: heNormal,
  lecun_uniform: lecunUniform,
  lecun_normal: lecunNormal,
};

/** An initializer by its Keras name (or camelCase), or as it is. */
export function resolveInitializer(who: string, given: string | Initializer): Initializer {
  if (typeof given === 'function') return given;
  const make = byName[snakeCase(given)];
  if (make) return make();
  throw new ValueError(
    `${who}: unknown initializer ${JSON.stringify(given)}; there are ${Object.keys(byName).join(', ')}`,
  );
}

function snakeCase(name: string): string {
  return name.replace(/(?<!^)[A-Z]/g, (letter) => `_${letter}`).toLowerCase();
}
