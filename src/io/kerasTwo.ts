// Configurations in the words of Keras 2, which Keras 3 reads as well, and tfjs reads alone.
import { type Config, type Dialect, kerasThree } from '../models/toConfig.ts';
import { entryNamed } from '../tensor/names.ts';
import { isObject } from './limits.ts';

/** Of .h5 files. */
export const kerasTwo: Dialect = {
  entry: (className, config) => ({ class_name: className, config: inTwo(className, config, plain) }),
  use: (inputs, kwargs) => inputs.map(({ place }) => [...place, kwargs]),
  // a list of one would be a model that gives lists
  ends: kerasThree.ends,
  firstUse: kerasThree.firstUse,
  firstEnd: kerasThree.firstEnd,
};

/** Of model.json. Each nested model has a use of its own before all others, of whatever class it is. */
export const ofTfjs: Dialect = {
  ...kerasTwo,
  entry: (className, config) => ({ class_name: className, config: inTwo(className, config, plainOfTfjs) }),
  ends: (places) => places,
  firstUse: ofModels,
  firstEnd: ofModels,
};

function ofModels(className: string): number {
  return className === 'Functional' || className === 'Sequential' ? 1 : 0;
}

/** Options that have another name there. */
const renamed: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  InputLayer: { batch_shape: 'batch_input_shape' },
  LeakyReLU: { negative_slope: 'alpha' },
};

function inTwo(className: string, config: Config, translate: (value: unknown) => unknown): Config {
  // a model: what is in it has been written already
  if (Array.isArray(config.layers)) {
    const { dtype, build_input_shape, ...rest } = config;
    return rest;
  }
  const names = renamed[className] ?? {};
  const entries = Object.entries(config).map(([name, value]) => [entryNamed(names, name) ?? name, translate(value)]);
  return Object.fromEntries(entries);
}

/** Objects without where they come from: `{ class_name, config }`. A dtype is its name. */
function plain(value: unknown): unknown {
  if (!isObject(value) || typeof value.class_name !== 'string' || !isObject(value.config)) return value;
  const { class_name, config } = value;
  if (class_name === 'DTypePolicy') return config.name;
  const inner = Object.fromEntries(Object.entries(config).map(([name, one]) => [name, plain(one)]));
  return { class_name, config: inner };
}

/** In tfjs some things have one name only. */
function plainOfTfjs(value: unknown): unknown {
  if (value === 'silu') return 'swish';
  const found = plain(value);
  if (!isObject(found) || (found.class_name !== 'L1' && found.class_name !== 'L2')) return found;
  return { class_name: 'L1L2', config: { l1: 0, l2: 0, ...(isObject(found.config) && found.config) } };
}
