import { describe, expect, test } from 'vitest';
import { Dense, initializers, Sequential, setRandomSeed, tensor } from 'wgslgrad';
import { fans } from '../../src/initializers/initializers.ts';
import { onEachBackend, valuesOf } from '../models/support.ts';

const mean = (values: ArrayLike<number>) => Array.from(values).reduce((sum, v) => sum + v, 0) / values.length;
const deviation = (values: ArrayLike<number>) => {
  const centre = mean(values);
  return Math.sqrt(mean(Array.from(values, (v) => (v - centre) ** 2)));
};

describe('glorot_uniform', () => {
  test.each([
    { shape: [3, 3, 1, 32], limit: 0.1421338 },
    { shape: [5408, 10], limit: 0.0332779 },
    { shape: [7, 7, 3, 64], limit: 0.0427504 },
    { shape: [2048, 1024], limit: 0.0441942 },
  ])('of $shape is uniform between -$limit and $limit', ({ shape, limit }) => {
    const small = shape.length === 4 ? shape : [64, 64];
    const scaled = initializers.varianceScaling({
      // the same fan by another way: n = 3 / limit² gives that limit
      scale: (limit ** 2 * (fans(small).fanIn + fans(small).fanOut)) / 6,
      mode: 'fan_avg',
      distribution: 'uniform',
      seed: 3,
    })(small);
    const uniform = initializers.randomUniform({ minval: -limit, maxval: limit, seed: 3 })(small);
    expect(Math.abs(scaled[17]! - uniform[17]!)).toBeLessThan(1e-9);
    const { fanIn, fanOut } = fans(shape);
    expect(Math.sqrt(6 / (fanIn + fanOut))).toBeCloseTo(limit, 7);
    const values = initializers.glorotUniform({ seed: 3 })(shape);
    expect(values.length).toBe(shape.reduce((size, length) => size * length, 1));
    for (let i = 0; i < small.length; i++) expect(values[i]! / uniform[i]!).toBeCloseTo(1, 5);
    const largest = Array.from(values).reduce((most, v) => Math.max(most, Math.abs(v)), 0);
    expect(largest).toBeLessThanOrEqual(limit + 1e-7);
    expect(largest).toBeGreaterThan(0.97 * limit);
  });
});

describe('the other schemes', () => {
  const shape = [5, 5, 20, 30];
  test.each([
    { name: 'heUniform', make: initializers.heUniform, deviation: Math.sqrt(2 / 500) },
    { name: 'heNormal', make: initializers.heNormal, deviation: Math.sqrt(2 / 500) },
    { name: 'lecunUniform', make: initializers.lecunUniform, deviation: Math.sqrt(1 / 500) },
    { name: 'lecunNormal', make: initializers.lecunNormal, deviation: Math.sqrt(1 / 500) },
    { name: 'glorotNormal', make: initializers.glorotNormal, deviation: Math.sqrt(2 / 1250) },
    { name: 'randomNormal', make: initializers.randomNormal, deviation: 0.05 },
  ])('$name has the deviation that its fans ask for', ({ make, deviation: expected }) => {
    const values = make({ seed: 5 })(shape);
    expect(Math.abs(mean(values))).toBeLessThan(0.02 * expected);
    expect(Math.abs(deviation(values) / expected - 1)).toBeLessThan(0.02);
  });

  // biome-ignore format: a table
  test.each([
    ['heUniform', initializers.heUniform, Math.sqrt(6 / 500)],
    ['lecunUniform', initializers.lecunUniform, Math.sqrt(3 / 500)],
    ['randomUniform', initializers.randomUniform, 0.05],
    // cut at two deviations of the normal distribution that is left
    ['heNormal', initializers.heNormal, (2 * Math.sqrt(2 / 500)) / 0.87962566103423978],
    ['lecunNormal', initializers.lecunNormal, (2 * Math.sqrt(1 / 500)) / 0.87962566103423978],
    ['glorotNormal', initializers.glorotNormal, (2 * Math.sqrt(2 / 1250)) / 0.87962566103423978],
    ['truncatedNormal', initializers.truncatedNormal, 0.1],
  ] as const)('%s reaches its limit on both sides, and no further', (_, make, limit) => {
    const values = Array.from(make({ seed: 5 })(shape));
    for (const end of [Math.max(...values), -Math.min(...values)]) {
      expect(end).toBeLessThanOrEqual(limit);
      expect(end).toBeGreaterThan(0.99 * limit);
    }
  });

  test.each([
    { mode: 'fan_in', distribution: 'uniform', fan: 500 },
    { mode: 'fan_out', distribution: 'truncated_normal', fan: 750 },
    { mode: 'fan_avg', distribution: 'untruncated_normal', fan: 625 },
  ] as const)('varianceScaling: $distribution values of variance scale / $mode', ({ fan, ...options }) => {
    const values = initializers.varianceScaling({ ...options, scale: 3, seed: 5 })(shape);
    expect(Math.abs(deviation(values) / Math.sqrt(3 / fan) - 1)).toBeLessThan(0.02);
  });

  test('truncated normal values lie within two deviations', () => {
    const values = Array.from(initializers.truncatedNormal({ seed: 5, stddev: 2, mean: 1 })([5000]));
    expect(Math.min(...values)).toBeGreaterThanOrEqual(-3);
    expect(Math.max(...values)).toBeLessThanOrEqual(5);
    expect(Math.max(...values)).toBeGreaterThan(4.9);
  });

  test('zeros, ones, constant and identity are what they say', () => {
    expect(Array.from(initializers.zeros()([2]))).toEqual([0, 0]);
    expect(Array.from(initializers.ones()([2]))).toEqual([1, 1]);
    expect(Array.from(initializers.constant({ value: 3 })([2]))).toEqual([3, 3]);
    expect(Array.from(initializers.identity({ gain: 2 })([2, 3]))).toEqual([2, 0, 0, 0, 2, 0]);
  });
});

