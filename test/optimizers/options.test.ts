// What optimizers are told: everything that is no option or no value of one is refused; what is told can be written down.
import { describe, expect, test } from 'vitest';
import * as w from 'wgslgrad';
import { onEachBackend } from '../models/support.ts';

const { optimizers, schedules } = w;
const { SGD, Adam, AdamW, RMSprop, Adagrad, Adamax, Nadam, optimizerFromConfig, resolveOptimizer } = optimizers;
type Optimizer = w.optimizers.Optimizer;

const makers = { SGD, Adam, AdamW, RMSprop, Adagrad, Adamax, Nadam };
type Name = keyof typeof makers;
const names = Object.keys(makers) as Name[];

/** Values that an option refuses, and what its error says of them. */
const refused: Readonly<Record<string, readonly (readonly [value: unknown, says: RegExp])[]>> = {
  learningRate: [
    [-1, /learningRate must be a finite number of at least 0, got -1/],
    [NaN, /learningRate.*got NaN/],
    ['0.1', /learningRate.*got string "0.1"/],
    [null, /learningRate.*got null/],
  ],
  weightDecay: [
    [-0.1, /weightDecay must be a finite number of at least 0, got -0.1/],
    [true, /weightDecay.*got boolean true/],
  ],
  clipnorm: [
    [0, /clipnorm must be a finite number above 0, got 0/],
    [Infinity, /clipnorm.*got Infinity/],
  ],
  globalClipnorm: [[-1, /globalClipnorm must be a finite number above 0, got -1/]],
  clipvalue: [
    [0, /clipvalue must be a finite number above 0, got 0/],
    [[1], /clipvalue.*got a list/],
  ],
  useEma: [[1, /useEma must be true or false, got number 1/]],
  emaMomentum: [
    [1.01, /emaMomentum must be a number from 0 to 1, got number 1.01/],
    [-0.1, /emaMomentum.*got number -0.1/],
    [NaN, /emaMomentum.*got number NaN/],
  ],
  emaOverwriteFrequency: [
    [0, /emaOverwriteFrequency must be a whole number of at least 1, got 0/],
    [1.5, /emaOverwriteFrequency.*got 1.5/],
  ],
  gradientAccumulationSteps: [
    [1, /gradientAccumulationSteps must be a whole number of at least 2, got 1/],
    ['2', /gradientAccumulationSteps.*got string "2"/],
  ],
  lossScaleFactor: [[0, /lossScaleFactor must be a finite number above 0, got 0/]],
  name: [
    ['', /name must be a word, got string ""/],
    [3, /name must be a word, got number 3/],
  ],
};

const share = (name: string): [unknown, RegExp][] => [
  [1, new RegExp(`${name} must be a finite number from 0 to below 1, got 1`)],
  [-0.1, new RegExp(`${name}.*got -0.1`)],
  ['a', new RegExp(`${name}.*got string "a"`)],
];
const notNegative = (name: string): [unknown, RegExp][] => [
  [-1e-9, new RegExp(`${name} must be a finite number of at least 0, got -1e-9`)],
  [null, new RegExp(`${name}.*got null`)],
];
const truth = (name: string): [unknown, RegExp][] => [[0, new RegExp(`${name} must be true or false, got number 0`)]];
const moments = { beta1: share('beta1'), beta2: share('beta2'), epsilon: notNegative('epsilon') };

const own: Readonly<Record<Name, Readonly<Record<string, [unknown, RegExp][]>>>> = {
  SGD: { momentum: share('momentum'), nesterov: truth('nesterov') },
  Adam: { ...moments, amsgrad: truth('amsgrad') },
  AdamW: { ...moments, amsgrad: truth('amsgrad'), weightDecay: notNegative('weightDecay') },
  RMSprop: {
    rho: share('rho'),
    momentum: share('momentum'),
    epsilon: notNegative('epsilon'),
    centered: truth('centered'),
  },
  Adagrad: { initialAccumulatorValue: notNegative('initialAccumulatorValue'), epsilon: notNegative('epsilon') },
  Adamax: moments,
  Nadam: moments,
};

