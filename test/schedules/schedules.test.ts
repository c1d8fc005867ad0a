// The schedules against plain formulas in float64, most of all where one period ends and the next begins.
import { describe, expect, test } from 'vitest';
import * as w from 'wgslgrad';
import { onEachBackend } from '../models/support.ts';

const { schedules, optimizers } = w;
const {
  ExponentialDecay,
  InverseTimeDecay,
  PolynomialDecay,
  PiecewiseConstantDecay,
  CosineDecay,
  CosineDecayRestarts,
} = schedules;

const cosine = (part: number) => 0.5 * (1 + Math.cos(Math.PI * part));

/** Periods of length n, n t, n t t, ...: which one a step lies in, and how far. */
function period(step: number, n: number, t: number): { i: number; part: number } {
  let [start, length, i] = [0, n, 0];
  while (step >= start + length) {
    start += length;
    length *= t;
    i++;
  }
  return { i, part: (step - start) / length };
}

const far = [0, 1, 2, 999, 1000, 1001, 123_456, 999_999, 1_000_000];
const around = (...steps: number[]) => steps.flatMap((step) => [step - 1, step, step + 1]);

type Case = readonly [
  title: string,
  schedule: w.schedules.Schedule,
  steps: readonly number[],
  rate: (s: number) => number,
];

// biome-ignore format: a table
const cases: readonly Case[] = [
  ['ExponentialDecay', ExponentialDecay({ initialLearningRate: 0.1, decaySteps: 1000, decayRate: 0.96 }), far,
    (s) => 0.1 * 0.96 ** (s / 1000)],
  ['ExponentialDecay by very little', ExponentialDecay({ initialLearningRate: 0.1, decaySteps: 1, decayRate: 0.99999 }), far,
    (s) => 0.1 * 0.99999 ** s],
  ['ExponentialDecay in stairs', ExponentialDecay({ initialLearningRate: 0.1, decaySteps: 3, decayRate: 0.5, staircase: true }),
    around(1, 3, 6, 9, 12, 27, 33, 51), (s) => 0.1 * 0.5 ** Math.floor(s / 3)],
  ['ExponentialDecay in stairs far out', ExponentialDecay({ initialLearningRate: 1, decaySteps: 7, decayRate: 0.99999, staircase: true }),
    around(7_000, 700_007, 999_999, 9_999_997), (s) => 0.99999 ** Math.floor(s / 7)],
  ['InverseTimeDecay', InverseTimeDecay({ initialLearningRate: 0.1, decaySteps: 500, decayRate: 0.5 }), far,
    (s) => 0.1 / (1 + 0.5 * s / 500)],
  ['InverseTimeDecay in stairs', InverseTimeDecay({ initialLearningRate: 0.1, decaySteps: 7, decayRate: 0.5, staircase: true }),
    around(1, 7, 14, 49, 7 * 11, 7 * 41, 7 * 49), (s) => 0.1 / (1 + 0.5 * Math.floor(s / 7))],
  ['PolynomialDecay', PolynomialDecay({ initialLearningRate: 0.1, decaySteps: 1000 }), far,
    (s) => (0.1 - 0.0001) * (1 - Math.min(s, 1000) / 1000) + 0.0001],
  ['PolynomialDecay by a root', PolynomialDecay({ initialLearningRate: 0.1, decaySteps: 49, endLearningRate: 0.01, power: 0.5 }),
    around(1, 25, 49, 98, 1_000_000), (s) => (0.1 - 0.01) * (1 - Math.min(s, 49) / 49) ** 0.5 + 0.01],
  ['PolynomialDecay in cycles', PolynomialDecay({ initialLearningRate: 0.1, decaySteps: 7, power: 2, cycle: true }),
    around(1, 7, 14, 49, 7 * 41), (s) => (0.1 - 0.0001) * (1 - s / (7 * Math.max(1, Math.ceil(s / 7)))) ** 2 + 0.0001],
  ['PiecewiseConstantDecay', PiecewiseConstantDecay({ boundaries: [1, 10, 1_000_000], values: [1, 0.5, 0.25, 0.125] }),
    [0, ...around(1, 10, 1_000_000)], (s) => (s <= 1 ? 1 : s <= 10 ? 0.5 : s <= 1_000_000 ? 0.25 : 0.125)],
  ['CosineDecay', CosineDecay({ initialLearningRate: 0.1, decaySteps: 1000 }), [0, ...around(1, 500, 1000, 1_000_000)],
    (s) => 0.1 * cosine(Math.min(s, 1000) / 1000)],
  ['CosineDecay to a share', CosineDecay({ initialLearningRate: 0.1, decaySteps: 1_000_000, alpha: 0.1 }),
    [...far, 999_998, 1_000_001, 2_000_000], (s) => 0.1 * (0.9 * cosine(Math.min(s, 1e6) / 1e6) + 0.1)],
  ['CosineDecay after a warm-up', CosineDecay({ initialLearningRate: 0.01, decaySteps: 50, alpha: 0.2, warmupTarget: 0.5, warmupSteps: 10 }),
    [0, ...around(1, 5, 10, 35, 60, 1_000_000)],
    (s) => (s < 10 ? 0.01 + (0.5 - 0.01) * s / 10 : 0.5 * (0.8 * cosine(Math.min(s - 10, 50) / 50) + 0.2))],
  ['CosineDecay with steps of a warm-up that has no target', CosineDecay({ initialLearningRate: 0.1, decaySteps: 10, warmupSteps: 5 }),
    around(1, 5, 10), (s) => 0.1 * cosine(Math.min(s, 10) / 10)],
  ['CosineDecayRestarts', CosineDecayRestarts({ initialLearningRate: 0.1, firstDecaySteps: 10 }),
    [0, ...around(1, 5, 10, 30, 70, 150, 310, 10_230, 10 * (2 ** 17 - 1))], (s) => 0.1 * cosine(period(s, 10, 2).part)],
  ['CosineDecayRestarts that shrink', CosineDecayRestarts({ initialLearningRate: 0.1, firstDecaySteps: 6, tMul: 1.5, mMul: 0.8, alpha: 0.1 }),
    [0, ...around(1, 6, 15, 28, 29)], (s) => 0.1 * (0.9 * 0.8 ** period(s, 6, 1.5).i * cosine(period(s, 6, 1.5).part) + 0.1)],
  ['CosineDecayRestarts of equal length', CosineDecayRestarts({ initialLearningRate: 0.1, firstDecaySteps: 7, tMul: 1, mMul: 0.9 }),
    [0, ...around(1, 7, 14, 49, 7 * 41)], (s) => 0.1 * 0.9 ** period(s, 7, 1).i * cosine(period(s, 7, 1).part)],
];

