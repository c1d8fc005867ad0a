// First values of weights. Drawn on the host, so that every backend starts from the same ones.
import type { Shape } from '../backend/backend.ts';
import { keyOf, nextKey } from '../engine/seed.ts';
import { ShapeError, ValueError } from '../errors.ts';
import { type Described, described, resolveDescribed } from '../tensor/described.ts';
import { finiteNumber, numberOr, refuseUnknown, wholeNumber } from '../tensor/options.ts';
import { normalValues, type RandomKey, truncatedNormalValues, uniformValues } from '../tensor/random.ts';
import { formatShape, sizeOf } from '../tensor/shape.ts';

/** Row-major values for a weight of that shape. With a fixed seed every call gives the same ones. */
export type Initializer = ((shape: Shape) => ArrayLike<number>) & Partial<Described>;

export interface Seeded {
  /** null, as without one: every call draws anew. */
  readonly seed?: number | null;
}

const keyFor = ({ seed }: Seeded): RandomKey => (typeof seed === 'number' ? keyOf(seed) : nextKey());

const known = (className: string, config: object, values: Initializer): Initializer =>
  described(values, 'initializers', className, { ...config });

const withSeed = ({ seed = null }: Seeded, config: object) => ({ seed, ...config });

/** What flows in and out of one unit: see Glorot and Bengio 2010. Leading axes of a kernel are its receptive field. */
export function fans(shape: Shape): { fanIn: number; fanOut: number } {
  if (shape.length < 2) return { fanIn: sizeOf(shape), fanOut: sizeOf(shape) };
  const receptive = sizeOf(shape.slice(0, -2));
  return { fanIn: shape.at(-2)! * receptive, fanOut: shape.at(-1)! * receptive };
}

export const zeros = filling('Zeros', 0);

export const ones = filling('Ones', 1);

/** All of one value, which may stand alone: `constant(0.1)`. */
export function constant(given: number | { value?: number } = {}): Initializer {
  const config = numbers('constant', numberOr('value', given), { value: 0 }, false);
  return known('Constant', config, fill(config.value));
}

function filling(className: string, value: number) {
  return (options: object = {}): Initializer => {
    refuseUnknown(`initializer ${className.toLowerCase()}`, options, []);
    return known(className, {}, fill(value));
  };
}

function fill(value: number): Initializer {
  return (shape) => new Float64Array(sizeOf(shape)).fill(value);
}

export function identity(options: { gain?: number } = {}): Initializer {
  const config = numbers('identity', options, { gain: 1 }, false);
  return known('Identity', config, (shape) => {
    if (shape.length !== 2) throw new ShapeError(`initializer identity: needs a matrix, got ${formatShape(shape)}`);
    const [rows, columns] = shape as [number, number];
    return Float64Array.from({ length: rows * columns }, (_, i) =>
      Math.floor(i / columns) === i % columns ? config.gain : 0,
    );
  });
}

/** A large network draws 200 MB of values: no second copy of them. */
function inPlace(values: Float64Array, change: (value: number) => number): Float64Array {
  for (let i = 0; i < values.length; i++) values[i] = change(values[i]!);
  return values;
}

export function randomUniform(options: { minval?: number; maxval?: number } & Seeded = {}): Initializer {
  const config = numbers('randomUniform', options, { minval: -0.05, maxval: 0.05 });
  const { minval, maxval } = config;
  return known('RandomUniform', withSeed(options, config), (shape) =>
    inPlace(uniformValues(keyFor(options), sizeOf(shape)), (u) => minval + (maxval - minval) * u),
  );
}

export function randomNormal(options: NormalOptions = {}): Initializer {
  return normal('randomNormal', 'RandomNormal', options, normalValues);
}

/** Normal values redrawn until they lie within two deviations. */
export function truncatedNormal(options: NormalOptions = {}): Initializer {
  return normal('truncatedNormal', 'TruncatedNormal', options, truncatedNormalValues);
}

function normal(who: string, className: string, options: NormalOptions, draw: typeof normalValues): Initializer {
  const config = numbers(who, options, { mean: 0, stddev: 0.05 });
  return known(className, withSeed(options, config), (shape) =>
    inPlace(draw(keyFor(options), sizeOf(shape)), (z) => config.mean + config.stddev * z),
  );
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
  refuseUnknown('initializer varianceScaling', options, ['scale', 'mode', 'distribution', 'seed']);
  const { mode = 'fan_in', distribution: given = 'truncated_normal', ...rest } = options;
  // as files of Keras 2 call it
  const distribution = String(given) === 'normal' ? 'truncated_normal' : given;
  const { scale } = numbers('varianceScaling', rest, { scale: 1 });
  if (scale === 0) throw new ValueError('initializer varianceScaling: scale must be above 0, got 0');
  requireOneOf('mode', mode, modes);
  requireOneOf('distribution', distribution, distributions);
  return known('VarianceScaling', withSeed(options, { scale, mode, distribution }), (shape) => {
    const { fanIn, fanOut } = fans(shape);
    const fan = { fan_in: fanIn, fan_out: fanOut, fan_avg: (fanIn + fanOut) / 2 }[mode];
    const variance = scale / Math.max(1, fan);
    const [key, size] = [keyFor(options), sizeOf(shape)];
    if (distribution === 'uniform') {
      const limit = Math.sqrt(3 * variance);
      return inPlace(uniformValues(key, size), (u) => limit * (2 * u - 1));
    }
    const deviation = Math.sqrt(variance);
    if (distribution === 'untruncated_normal') return inPlace(normalValues(key, size), (z) => deviation * z);
    return inPlace(truncatedNormalValues(key, size), (z) => (deviation / TRUNCATED_DEVIATION) * z);
  });
}

