// What `compile` is to be told, from what Keras' files keep of it.
import { lossFromConfig } from '../losses/fromConfig.ts';
import { metricFromConfig } from '../metrics/fromConfig.ts';
import type { CompileOptions } from '../models/objective.ts';
import { type Optimizer, optimizerFromConfig } from '../optimizers/optimizers.ts';
import { isObject } from './limits.ts';
import { mapped } from './mapped.ts';

type Config = Readonly<Record<string, unknown>>;

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
