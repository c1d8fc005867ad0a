// Models from what files say of them, in the words of Keras 3, of Keras 2, and of tfjs, which are those of Keras 2.
import { FormatError, WgslgradError } from '../errors.ts';
import { layerFromConfig } from '../layers/fromConfig.ts';
import type { Layer } from '../layers/layer.ts';
import { Functional } from '../models/functional.ts';
import type { Model } from '../models/model.ts';
import { Sequential } from '../models/sequential.ts';
import { clip } from '../ops/activations.ts';
import { add, mul } from '../ops/elementwise.ts';
import { kindOf } from '../tensor/options.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { connectGraph, type GraphEntry } from './connect.ts';
import { isObject, parseObject } from './limits.ts';

/**
 * A model with new weights from what `model.toJSON()` and Keras' `model.to_json()` give, as a text or as an object.
 *
 * @throws FormatError that names the layer which does not exist here, or does not fit
 */
export function modelFromJSON(given: string | object): Model {
  const where = 'modelFromJSON';
  return modelFromConfig(typeof given === 'string' ? parseObject(given, where) : given, { where, keras: 3 });
}

/** Models in models, deeper than anybody builds them. */
const MOST_DEPTH = 32;

/** What is said of a file while it is read. */
interface Reading {
  /** What an error calls it. */
  readonly where: string;
  /** The version of Keras whose words it has: in some, words mean something else. */
  readonly keras: 2 | 3;
}

/**
 * A model with new weights.
 *
 * @throws FormatError that names the layer which does not exist here, or does not fit
 */
export function modelFromConfig(given: unknown, reading: Reading): Model {
  return modelAt(given, reading, 0);
}

function modelAt(given: unknown, reading: Reading, depth: number): Model {
  const { where } = reading;
  if (depth > MOST_DEPTH) throw new FormatError(`${where}: models lie more than ${MOST_DEPTH} deep in each other`);
  const { class_name: name, config } = isObject(given) ? given : {};
  if (!isModel(name))
    throw new FormatError(`${where}: unknown model ${kindOf(name)}; there are Sequential and Functional`);
  // before Keras 2.3 a Sequential was the list of its layers
  const settings = Array.isArray(config) ? { layers: config } : config;
  if (!isObject(settings) || !Array.isArray(settings.layers))
    throw new FormatError(`${where}: expected a model { class_name, config: { layers } }, got ${kindOf(given)}`);
  const layers: readonly unknown[] = settings.layers;
  const makeLayer = (entry: unknown) => layerAt(entry, reading, depth);
  const model = isSequential(name)
    ? inTerms(where, () => new Sequential(layers.map(makeLayer), nameOf(settings)))
    : functional(
        settings,
        layers.map((entry) => graphEntry(entry, makeLayer, where)),
        where,
      );
  if (settings.trainable === false) model.trainable = false;
  return model;
}

const isSequential = (name: unknown) => name === 'Sequential';

const isModel = (name: unknown) => isSequential(name) || name === 'Functional' || name === 'Model';

function functional(settings: Readonly<Record<string, unknown>>, entries: readonly GraphEntry[], where: string): Model {
  const { input_layers: inputs, output_layers: outputs } = settings;
  return inTerms(
    where,
    () => new Functional({ ...connectGraph(entries, inputs, outputs, where), ...nameOf(settings) }),
  );
}

function nameOf({ name }: Readonly<Record<string, unknown>>): { name?: string } {
  return typeof name === 'string' && name !== '' ? { name } : {};
}

function layerAt(entry: unknown, reading: Reading, depth: number): Layer {
  if (isObject(entry) && isModel(entry.class_name)) return modelAt(entry, reading, depth + 1);
  const { where, keras } = reading;
  const config = isObject(entry) && isObject(entry.config) ? entry.config : {};
  const named = typeof config.name === 'string' ? `${where}: ${config.name}` : where;
  const isOther = keras === 2 && config.activation === 'hard_sigmoid';
  return inTerms(named, () =>
    layerFromConfig(isOther ? { ...(entry as object), config: { ...config, activation: hardSigmoid } } : entry),
  );
}

/** That of Keras 2. */
function hardSigmoid(x: Tensor): Tensor {
  return clip(add(mul(x, 0.2), 0.5), 0, 1);
}

function graphEntry(entry: unknown, makeLayer: (entry: unknown) => Layer, where: string): GraphEntry {
  const layer = makeLayer(entry);
  const { name = layer.name, inbound_nodes: nodes } = isObject(entry) ? entry : {};
  if (typeof name === 'string' && Array.isArray(nodes)) return { name, layer, nodes };
  throw new FormatError(`${where}: ${layer.name} needs a name and a list inbound_nodes`);
}

/** What layers and models refuse is, where it comes from a file, a mistake of the file. */
export function inTerms<T>(where: string, make: () => T): T {
  try {
    return make();
  } catch (cause) {
    if (!(cause instanceof WgslgradError) || cause instanceof FormatError) throw cause;
    throw new FormatError(`${where}: ${cause.message}`, { cause });
  }
}