describe.each(names)('%s refuses', (name) => {
  const make = (options: unknown) => () => makers[name](options as never);

  test.each(
    Object.entries({ ...refused, ...own[name] }).flatMap(([option, values]) =>
      values.map(([value, says]) => [`${option}: ${JSON.stringify(value)}`, option, value, says] as const),
    ),
  )('%s', (_, option, value, says) => {
    expect(make({ [option]: value })).toThrow(w.ValueError);
    expect(make({ [option]: value })).toThrow(says);
    expect(make({ [option]: value })).toThrow(new RegExp(`^${name}: `));
  });

  test('options that it does not have, and what are none', () => {
    expect(make({ learning_rate: 1 })).toThrow(/unknown option learning_rate; there are learningRate, weightDecay/);
    expect(make({ beta_1: 1 })).toThrow(/unknown option beta_1/);
    expect(make(null)).toThrow(/options must be an object, got null/);
    expect(make(0.1)).toThrow(/options must be an object, got number 0.1/);
  });

  test('two ways to clip', () => {
    expect(make({ clipnorm: 1, clipvalue: 1 })).toThrow(
      /only one way to clip can be chosen, got clipnorm and clipvalue/,
    );
    expect(make({ globalClipnorm: 1, clipnorm: 1 })).toThrow(/got clipnorm and globalClipnorm/);
  });

  test('every option is checked in this table', () => {
    const known = Object.keys({ ...refused, ...own[name] }).sort();
    let said = '';
    try {
      make({ nothing: 1 })();
    } catch (error) {
      said = String(error);
    }
    expect(
      said
        .replace(/.*there are /, '')
        .split(', ')
        .sort(),
    ).toEqual(known);
  });
});

test.each(names)('%s is written down as Keras writes it, and made again from that', (name) => {
  const defaults: Readonly<Record<string, unknown>> = {
    ...{ weight_decay: null, clipnorm: null, global_clipnorm: null, clipvalue: null, use_ema: false },
    ...{ ema_momentum: 0.99, ema_overwrite_frequency: null, gradient_accumulation_steps: null },
    ...{ loss_scale_factor: null, learning_rate: 0.001, name: name.toLowerCase() },
  };
  const adam = { beta_1: 0.9, beta_2: 0.999, epsilon: 1e-7 };
  const particular: Readonly<Record<Name, object>> = {
    SGD: { learning_rate: 0.01, momentum: 0, nesterov: false, name: 'SGD' },
    Adam: { ...adam, amsgrad: false },
    AdamW: { ...adam, amsgrad: false, weight_decay: 0.004 },
    RMSprop: { rho: 0.9, momentum: 0, epsilon: 1e-7, centered: false },
    Adagrad: { initial_accumulator_value: 0.1, epsilon: 1e-7 },
    Adamax: adam,
    Nadam: adam,
  };
  const optimizer = makers[name]();
  expect(optimizer.getConfig()).toEqual({ ...defaults, ...particular[name] });
  expect([optimizer.className, optimizer.name]).toEqual([name, optimizer.getConfig().name]);

  const options = { learningRate: 0.5, weightDecay: 0.1, clipvalue: 2, useEma: true, gradientAccumulationSteps: 3 };
  const changed = makers[name]({ ...options, name: 'mine' });
  const again = optimizerFromConfig({ class_name: name, config: changed.getConfig() });
  expect(again.getConfig()).toEqual(changed.getConfig());
  expect(again.className).toBe(name);
});

test('a learning rate that was set is the one that is written', () => {
  const optimizer = Adam();
  optimizer.learningRate = 0.25;
  expect(optimizer.getConfig().learning_rate).toBe(0.25);
});

test('a schedule is written as an object of its own', () => {
  const schedule = schedules.ExponentialDecay({ initialLearningRate: 0.5, decaySteps: 10, decayRate: 0.5 });
  const config = SGD({ learningRate: schedule }).getConfig();
  const { initial_learning_rate, ...rest } = schedule.getConfig!();
  expect(config.learning_rate).toEqual({
    ...{ module: 'keras.optimizers.schedules', class_name: 'ExponentialDecay', registered_name: null },
    config: { initial_learning_rate: 0.5, ...rest },
  });
  expect(initial_learning_rate).toBe(0.5);
  expect(optimizerFromConfig({ class_name: 'SGD', config }).getConfig()).toEqual(config);
  expect(() => SGD({ learningRate: () => w.tensor(1) }).getConfig()).toThrow(/cannot be written down/);
});