onEachBackend((place) => {
  // float32: some roundings of e^x and cos x, and of a step that is divided; 12 digits in float64
  const allowed = place === 'cpu float64' ? 1e-12 : 2e-6;
  const near = (found: ArrayLike<number>, steps: readonly number[], rate: (s: number) => number) => {
    steps.forEach((step, i) => {
      const expected = rate(step);
      const off = Math.abs(found[i]! - expected);
      // of what the rate is at the largest: near 0 a cosine has no more digits than that
      expect(off, `step ${step}: ${found[i]} for ${expected}`).toBeLessThanOrEqual(allowed * Math.max(expected, 0.01));
    });
  };

  test.each(cases)('%s', async (_, schedule, steps, rate) => {
    near(await schedule(w.tensor(steps, [steps.length], 'int32')).data(), steps, rate);
    const one = schedule(w.tensor(steps[1]!, [], 'int32'));
    expect(one.shape).toEqual([]);
    near([await one.item(), await schedule(steps[2]!).item()], steps.slice(1, 3), rate);
  });

  test.each(cases)('%s is never below 0', async (_, schedule, steps) => {
    const rates = await schedule(w.tensor(steps, [steps.length], 'int32')).data();
    expect(Math.min(...rates)).toBeGreaterThanOrEqual(0);
  });

  test.each(cases.map(([title, schedule]) => [title, schedule] as const))(
    '%s changes the rate of a recorded step',
    async (_, schedule) => {
      const v = w.variable([0]);
      const optimizer = optimizers.SGD({ learningRate: schedule });
      const step = w.compile((g: w.Tensor) => {
        optimizer.apply([[g, v]]);
        return [] as w.Tensor[];
      });
      const expected = await schedule(w.arange(9)).data();
      let before = 0;
      for (let i = 0; i < 9; i++) {
        expect(await optimizer.currentLearningRate()).toBe(expected[i]);
        await step(w.tensor([-1]));
        const now = await v.item();
        expect(now - before).toBeCloseTo(expected[i]!, 5);
        before = now;
      }
      step.dispose();
    },
  );

  test('a function of your own is a schedule', async () => {
    const v = w.variable([0]);
    const optimizer = optimizers.SGD({ learningRate: (step) => w.div(1, w.add(step, 1)) });
    expect(await optimizer.currentLearningRate()).toBe(1);
    const step = w.compile((g: w.Tensor) => {
      optimizer.apply([[g, v]]);
      return [] as w.Tensor[];
    });
    for (let i = 0; i < 4; i++) await step(w.tensor([-1]));
    expect(await v.item()).toBeCloseTo(1 + 1 / 2 + 1 / 3 + 1 / 4, 6);
    expect(optimizer.variables.map(({ name }) => name)).toEqual(['iteration']);
    expect(optimizer.stateSize).toBe(1);
    step.dispose();
  });

  test('a schedule drives a model', async () => {
    const model = new w.Sequential([w.Dense(1, { inputShape: [1], kernelInitializer: 'zeros', useBias: false })]);
    const learningRate = PiecewiseConstantDecay({ boundaries: [1], values: [0.25, 0] });
    model.compile({ optimizer: optimizers.SGD({ learningRate }), loss: 'mse' });
    // each step moves the weight by 2 · rate · (1 − w): 0.5, 0.25, and then nothing
    await model.fit(w.ones([6, 1]), w.ones([6, 1]), { batchSize: 1, verbose: 0 });
    expect(await model.getWeights()[0]!.array()).toEqual([[0.75]]);
    expect(await model.optimizer.currentLearningRate()).toBe(0);
  });

  test('weight decay and accumulation follow the schedule too', async () => {
    const v = w.variable([1]);
    const learningRate = PiecewiseConstantDecay({ boundaries: [1], values: [0.5, 0.25] });
    const optimizer = optimizers.SGD({ learningRate, weightDecay: 1, gradientAccumulationSteps: 2 });
    // as in Keras the schedule counts calls: 0 and 1 are the first window, whose rate is that of call 1
    for (const expected of [1, 0.5, 0.5, 0.375]) {
      optimizer.apply([[w.zeros([1]), v]]);
      expect(await v.item()).toBe(expected);
    }
  });
});