function requireOneOf(name: string, value: unknown, allowed: readonly string[]): void {
  if (allowed.some((one) => one === value)) return;
  throw new ValueError(
    `initializer varianceScaling: ${name} must be one of ${allowed.join(', ')}, got ${JSON.stringify(value)}`,
  );
}

/** The options that are numbers, checked; seeds are whole, deviations and scales at least 0. */
function numbers<D extends Readonly<Record<string, number>>>(
  who: string,
  options: object,
  defaults: D,
  seeded = true,
): D {
  const initializer = `initializer ${who}`;
  refuseUnknown(initializer, options, [...Object.keys(defaults), ...(seeded ? ['seed'] : [])]);
  const given: Readonly<Record<string, unknown>> = { ...options };
  if ((given.seed ?? null) !== null) wholeNumber(initializer, 'seed', given.seed, 0);
  const checked = Object.entries(defaults).map(([name, value]) => {
    const least = name === 'stddev' || name === 'scale' ? 0 : -Infinity;
    return [name, finiteNumber(initializer, name, given[name] ?? value, least)];
  });
  return Object.fromEntries(checked);
}

/** One of the named schemes: what is left to choose is the seed. */
const scheme =
  (className: string, scaling: VarianceScalingOptions) =>
  (seeded: Seeded = {}): Initializer => {
    numbers(className, seeded, {});
    const values = varianceScaling({ ...scaling, ...seeded });
    return known(className, withSeed(seeded, {}), values);
  };

export const glorotUniform = scheme('GlorotUniform', { mode: 'fan_avg', distribution: 'uniform' });
export const glorotNormal = scheme('GlorotNormal', { mode: 'fan_avg' });
export const heUniform = scheme('HeUniform', { scale: 2, distribution: 'uniform' });
export const heNormal = scheme('HeNormal', { scale: 2 });
export const lecunUniform = scheme('LecunUniform', { distribution: 'uniform' });
export const lecunNormal = scheme('LecunNormal', {});

/**
 * A random rotation: rows or columns, whichever are fewer, of length `gain` and at right angles to each other (Saxe et al.
 * 2014). All axes but the last count as one.
 */
export function orthogonal(options: { gain?: number } & Seeded = {}): Initializer {
  const config = numbers('orthogonal', options, { gain: 1 });
  return known('Orthogonal', withSeed(options, config), (shape) => {
    if (shape.length < 2)
      throw new ShapeError(`initializer orthogonal: needs at least two axes, got ${formatShape(shape)}`);
    const [rows, columns] = [sizeOf(shape.slice(0, -1)), shape.at(-1)!];
    const [count, length] = [Math.min(rows, columns), Math.max(rows, columns)];
    const vectors = orthonormal(normalValues(keyFor(options), rows * columns), count, length);
    return Float64Array.from({ length: rows * columns }, (_, i) => {
      const [row, column] = [Math.floor(i / columns), i % columns];
      return config.gain * (rows < columns ? vectors[row]![column]! : vectors[column]![row]!);
    });
  });
}

/**
 * The columns of Q of a matrix [length, count] whose R has a positive diagonal: Gram and Schmidt's, each column cleaned twice so that
 * rounding leaves nothing of the ones before.
 */
function orthonormal(matrix: Float64Array, count: number, length: number): Float64Array[] {
  const done: Float64Array[] = [];
  const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, value, i) => sum + value * b[i]!, 0);
  for (let c = 0; c < count; c++) {
    let vector = Float64Array.from({ length }, (_, r) => matrix[r * count + c]!);
    for (const other of [...done, ...done]) {
      const share = dot(vector, other);
      vector = vector.map((value, i) => value - share * other[i]!);
    }
    const norm = Math.sqrt(dot(vector, vector));
    done.push(vector.map((value) => value / norm));
  }
  return done;
}

export {
  constant as Constant,
  glorotNormal as GlorotNormal,
  glorotUniform as GlorotUniform,
  heNormal as HeNormal,
  heUniform as HeUniform,
  identity as Identity,
  lecunNormal as LecunNormal,
  lecunUniform as LecunUniform,
  ones as Ones,
  orthogonal as Orthogonal,
  randomNormal as RandomNormal,
  randomUniform as RandomUniform,
  truncatedNormal as TruncatedNormal,
  varianceScaling as VarianceScaling,
  zeros as Zeros,
};

const byName: Readonly<Record<string, (options: object) => Initializer>> = {
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
  orthogonal,
};

/** An initializer by its Keras name (or camelCase), from its configuration, or as it is. */
export function resolveInitializer(who: string, given: unknown): Initializer {
  return resolveDescribed(who, 'initializer', byName, given);
}
