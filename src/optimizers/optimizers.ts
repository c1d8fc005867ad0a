// The optimizers of Keras. What each computes stands in its shader; what all have in common in optimizer.ts.
import { ValueError } from '../errors.ts';
import { updateBy } from '../ops/updates.ts';
import { kerasObject } from '../schedules/schedule.ts';
import { scheduleFromConfig } from '../schedules/schedules.ts';
import { entryNamed } from '../tensor/names.ts';
import { kindOf, truth } from '../tensor/options.ts';
import { optionsOf } from './config.ts';
import { Optimizer } from './optimizer.ts';
import { type CommonSettings, commonOptions, notNegative, type OptionTable, readOptions, share } from './options.ts';

export type { GradientPair } from './checks.ts';
export type { Optimizer, OptimizerVariable } from './optimizer.ts';
export type { CommonSettings } from './options.ts';

interface SgdSettings extends CommonSettings {
  /** From 0 (default) to below 1. */
  readonly momentum: number;
  /** Looks ahead along the momentum. */
  readonly nesterov: boolean;
}

export type SgdOptions = Partial<SgdSettings>;

/** Stochastic gradient descent, with momentum and Nesterov's look-ahead if wanted. Learning rate 0.01. */
export function SGD(options: SgdOptions = {}): Optimizer {
  const settings = readOptions<SgdSettings>('SGD', options, {
    ...commonOptions(0.01, 'SGD'),
    momentum: [0, share],
    nesterov: [false, truth],
  });
  const { momentum, nesterov } = settings;
  return new Optimizer('SGD', settings, {
    slots: [[{ name: 'momentum', used: momentum > 0 }]],
    update: (operands, shared) => updateBy('sgd', operands, { ...shared, momentum, nesterov }),
  });
}

interface MomentSettings extends CommonSettings {
  /** How much of the mean of the gradients is kept; default 0.9. */
  readonly beta1: number;
  /** The same of the mean of their squares; default 0.999. */
  readonly beta2: number;
  /** Keeps a division by 0 away; default 1e-7. */
  readonly epsilon: number;
}

interface AdamSettings extends MomentSettings {
  /** Divides by the largest mean of squares so far. */
  readonly amsgrad: boolean;
}

export type AdamOptions = Partial<AdamSettings>;

const moments = (name: string): OptionTable<MomentSettings> => ({
  ...commonOptions(0.001, name),
  beta1: [0.9, share],
  beta2: [0.999, share],
  epsilon: [1e-7, notNegative],
});

/** Adam (Kingma and Ba 2015) in Keras' form. Learning rate 0.001. */
export function Adam(options: AdamOptions = {}): Optimizer {
  return adam('Adam', options, { ...moments('adam'), amsgrad: [false, truth] });
}

/** Adam with decoupled weight decay (Loshchilov and Hutter 2019), 0.004 if it is not given. */
export function AdamW(options: AdamOptions = {}): Optimizer {
  return adam('AdamW', options, { ...moments('adamw'), amsgrad: [false, truth], weightDecay: [0.004, notNegative] });
}

function adam(className: string, options: AdamOptions, table: OptionTable<AdamSettings>): Optimizer {
  const settings = readOptions(className, options, table);
  const { beta1, beta2, epsilon, amsgrad } = settings;
  const slots = [{ name: 'momentum' }, { name: 'velocity' }];
  return new Optimizer(className, settings, {
    slots: amsgrad ? [slots, [{ name: 'velocity_hat' }]] : [slots],
    update: (operands, shared) =>
      updateBy(amsgrad ? 'amsgrad' : 'adam', operands, { ...shared, beta1, beta2, epsilon }),
  });
}

interface RmspropSettings extends CommonSettings {
  /** How much of the mean of squares is kept; default 0.9. */
  readonly rho: number;
  /** From 0 (default) to below 1. */
  readonly momentum: number;
  /** Inside the root; default 1e-7. */
  readonly epsilon: number;
  /** Divides by the deviation of the gradients, and not by their size. */
  readonly centered: boolean;
}

export type RmspropOptions = Partial<RmspropSettings>;

