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

/** Uses of layers: the deepest networks that were ever published have a few thousand. */
const MOST_RUNS = 5000;

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
  const runs = runsOf(given);
  if (runs > MOST_RUNS)
    throw new FormatError(
      `${reading.where}: its layers are used ${runs} times in all; at most ${MOST_RUNS} are allowed`,
    );
  return modelAt(given, reading, 0);
}

/** How many layers run when the model does. What is in a model that is used twice runs twice, so a few lines can stand for 2^32. */
function runsOf(entry: unknown, depth = 0): number {
  const { class_name: name, config, inbound_nodes: nodes } = isObject(entry) ? entry : {};
  const uses = Array.isArray(nodes) ? Math.max(1, nodes.length) : 1;
  if (!isModel(name) || depth > MOST_DEPTH) return uses;
  const inner = layersOf(config) ?? [];
  return uses * inner.reduce((sum: number, layer) => sum + runsOf(layer, depth + 1), 1);
}

/** Before Keras 2.3 a Sequential was the list of its layers. */
function layersOf(config: unknown): readonly unknown[] | null {
  const layers: unknown = isObject(config) ? config.layers : config;
  return Array.isArray(layers) ? layers : null;
}

function modelAt(given: unknown, reading: Reading, depth: number): Model {
  const { where } = reading;
  if (depth > MOST_DEPTH) throw new FormatError(`${where}: models lie more than ${MOST_DEPTH} deep in each other`);
  const { class_name: name, config } = isObject(given) ? given : {};
  if (!isModel(name))
    throw new FormatError(`${where}: unknown model ${kindOf(name)}; there are Sequential and Functional`);
  const layers = layersOf(config);
  if (!layers)
    throw new FormatError(`${where}: expected a model { class_name, config: { layers } }, got ${kindOf(given)}`);
  const settings = isObject(config) ? config : {};
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
