// What `compile` was told, as Keras' files keep it, and from there.
import { lossFromConfig } from '../losses/fromConfig.ts';
import { lossNamed } from '../losses/resolve.ts';
import { metricFromConfig } from '../metrics/fromConfig.ts';
import { isPlainObject } from '../models/arrays.ts';
import type { CompileOptions, Objective } from '../models/objective.ts';
import { type Optimizer, optimizerFromConfig } from '../optimizers/optimizers.ts';
import { serialized } from '../tensor/described.ts';
import { isObject } from './limits.ts';

type Config = Readonly<Record<string, unknown>>;

/** `compile_config` of a .keras file. */
export async function compileConfig({ optimizer, given }: Objective): Promise<Config> {
  return {
    optimizer: {
      ...{ module: 'keras.optimizers', class_name: optimizer.className, registered_name: null },
      config: await optimizerConfig(optimizer),
    },
    ...judged(given),
    ...{ run_eagerly: false, steps_per_execution: 1, jit_compile: false },
  };
}

/** `training_config` of an .h5 file. */
export async function trainingConfig({ optimizer, given }: Objective): Promise<Config> {
  const config = await optimizerConfig(optimizer);
  return { ...judged(given), optimizer_config: { class_name: optimizer.className, config } };
}

async function optimizerConfig(optimizer: Optimizer): Promise<Config> {
  // one that was set on the device is read back
  if (!optimizer.schedule) await optimizer.currentLearningRate();
  return optimizer.getConfig();
}

function judged({ loss, lossWeights, metrics, weightedMetrics }: CompileOptions): Config {
  return {
    loss: mapped(loss, lossConfig),
    loss_weights: lossWeights ?? null,
    metrics: mapped(metrics ?? null, metricConfig),
    weighted_metrics: mapped(weightedMetrics ?? null, metricConfig),
  };
}

/** A function on everything that lists and objects hold. */
function mapped(given: unknown, map: (one: unknown) => unknown): unknown {
  if (given === null) return null;
  if (Array.isArray(given)) return given.map((one: unknown) => mapped(one, map));
  if (!isPlainObject(given) || 'class_name' in given) return map(given);
  return Object.fromEntries(Object.entries(given).map(([name, one]) => [name, mapped(one, map)]));
}

/** Names in Keras' spelling; a function of ours by its name. */
function lossConfig(loss: unknown): unknown {
  const named = typeof loss === 'string' ? loss : typeof loss === 'function' ? loss.name : '';
  const found = lossNamed(named);
  const isOurs = typeof loss === 'string' || found === loss;
  return found && isOurs ? found.name : serialized(loss);
}

function metricConfig(metric: unknown): unknown {
  const isOurs = typeof metric === 'function' && Reflect.has(metric, 'readers');
  return isOurs ? metric.name : serialized(metric);
}

/** The options of `compile` in either kind of configuration; null where there is no loss. Whatever it names exists here, or it is refused. */
export function compileOptions(config: Config): CompileOptions | null {
  if (!isGiven(config.loss)) return null;
  const optimizer = optimizerOf(config.optimizer ?? config.optimizer_config);
  // the types of what is in files are checked by compile
  return {
    ...(optimizer !== null && { optimizer }),
    loss: mapped(config.loss, lossFromConfig),
    ...(isGiven(config.loss_weights) && { lossWeights: config.loss_weights }),
    ...(isGiven(config.metrics) && { metrics: mapped(config.metrics, metricFromConfig) }),
    ...(isGiven(config.weighted_metrics) && { weightedMetrics: mapped(config.weighted_metrics, metricFromConfig) }),
  } as CompileOptions;
}

const isGiven = (value: unknown) => value !== null && value !== undefined;

function optimizerOf(given: unknown): string | Optimizer | null {
  if (!isGiven(given)) return null;
  return typeof given === 'string' ? given : optimizerFromConfig(isObject(given) ? inOurWords(given) : given);
}

/** What Keras 2 has other words for: `lr`, and a `decay` that is a schedule here. Classes of its own are `Custom>` there. */
function inOurWords({ class_name: name, config }: Config): Config {
  const { lr, decay, ...rest }: Config = isObject(config) ? config : {};
  const rate = rest.learning_rate ?? lr;
  const schedule = { initial_learning_rate: rate, decay_steps: 1, decay_rate: decay, staircase: false };
  const learning_rate = decay ? { class_name: 'InverseTimeDecay', config: schedule } : rate;
  return {
    class_name: typeof name === 'string' ? name.replace(/^Custom>/, '') : name,
    config: { ...rest, learning_rate },
  };
}