describe('orthogonal', () => {
  const product = (a: readonly number[], b: readonly number[]) => a.reduce((sum, value, i) => sum + value * b[i]!, 0);
  test.each([
    { shape: [6, 4], rows: 6, columns: 4 },
    { shape: [4, 6], rows: 4, columns: 6 },
    { shape: [3, 3, 2, 5], rows: 18, columns: 5 },
  ])('$shape: the fewer of rows and columns stand at right angles', ({ shape, rows, columns }) => {
    const values = Array.from(initializers.orthogonal({ gain: 2, seed: 3 })(shape));
    const row = (r: number) => values.slice(r * columns, (r + 1) * columns);
    const column = (c: number) => Array.from({ length: rows }, (_, r) => values[r * columns + c]!);
    const vectors = Array.from({ length: Math.min(rows, columns) }, (_, i) => (rows < columns ? row(i) : column(i)));
    for (const [i, a] of vectors.entries())
      for (const [j, b] of vectors.entries()) expect(Math.abs(product(a, b) - (i === j ? 4 : 0))).toBeLessThan(1e-12);
  });

  test('it is Q with a positive diagonal of R: the matrix itself gives an upper triangle', () => {
    const drawn = initializers.randomNormal({ stddev: 1, seed: 3 })([5, 3]);
    const q = initializers.orthogonal({ seed: 3 })([5, 3]);
    const column = (m: ArrayLike<number>, c: number) => Array.from({ length: 5 }, (_, r) => m[r * 3 + c]!);
    for (let i = 0; i < 3; i++) {
      for (let j = 0; j < 3; j++) {
        const r = product(column(q, i), column(drawn, j));
        if (i > j) expect(Math.abs(r)).toBeLessThan(1e-12);
        if (i === j) expect(r).toBeGreaterThan(0);
      }
    }
  });

  test('a vector has no right angles', () => {
    expect(() => initializers.orthogonal()([3])).toThrow(/orthogonal: needs at least two axes, got \[3\]/);
    expect(() => initializers.identity()([3])).toThrow(/identity: needs a matrix, got \[3\]/);
  });
});

describe('seeds', () => {
  // biome-ignore format: a table
  const drawing = ['randomUniform', 'randomNormal', 'truncatedNormal', 'varianceScaling', 'orthogonal', 'glorotUniform', 'glorotNormal', 'heUniform', 'heNormal', 'lecunUniform', 'lecunNormal'] as const;
  test.each(drawing)('%s repeats itself with one, and draws on without', (name) => {
    const [one, other] = [initializers[name]({ seed: 8 }), initializers[name]({ seed: 9 })];
    expect(one([4, 4])).toEqual(one([4, 4]));
    expect(one([4, 4])).toEqual(initializers[name]({ seed: 8 })([4, 4]));
    expect(one([4, 4])).not.toEqual(other([4, 4]));
    const free = initializers[name]({ seed: null });
    expect(free([4, 4])).not.toEqual(free([4, 4]));
  });

  const first: Record<string, number[][]> = {};
  onEachBackend((place) => {
    test('two layers that share an initializer start equal, and so does every backend', async () => {
      const shared = initializers.heNormal({ seed: 4 });
      const model = new Sequential([3, 3].map((units) => Dense(units, { kernelInitializer: shared, inputDim: 3 })));
      model.apply(tensor([[1, 2, 3]]));
      const [a, , b] = await valuesOf(model);
      expect(a).toEqual(b);
      first[place] = [a!.map(Math.fround)];
      expect(first[place]).toEqual(Object.values(first)[0]);
    });
  });

  test('a fixed seed gives the same values at every call', () => {
    const shared = initializers.glorotUniform({ seed: 11 });
    expect(shared([4, 4])).toEqual(shared([4, 4]));
  });

  test('without one, every call draws anew, and the global seed repeats the draws', () => {
    const draw = () => {
      setRandomSeed(4);
      const initializer = initializers.glorotUniform();
      return [initializer([4, 4]), initializer([4, 4])];
    };
    const [first, second] = draw();
    expect(first).not.toEqual(second);
    expect(draw()).toEqual([first, second]);
  });
});
