// What the tests of models share: a suite on each backend, and small models.
import { afterAll, beforeAll, describe, expect, vi } from 'vitest';
import { clearSession, close, Dense, init, Sequential, setRandomSeed } from 'wgslgrad';
import { currentBackend } from '../../src/engine/runtime.ts';
import { platform } from '../../src/platform/index.ts';
import { describeGpu } from '../setup/adapters.ts';
import { wave } from './numbers.ts';

export { wave };

export type Place = 'cpu float32' | 'cpu float64' | 'webgpu';

/** The suite once on each backend. A validation error that no test waited for fails the suite at its end. */
export function onEachBackend(
  body: (place: Place) => void,
  places: readonly Place[] = ['cpu float32', 'cpu float64', 'webgpu'],
): void {
  for (const place of places) {
    const suite = place === 'webgpu' ? describeGpu : describe;
    suite(`on ${place}`, () => {
      beforeAll(async () => {
        await start(place);
      });
      afterAll(async () => {
        await currentBackend().sync();
        await close();
      });
      body(place);
    });
  }
}

/** A fresh backend; names and seeds start over too. */
export async function start(place: Place, seed = 1): Promise<void> {
  if (place === 'webgpu') await init({ backend: 'webgpu' });
  else await init({ backend: 'cpu', dtype: place === 'cpu float64' ? 'float64' : 'float32' });
  startOver(seed);
}

/** What makes two runs in one process equal. */
export function startOver(seed = 1): void {
  clearSession();
  setRandomSeed(seed);
}

/** Within 1e-5 of what was expected in float32 (relative; 1e-6 absolute below 0.1), and ten times closer in float64. */
export function expectClose(actual: ArrayLike<number>, expected: readonly number[], place: Place): void {
  const relative = place === 'cpu float64' ? 1e-6 : 1e-5;
  expect(actual.length).toBe(expected.length);
  expected.forEach((value, i) => {
    const off = Math.abs(actual[i]! - value);
    // at least what the vectors of the specification were rounded by
    const allowed = Math.max(relative * Math.abs(value), 1e-7);
    expect(off, `element ${i}: got ${actual[i]}, expected ${value}`).toBeLessThanOrEqual(allowed);
  });
}

/** Two features, three classes. */
export function tinyModel(): Sequential {
  return new Sequential([Dense(4, { activation: 'relu', inputShape: [2] }), Dense(3, { activation: 'softmax' })]);
}

/** `count` samples for the tiny model: x [count, 2] and one-hot y [count, 3], as flat arrays. */
export function tinyData(count: number): { x: Float32Array; y: Float32Array; labels: Int32Array } {
  const labels = Int32Array.from({ length: count }, (_, i) => (i * 7 + (i >> 2)) % 3);
  const y = new Float32Array(count * 3);
  labels.forEach((label, i) => {
    y[i * 3 + label] = 1;
  });
  return { x: wave(count * 2), y, labels };
}

/** Every weight's values. */
export async function valuesOf(model: Pick<Sequential, 'getWeights'>): Promise<number[][]> {
  const weights = model.getWeights();
  const values = await Promise.all(weights.map(async (weight) => Array.from(await weight.data())));
  for (const weight of weights) weight.dispose();
  return values;
}

/** What is printed while `body` runs. */
export async function printed(body: () => Promise<unknown> | unknown): Promise<string> {
  let text = '';
  const spy = vi.spyOn(platform.terminal, 'write').mockImplementation((part) => {
    text += part;
  });
  try {
    await body();
  } finally {
    spy.mockRestore();
  }
  return text;
}