/** RMSprop (Hinton 2012). Learning rate 0.001. */
export function RMSprop(options: RmspropOptions = {}): Optimizer {
  const settings = readOptions<RmspropSettings>('RMSprop', options, {
    ...commonOptions(0.001, 'rmsprop'),
    rho: [0.9, share],
    momentum: [0, share],
    epsilon: [1e-7, notNegative],
    centered: [false, truth],
  });
  const { rho, momentum, epsilon, centered } = settings;
  return new Optimizer('RMSprop', settings, {
    slots: [
      [{ name: 'velocity' }],
      [{ name: 'momentum', used: momentum > 0 }],
      [{ name: 'average_gradient', used: centered }],
    ],
    update: (operands, shared) => updateBy('rmsprop', operands, { ...shared, rho, momentum, epsilon, centered }),
  });
}

interface AdagradSettings extends CommonSettings {
  /** What the sums of squares begin with; default 0.1. */
  readonly initialAccumulatorValue: number;
  /** Inside the root; default 1e-7. */
  readonly epsilon: number;
}

export type AdagradOptions = Partial<AdagradSettings>;

/** Adagrad (Duchi, Hazan and Singer 2011). Learning rate 0.001. */
export function Adagrad(options: AdagradOptions = {}): Optimizer {
  const settings = readOptions<AdagradSettings>('Adagrad', options, {
    ...commonOptions(0.001, 'adagrad'),
    initialAccumulatorValue: [0.1, notNegative],
    epsilon: [1e-7, notNegative],
  });
  const { initialAccumulatorValue: start, epsilon } = settings;
  return new Optimizer('Adagrad', settings, {
    slots: [[{ name: 'accumulator', start }]],
    update: (operands, shared) => updateBy('adagrad', operands, { ...shared, epsilon }),
  });
}

export type AdamaxOptions = Partial<MomentSettings>;

/** Adam with the infinity norm (Kingma and Ba 2015, section 7.1). Learning rate 0.001. */
export function Adamax(options: AdamaxOptions = {}): Optimizer {
  const settings = readOptions('Adamax', options, moments('adamax'));
  const { beta1, beta2, epsilon } = settings;
  return new Optimizer('Adamax', settings, {
    slots: [[{ name: 'momentum' }, { name: 'norm' }]],
    update: (operands, shared) => updateBy('adamax', operands, { ...shared, beta1, beta2, epsilon }),
  });
}

export type NadamOptions = Partial<MomentSettings>;

/** Adam with Nesterov's look-ahead (Dozat 2016). Learning rate 0.001. */
export function Nadam(options: NadamOptions = {}): Optimizer {
  const settings = readOptions('Nadam', options, moments('nadam'));
  const { beta1, beta2, epsilon } = settings;
  return new Optimizer('Nadam', settings, {
    slots: [[{ name: 'momentum' }, { name: 'velocity' }]],
    numbers: [{ name: 'u_product', start: 1 }],
    update: (operands, shared) => updateBy('nadam', operands, { ...shared, beta1, beta2, epsilon }),
  });
}

const byName: Readonly<Record<string, (options?: object) => Optimizer>> = {
  ...{ sgd: SGD, adam: Adam, adamw: AdamW, rmsprop: RMSprop, adagrad: Adagrad, adamax: Adamax, nadam: Nadam },
};

const named = (name: unknown) => (typeof name === 'string' ? entryNamed(byName, name.toLowerCase()) : null);

const unknown = (given: unknown) =>
  new ValueError(
    `unknown optimizer ${kindOf(given)}; there are ${Object.keys(byName).join(', ')}, or an optimizer object`,
  );

/** An optimizer by its Keras name (any case), or as it is. */
export function resolveOptimizer(given: unknown): Optimizer {
  if (given instanceof Optimizer) return given;
  const make = named(given);
  if (make) return make();
  throw unknown(given);
}

/** An optimizer from what Keras writes of one: `{ class_name, config }` with names in snake_case. */
export function optimizerFromConfig(given: unknown): Optimizer {
  const { className, config } = kerasObject('an optimizer', given);
  const make = named(className);
  if (make) return make(optionsOf(config, scheduleFromConfig));
  throw unknown(className);
}