const initialLearningRate = 0.1;
const rate = { initialLearningRate, decaySteps: 10 };
// biome-ignore format: a table
const refused: readonly (readonly [title: string, make: () => unknown, says: RegExp])[] = [
  ['nothing', () => ExponentialDecay(null as never), /ExponentialDecay: options must be an object, got null/],
  ['a missing rate', () => ExponentialDecay({ decaySteps: 1, decayRate: 1 } as never), /initialLearningRate must be a finite number.*got undefined/],
  ['a rate below 0', () => InverseTimeDecay({ ...rate, decayRate: 1, initialLearningRate: -1 }), /InverseTimeDecay: initialLearningRate.*got -1/],
  ['no steps', () => ExponentialDecay({ initialLearningRate, decaySteps: 0, decayRate: 1 }), /decaySteps must be a finite number above 0, got 0/],
  ['steps of NaN', () => PolynomialDecay({ initialLearningRate, decaySteps: NaN }), /decaySteps.*got NaN/],
  ['decay to 0 at once', () => ExponentialDecay({ ...rate, decayRate: 0 }), /ExponentialDecay: decayRate must be above 0, got 0/],
  ['decay below 0', () => InverseTimeDecay({ ...rate, decayRate: -1 }), /decayRate must be a finite number of at least 0, got -1/],
  ['a staircase of 1', () => ExponentialDecay({ ...rate, decayRate: 1, staircase: 1 as never }), /staircase must be true or false, got number 1/],
  ['an end below 0', () => PolynomialDecay({ ...rate, endLearningRate: -1 }), /endLearningRate.*got -1/],
  ['a power of 0', () => PolynomialDecay({ ...rate, power: 0 }), /power must be a finite number above 0, got 0/],
  ['a cycle that is none', () => PolynomialDecay({ ...rate, cycle: 'yes' as never }), /cycle must be true or false, got string "yes"/],
  ['boundaries that are no list', () => PiecewiseConstantDecay({ boundaries: 3 as never, values: [1] }), /boundaries must be a list of numbers, got number 3/],
  ['a boundary that is no number', () => PiecewiseConstantDecay({ boundaries: ['1' as never], values: [1, 2] }), /boundaries\[0\] must be a finite number, got string "1"/],
  ['no boundary', () => PiecewiseConstantDecay({ boundaries: [], values: [1] }), /got 1 values and 0 boundaries/],
  ['too few values', () => PiecewiseConstantDecay({ boundaries: [1, 2], values: [1, 2] }), /values must be one more than boundaries.*got 2 values and 2 boundaries/],
  ['boundaries that fall', () => PiecewiseConstantDecay({ boundaries: [2, 2], values: [1, 2, 3] }), /boundaries must rise, got 2, 2/],
  ['values of NaN', () => PiecewiseConstantDecay({ boundaries: [2], values: [1, NaN] }), /values\[1\].*got NaN/],
  ['alpha below 0', () => CosineDecay({ ...rate, alpha: -1 }), /alpha.*at least 0, got -1/],
  ['a target below 0', () => CosineDecay({ ...rate, warmupTarget: -1 }), /warmupTarget.*got -1/],
  ['a warm-up of NaN', () => CosineDecay({ ...rate, warmupSteps: NaN }), /warmupSteps.*got NaN/],
  ['periods that shrink', () => CosineDecayRestarts({ initialLearningRate, firstDecaySteps: 10, tMul: 0.5 }), /tMul must be a finite number of at least 1, got 0.5/],
  ['periods that hardly grow', () => CosineDecayRestarts({ initialLearningRate, firstDecaySteps: 1, tMul: 1.00001 }), /tMul 1.00001 is too close to 1/],
  ['no first period', () => CosineDecayRestarts({ initialLearningRate, firstDecaySteps: 0 }), /firstDecaySteps.*above 0, got 0/],
  ['a factor below 0', () => CosineDecayRestarts({ initialLearningRate, firstDecaySteps: 1, mMul: -1 }), /mMul.*at least 0, got -1/],
  ['a share below 0', () => CosineDecayRestarts({ initialLearningRate, firstDecaySteps: 1, alpha: -1 }), /alpha.*got -1/],
  ['a name that is none', () => CosineDecay({ ...rate, name: 3 as never }), /name must be a string, got number 3/],
  ...([
    ['ExponentialDecay', ExponentialDecay], ['InverseTimeDecay', InverseTimeDecay], ['PolynomialDecay', PolynomialDecay],
    ['PiecewiseConstantDecay', PiecewiseConstantDecay], ['CosineDecay', CosineDecay], ['CosineDecayRestarts', CosineDecayRestarts],
  ] as const).map(([name, make]) =>
    [`${name} with decay_steps`, () => make({ decay_steps: 1 } as never), new RegExp(`${name}: unknown option decay_steps`)] as const),
];