test('files of older Keras say more', () => {
  // tf.keras 2.12, as in the training_config of an .h5 file
  const config = {
    ...{ name: 'Adam', weight_decay: null, clipnorm: null, global_clipnorm: null, clipvalue: null, use_ema: false },
    ...{ ema_momentum: 0.99, ema_overwrite_frequency: null, jit_compile: false, is_legacy_optimizer: false },
    ...{ learning_rate: 0.0010000000474974513, beta_1: 0.9, beta_2: 0.999, epsilon: 1e-7, amsgrad: false },
  };
  const optimizer = optimizerFromConfig({ class_name: 'Adam', config });
  expect(optimizer.learningRate).toBe(0.0010000000474974513);
  expect(optimizerFromConfig({ class_name: 'SGD', config: { decay: 0, momentum: 0.5 } }).getConfig().momentum).toBe(
    0.5,
  );
  expect(() => optimizerFromConfig({ class_name: 'SGD', config: { decay: 0.1 } })).toThrow(/SGD: unknown option decay/);
});

test.each<[unknown, RegExp]>([
  [null, /an optimizer is written as \{ class_name, config \}, got null/],
  ['Adam', /got string "Adam"/],
  [{ class_name: 'Adam' }, /an optimizer is written as/],
  [{ class_name: 3, config: {} }, /an optimizer is written as/],
  [{ class_name: 'Lion', config: {} }, /unknown optimizer string "Lion"; there are sgd, adam, adamw, rmsprop/],
  [{ class_name: 'constructor', config: {} }, /unknown optimizer/],
  [{ class_name: 'Adam', config: { beta_3: 1 } }, /Adam: unknown option beta3/],
  [{ class_name: 'Adam', config: { learning_rate: {} } }, /a learning rate schedule is written as/],
  [{ class_name: 'Adam', config: { learning_rate: { class_name: 'No', config: {} } } }, /unknown schedule string "No"/],
])('optimizerFromConfig refuses %j', (given, says) => {
  expect(() => optimizerFromConfig(given)).toThrow(w.ValueError);
  expect(() => optimizerFromConfig(given)).toThrow(says);
});

test('names are known in any case', () => {
  for (const name of names) {
    expect(resolveOptimizer(name).className).toBe(name);
    expect(resolveOptimizer(name.toLowerCase()).className).toBe(name);
    expect(resolveOptimizer(name.toUpperCase()).className).toBe(name);
  }
  const optimizer = SGD();
  expect(resolveOptimizer(optimizer)).toBe(optimizer);
  for (const given of ['no_such', 'toString', 3, null, {}])
    expect(() => resolveOptimizer(given)).toThrow(/unknown optimizer .*there are sgd, adam, .*or an optimizer object/);
});

