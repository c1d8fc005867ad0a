// What `compile` was told, as Keras' files keep it.
import { lossNamed } from '../losses/resolve.ts';
import type { CompileOptions, Objective } from '../models/objective.ts';
import type { Optimizer } from '../optimizers/optimizers.ts';
import { serialized } from '../tensor/described.ts';
import { mapped } from './mapped.ts';

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