describe('schedules', () => {
  test.each(refused)('%s is refused', (_, make, says) => {
    expect(make).toThrow(w.ValueError);
    expect(make).toThrow(says);
  });

  test.each(cases.map(([title, schedule]) => [title, schedule] as const))(
    '%s is made again from its config',
    (_, schedule) => {
      const config = schedule.getConfig!();
      const again = schedules.scheduleFromConfig({
        class_name: schedule.className,
        config: JSON.parse(JSON.stringify(config)),
      });
      expect(again.getConfig!()).toEqual(config);
      expect(again.className).toBe(schedule.className);
    },
  );

  test('configs are those of Keras', () => {
    expect(CosineDecay(rate).getConfig!()).toEqual({
      ...{ initial_learning_rate: 0.1, decay_steps: 10, alpha: 0, name: 'CosineDecay' },
      ...{ warmup_target: null, warmup_steps: 0 },
    });
    expect(CosineDecayRestarts({ initialLearningRate, firstDecaySteps: 5 }).getConfig!()).toEqual({
      ...{ initial_learning_rate: 0.1, first_decay_steps: 5, t_mul: 2, m_mul: 1, alpha: 0, name: 'SGDRDecay' },
    });
    expect(PiecewiseConstantDecay({ boundaries: [1], values: [1, 2] }).getConfig!()).toEqual({
      ...{ boundaries: [1], values: [1, 2], name: 'PiecewiseConstant' },
    });
    expect(PolynomialDecay(rate).getConfig!()).toEqual({
      ...{ initial_learning_rate: 0.1, decay_steps: 10, end_learning_rate: 0.0001, power: 1, cycle: false },
      name: 'PolynomialDecay',
    });
    expect(InverseTimeDecay({ ...rate, decayRate: 2 }).getConfig!()).toEqual({
      ...{ initial_learning_rate: 0.1, decay_steps: 10, decay_rate: 2, staircase: false, name: 'InverseTimeDecay' },
    });
  });
});