onEachBackend(() => {
  const v = () => w.variable([1, 2], { name: 'v' });
  const applied = (pairs: () => unknown[]) => () => SGD().apply(pairs() as never);
  const g = () => w.tensor([1, 1]);
  test.each<[string, () => unknown, RegExp]>([
    ['no list', () => SGD().apply(3 as never), /SGD: apply takes a list of \[gradient, variable\]/],
    ['an empty list', applied(() => []), /SGD: there is no trainable variable to update/],
    ['no pair', applied(() => [[g()]]), /takes a list of \[gradient, variable\]/],
    ['a tensor for a variable', applied(() => [[g(), g()]]), /variables\[0\] must be a variable, got a tensor/],
    ['no gradient', applied(() => [[null, v()]]), /the gradient of v must be a tensor, got null/],
    ['another shape', applied(() => [[w.ones([3]), v()]]), /the gradient of v has shape \[3\], the variable \[2\]/],
    [
      'an integer gradient',
      applied(() => [[w.ones([2], 'int32'), v()]]),
      /the gradient of v is int32, the variable float32/,
    ],
    [
      'an integer variable',
      applied(() => [[w.ones([2], 'int32'), w.variable(w.ones([2], 'int32'), { name: 'n' })]]),
      /variables must be floats of one dtype, n is int32/,
    ],
    [
      'a variable twice',
      () => {
        const one = v();
        SGD().apply([
          [g(), one],
          [g(), one],
        ]);
      },
      /v is given twice; add its gradients up/,
    ],
    ['no variables to build', () => SGD().build([]), /there is no trainable variable/],
    ['no list to build', () => SGD().build(v() as never), /expected a list of variables, got a tensor/],
    ['weights before it is built', () => SGD().getWeights(), /SGD: getWeights needs build\(variables\)/],
    ['weights set before it is built', () => SGD().setWeights([]), /SGD: setWeights needs build\(variables\)/],
    ['a rate below 0', () => Object.assign(SGD(), { learningRate: -1 }), /learningRate must be.*at least 0, got -1/],
    [
      'a rate set over a schedule',
      () => Object.assign(SGD({ learningRate: () => w.tensor(1) }), { learningRate: 1 }),
      /learningRate follows a schedule and cannot be set/,
    ],
    [
      'a rate read from a schedule',
      () => SGD({ learningRate: () => w.tensor(1) }).learningRate,
      /follows a schedule; use await optimizer.currentLearningRate\(\)/,
    ],
    [
      'a schedule that gives a number',
      () => SGD({ learningRate: (() => 1) as never }).apply([[g(), v()]]),
      /must give a tensor made of operations on the step.*got number 1/,
    ],
    [
      'a schedule that gives a list',
      () => SGD({ learningRate: () => w.ones([2]) }).apply([[g(), v()]]),
      /a learning rate is one number, got shape \[2\]/,
    ],
    [
      'a loss that is no function',
      () => SGD().minimize(3 as never, [v()]),
      /SGD.minimize: expected a function, got number 3/,
    ],
    ['a loss that is no number', () => SGD().minimize(g, [v()]), /SGD.minimize: the result must be one number/],
    ['a loss of something else', () => SGD().minimize(() => w.sum(g()), [v()]), /depends on none of the variables/],
    [
      'exclusions of nothing known',
      () => SGD().excludeFromWeightDecay({ var_list: [] } as never),
      /unknown option var_list/,
    ],
    [
      'exclusions that are no words',
      () => SGD().excludeFromWeightDecay({ names: 'bias' as never }),
      /names must be a list of words, got string "bias"/,
    ],
    [
      'exclusions that are no variables',
      () => SGD().excludeFromWeightDecay({ variables: [g()] as never }),
      /variables\[0\] must be a variable/,
    ],
    [
      'exclusions that come too late',
      () => {
        const optimizer = SGD();
        optimizer.build([v()]);
        optimizer.excludeFromWeightDecay({ names: ['v'] });
      },
      /comes too late, the optimizer is built/,
    ],
  ])('%s is refused', (_, call, says) => {
    expect(call).toThrow(says);
    expect(call).toThrow(w.WgslgradError);
  });

  test.each<[string, (v: w.Variable) => Parameters<Optimizer['excludeFromWeightDecay']>[0], number]>([
    ['by itself', (one) => ({ variables: [one] }), 1],
    ['by a part of its name', () => ({ names: ['x', 'nse/bi'] }), 1],
    ['by nothing', () => ({ names: ['x'] }), 0.5],
  ])('a variable is excluded from decay %s', async (_, options, expected) => {
    const one = w.variable([1], { name: 'dense/bias' });
    const optimizer = SGD({ learningRate: 1, weightDecay: 0.5 });
    optimizer.excludeFromWeightDecay(options(one));
    optimizer.apply([[w.zeros([1]), one]]);
    expect(await one.item()).toBe(expected);
  });

  test('a variable is left as it was when its gradient is refused', async () => {
    const [one, other] = [v(), v()];
    const optimizer = SGD({ learningRate: 1 });
    expect(() =>
      optimizer.apply([
        [g(), one],
        [w.ones([3]), other],
      ]),
    ).toThrow(w.ShapeError);
    expect([await one.array(), optimizer.variables]).toEqual([[1, 2], []]);
  });
}, ['cpu float32']);
