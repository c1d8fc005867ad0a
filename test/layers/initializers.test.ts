import { describe, expect, test } from 'vitest';
import { initializers, setRandomSeed } from 'wgslgrad';
import { fans } from '../../src/initializers/initializers.ts';

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

describe('seeds', () => {
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
