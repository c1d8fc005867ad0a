// The older .h5 file of a whole model: its configuration as attributes, its weights in groups.

import { FormatError } from '../errors.ts';
import type { LoadedModel } from '../models/files.ts';
import type { Model } from '../models/model.ts';
import { modelToConfig } from '../models/toConfig.ts';
import { trainingConfig } from './compileConfig.ts';
import { type Hdf5Group, makeGroup, setText, textOf } from './hdf5/tree.ts';
import { writeHdf5 } from './hdf5/write.ts';
import { kerasJson } from './kerasJson.ts';
import { kerasTwo } from './kerasTwo.ts';
import { arraysOf, KERAS_VERSION, legacyTree, legacyWeightsIn, putArrays } from './legacyH5.ts';
import { parseObject } from './limits.ts';
import { optimizerState } from './optimizerState.ts';
import { valuesOf } from './weights.ts';

const CONFIG = 'model_config';
const TRAINING = 'training_config';
const WEIGHTS = 'model_weights';
const OPTIMIZER = 'optimizer_weights';

/** A model with its weights, and how it is trained if it was compiled. Needs npm package h5wasm. */
export async function encodeH5(model: Model): Promise<Uint8Array<ArrayBuffer>> {
  const root = makeGroup();
  setText(root, CONFIG, kerasJson(modelToConfig(model, kerasTwo)));
  setText(root, 'backend', 'tensorflow');
  setText(root, 'keras_version', KERAS_VERSION);
  root.groups.set(WEIGHTS, legacyTree(model, await valuesOf(model)));
  const { currentObjective: objective } = model;
  if (objective) {
    setText(root, TRAINING, kerasJson(await trainingConfig(objective)));
    const { optimizer } = objective;
    const state = await optimizerState(optimizer);
    const named = state.map(({ name, ...array }) => ({
      ...array,
      name: `${optimizer.name}/${name.replaceAll('/', '_')}`,
    }));
    if (named.length > 0) {
      const group = makeGroup();
      putArrays(group, named);
      root.groups.set(OPTIMIZER, group);
    }
  }
  return writeHdf5(root);
}

/** What such a file says. */
export function modelInH5(root: Hdf5Group, file: string): LoadedModel {
  const config = textOf(root, CONFIG);
  const weights = root.groups.get(WEIGHTS);
  if (config === null || !weights)
    throw new FormatError(
      `${file}: holds no model, which has an attribute ${CONFIG} and a group ${WEIGHTS}; loadWeights reads weights alone`,
    );
  const training = textOf(root, TRAINING);
  const optimizer = root.groups.get(OPTIMIZER);
  return {
    config: parseObject(config, `${file}: ${CONFIG}`),
    keras: textOf(root, 'keras_version')?.startsWith('3') ? 3 : 2,
    compile: training === null ? null : parseObject(training, `${file}: ${TRAINING}`),
    weights: (model) => legacyWeightsIn(weights, model, file),
    optimizer: optimizer ? arraysOf(optimizer, `${file}: ${OPTIMIZER}`) : [],
  };
}
