import { expect, test } from 'vitest';
import { race } from '../../src/backend/webgpu/tuner/race.ts';

/** Runners that take the given milliseconds; `hiccup` is added to sample number so-and-so. */
function set(times: Readonly<Record<string, number>>, hiccup: { at: number; ms: number } = { at: -1, ms: 0 }) {
  const log: { name: string; runs: number }[] = [];
  let running: { name: string; runs: number; ms: number } | null = null;
  const runners = Object.entries(times).map(([name, ms]) => ({
    name,
    dispatches: 1,
    run() {
      running = { name, runs: (running?.runs ?? 0) + 1, ms: (running?.ms ?? 0) + ms };
    },
  }));
  const time = async (record: () => void) => {
    running = null;
    record();
    const { name, runs, ms } = running! as { name: string; runs: number; ms: number };
    log.push({ name, runs });
    return ms + (log.length - 1 === hiccup.at ? hiccup.ms : 0);
  };
  return { runners, time, log };
}

test('times are those of one run, in the order given', async () => {
  const { runners, time } = set({ a: 2, b: 1 });
  const times = await race(runners, time, 0);
  expect(times.map(([name]) => name)).toEqual(['a', 'b']);
  expect(times[0]![1]).toBeCloseTo(2, 9);
  expect(times[1]![1]).toBeCloseTo(1, 9);
});

test('samples are at least 5 ms long, by repeating', async () => {
  const { runners, time, log } = set({ a: 0.5, b: 20 });
  await race(runners, time, 0);
  expect(log.filter(({ name }) => name === 'a').map(({ runs }) => runs)).toEqual([1, 10, 10, 10, 10, 10]);
  expect(log.filter(({ name }) => name === 'b').every(({ runs }) => runs === 1)).toBe(true);
});

test('who is half as slow again leaves, but not the first, and not for one slow sample', async () => {
  const { runners, time, log } = set({ first: 30, slow: 16, quick: 10 }, { at: 2, ms: 500 });
  const times = new Map(await race(runners, time, 0));
  const count = (name: string) => log.filter((sample) => sample.name === name).length;
  expect([count('first'), count('slow'), count('quick')]).toEqual([6, 2, 6]);
  expect(times.get('quick')).toBeCloseTo(10, 9);
});

test('they take turns, and ends of rounds alternate', async () => {
  const { runners, time, log } = set({ a: 10, b: 10 });
  await race(runners, time, 0);
  expect(log.map(({ name }) => name).join('')).toBe('abbaabbaabba');
});

test('near the bound it ends early', async () => {
  const { runners, time, log } = set({ a: 10, b: 10 });
  await race(runners, time, 9.5);
  expect(log).toHaveLength(6);
});
