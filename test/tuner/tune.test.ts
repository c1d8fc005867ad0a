import { expect, test } from 'vitest';
import { tuneCall } from '../../src/backend/webgpu/tuner/tune.ts';
import { BackendError } from '../../src/errors.ts';
import { type Behaviour, call, fakeBench, roof, wayOf } from './support.ts';

const twice = (x: number) => 2 * x;

async function tuned(behaviours: Readonly<Record<string, Behaviour>>) {
  const bench = fakeBench(behaviours);
  const names = Object.keys(behaviours);
  const entry = await tuneCall('key', call, (like) => names.map((name) => wayOf(name, like)), bench, roof);
  return { entry, bench };
}

test('the fastest right way wins', async () => {
  const { entry, bench } = await tuned({
    first: { ms: 10, f: twice },
    quick: { ms: 6, f: twice },
    slow: { ms: 7, f: twice },
  });
  expect(entry).toMatchObject({ key: 'key', way: 'quick', first: 'first', rejected: [] });
  expect(entry.ms).toBeCloseTo(6, 9);
  expect(entry.firstMs).toBeCloseTo(10, 9);
  expect(entry.timings.map(([name]) => name)).toEqual(['first', 'quick', 'slow']);
  expect(bench.living.size, 'what it allocated is free').toBe(0);
});

test('a gain within the noise changes nothing', async () => {
  const { entry } = await tuned({ first: { ms: 10, f: twice }, quick: { ms: 9.8, f: twice } });
  expect(entry.way).toBe('first');
  expect(entry.ms).toBeCloseTo(10, 9);
});

test('a way that computes something else is never taken, and its mistake is told', async () => {
  const { entry, bench } = await tuned({ first: { ms: 10, f: twice }, wrong: { ms: 1, f: (x) => 2 * x + 1 } });
  expect(entry.way).toBe('first');
  expect(entry.rejected).toEqual([['wrong', expect.stringMatching(/a wrong result: element 0 is -?\d+, not -?\d+/)]]);
  expect(
    bench.runs.filter((name) => name === 'wrong'),
    'it ran once, to be looked at',
  ).toHaveLength(1);
});

test('a way that writes nothing does not pass with what the one before has left', async () => {
  const { entry } = await tuned({ first: { ms: 10, f: twice }, lazy: { ms: 0.1, f: null } });
  expect(entry.way).toBe('first');
  expect(entry.rejected).toEqual([['lazy', expect.stringMatching(/element 0 is NaN/)]]);
});

test('a way that does not compile is left out, with the compiler’s words', async () => {
  const { entry, bench } = await tuned({
    first: { ms: 10, f: twice },
    broken: { ms: 1, f: twice, refused: 'line 3: unresolved identifier' },
    quick: { ms: 5, f: twice },
  });
  expect(entry.way).toBe('quick');
  expect(entry.rejected).toEqual([['broken', 'broken.wgsl does not compile: line 3: unresolved identifier']]);
  expect(bench.living.size).toBe(0);
});

test('without a first way that works there is nothing to compare with', async () => {
  await expect(tuned({ first: { ms: 1, f: twice, refused: 'no' }, quick: { ms: 1, f: twice } })).rejects.toThrow(
    BackendError,
  );
  await expect(tuned({ first: { ms: 1, f: null }, quick: { ms: 1, f: null } })).rejects.toThrow(
    /copy leaves element 0 of result 0 unwritten/,
  );
});

test('the likeliest by the cost model are timed, not all', async () => {
  const names = Array.from({ length: 20 }, (_, i) => `way${i}`);
  const bench = fakeBench(Object.fromEntries(names.map((name) => [name, { ms: 10, f: twice }])));
  // The later, the less work: the guess turns the order round.
  const ways = (like: typeof call) => names.map((name, i) => wayOf(name, like, { flops: 1e9 * (20 - i) }));
  const { timings } = await tuneCall('key', call, ways, bench, roof);
  expect(timings.map(([name]) => name)).toEqual(['way0', ...names.slice(-8).reverse()]);
});
