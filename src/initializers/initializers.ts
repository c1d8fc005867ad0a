// First values of weights. Drawn on the host, so that every backend starts from the same ones.
import type { Shape } from '../backend/backend.ts';
import { keyOf, nextKey } from '../engine/seed.ts';
import { ShapeError, ValueError } from '../errors.ts';
import { entryNamed, snakeCase } from '../tensor/names.ts';
import { finiteNumber, refuseUnknown, wholeNumber } from '../tensor/options.ts';
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

export const zeros = (): Initializer => constant();

export const ones = (): Initializer => constant({ value: 1 });

export function constant(options: { value?: number } = {}): Initializer {
  const { value } = numbers('constant', options, { value: 0 });
  return (shape) => new Float64Array(sizeOf(shape)).fill(value);
}

export function identity(options: { gain?: number } = {}): Initializer {
  const { gain } = numbers('identity', options, { gain: 1 });
  return (shape) => {
    if (shape.length !== 2) throw new ShapeError(`initializer identity: needs a matrix, got ${formatShape(shape)}`);
    const [rows, columns] = shape as [number, number];
    return Float64Array.from({ length: rows * columns }, (_, i) =>
      Math.floor(i / columns) === i % columns ? gain : 0,
    );
  };
}

export function randomUniform(options: { minval?: number; maxval?: number } & Seeded = {}): Initializer {
  const { minval, maxval } = numbers('randomUniform', options, { minval: -0.05, maxval: 0.05 });
  return (shape) => uniformValues(keyFor(options), sizeOf(shape)).map((u) => minval + (maxval - minval) * u);
}

export function randomNormal(options: NormalOptions = {}): Initializer {
  const { mean, stddev } = numbers('randomNormal', options, { mean: 0, stddev: 0.05 });
  return (shape) => normalValues(keyFor(options), sizeOf(shape)).map((z) => mean + stddev * z);
}

/** Normal values redrawn until they lie within two deviations. */
export function truncatedNormal(options: NormalOptions = {}): Initializer {
  const { mean, stddev } = numbers('truncatedNormal', options, { mean: 0, stddev: 0.05 });
  return (shape) => truncatedNormalValues(keyFor(options), sizeOf(shape)).map((z) => mean + stddev * z);
}

export interface NormalOptions extends Seeded {
  readonly mean?: number;
  readonly stddev?: number;
}

const modes = ['fan_in', 'fan_out', 'fan_avg'] as const;
const distributions = ['uniform', 'truncated_normal', 'untruncated_normal'] as const;

export interface VarianceScalingOptions extends Seeded {
  readonly scale?: number;
  readonly mode?: (typeof modes)[number];
  readonly distribution?: (typeof distributions)[number];
}

/** The deviation that a normal distribution cut at two deviations has left. */
const TRUNCATED_DEVIATION = 0.87962566103423978;

/** Values whose variance is scale / fan: what keeps signals of one size from layer to layer. */
export function varianceScaling(options: VarianceScalingOptions = {}): Initializer {
  const { mode = 'fan_in', distribution = 'truncated_normal', ...rest } = options;
  const { scale } = numbers('varianceScaling', rest, { scale: 1 });
  if (scale === 0) throw new ValueError('initializer varianceScaling: scale must be above 0, got 0');
  requireOneOf('mode', mode, modes);
  requireOneOf('distribution', distribution, distributions);
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

function requireOneOf(name: string, value: unknown, allowed: readonly string[]): void {
  if (allowed.some((one) => one === value)) return;
  throw new ValueError(
    `initializer varianceScaling: ${name} must be one of ${allowed.join(', ')}, got ${JSON.stringify(value)}`,
  );
}

/** The options that are numbers, checked; seeds are whole, deviations and scales at least 0. */
function numbers<D extends Readonly<Record<string, number>>>(who: string, options: object, defaults: D): D {
  const initializer = `initializer ${who}`;
  refuseUnknown(initializer, options, [...Object.keys(defaults), 'seed']);
  const given: Readonly<Record<string, unknown>> = { ...options };
  if (given.seed !== undefined) wholeNumber(initializer, 'seed', given.seed, 0);
  const checked = Object.entries(defaults).map(([name, value]) => {
    const least = name === 'stddev' || name === 'scale' ? 0 : -Infinity;
    return [name, finiteNumber(initializer, name, given[name] ?? value, least)];
  });
  return Object.fromEntries(checked);
}

/** One of the named schemes: what is left to choose is the seed. */
const scheme =
  (who: string, scaling: VarianceScalingOptions) =>
  (seeded: Seeded = {}): Initializer => {
    numbers(who, seeded, {});
    return varianceScaling({ ...scaling, ...seeded });
  };

export const glorotUniform = scheme('glorotUniform', { mode: 'fan_avg', distribution: 'uniform' });
export const glorotNormal = scheme('glorotNormal', { mode: 'fan_avg' });
export const heUniform = scheme('heUniform', { scale: 2, distribution: 'uniform' });
export const heNormal = scheme('heNormal', { scale: 2 });
export const lecunUniform = scheme('lecunUniform', { distribution: 'uniform' });
export const lecunNormal = scheme('lecunNormal', {});

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
export function resolveInitializer(who: string, given: unknown): Initializer {
  if (typeof given === 'function') return given as Initializer;
  const make = typeof given === 'string' ? entryNamed(byName, snakeCase(given)) : null;
  if (make) return make();
  throw new ValueError(
    `${who}: unknown initializer ${JSON.stringify(given)}; there are ${Object.keys(byName).join(', ')}`,
  );
}
