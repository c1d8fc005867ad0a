// The weights of the older .h5 files: a group for each layer, whose attribute weight_names lists its arrays in their order.
import { FormatError } from '../errors.ts';
import type { Layer, Weight } from '../layers/layer.ts';
import type { Assignment } from '../models/files.ts';
import type { Model } from '../models/model.ts';
import { version } from '../version.ts';
import type { NamedArray, PlainArray } from './arrays.ts';
import { datasetAt, findGroup, groupAt, type Hdf5Group, makeGroup, setText, setTexts, textsOf } from './hdf5/tree.ts';
import { byEnding } from './weights.ts';

/** The version of Keras whose files these are. */
export const KERAS_VERSION = '3.15.1';

/** Those that are trained come first, in a model inside of the model too. */
function inOrder(layer: Layer): Weight[] {
  const trained = layer.trainableWeights;
  return [...trained, ...layer.weights.filter((weight) => !trained.includes(weight))];
}

/** The group `model_weights`, or the root of a file of weights alone. */
export function legacyTree(model: Model, values: ReadonlyMap<Weight, PlainArray>): Hdf5Group {
  const root = makeGroup();
  setTexts(
    root,
    'layer_names',
    model.layers.map(({ name }) => name),
  );
  setText(root, 'backend', 'tensorflow');
  setText(root, 'keras_version', KERAS_VERSION);
  setText(root, 'generator', `wgslgrad ${version}`);
  for (const layer of model.layers) {
    const named = inOrder(layer).map((weight) => ({ name: weight.name, ...values.get(weight)! }));
    putArrays(groupAt(root, layer.name), named);
  }
  putArrays(groupAt(root, 'top_level_model_weights'), []);
  return root;
}

/** Arrays in a group, with the attribute that names them. */
export function putArrays(group: Hdf5Group, arrays: readonly NamedArray[]): void {
  setTexts(
    group,
    'weight_names',
    arrays.map(({ name }) => name),
  );
  for (const { name, shape, data } of arrays) {
    const cut = name.lastIndexOf('/');
    groupAt(group, name.slice(0, Math.max(cut, 0))).datasets.set(name.slice(cut + 1), { shape, data });
  }
}

/** The arrays of a group in the order of their names. */
export function arraysOf(group: Hdf5Group, where: string): NamedArray[] {
  return textsOf(group, 'weight_names', where).map((name) => ({ name, ...datasetAt(group, name, where) }));
}

/** What the weights of the model become: by the names of layers, or where they are other ones, by their order. */
export function legacyWeightsIn(root: Hdf5Group, model: Model, file: string): Assignment[] {
  const kept = textsOf(root, 'layer_names', file)
    .map((name) => ({ name, arrays: layerArrays(root, name, file) }))
    .filter(({ arrays }) => arrays.length > 0);
  const layers = model.layers.filter(({ weights }) => weights.length > 0);
  const byName = new Map(kept.map((one) => [one.name, one]));
  const named = layers.every(({ name }) => byName.has(name));
  if (kept.length !== layers.length) {
    throw new FormatError(
      `${file}: holds weights of ${kept.length} layers, ${model.name} has ${layers.length} with weights${missing(kept, layers)}; build the same layers as when it was saved`,
    );
  }
  return layers.flatMap((layer, i) => ofLayer(layer, named ? byName.get(layer.name)! : kept[i]!, file));
}

interface KeptLayer {
  readonly name: string;
  readonly arrays: readonly NamedArray[];
}

function layerArrays(root: Hdf5Group, name: string, file: string): NamedArray[] {
  const group = findGroup(root, name);
  if (!group) throw new FormatError(`${file}: layer_names has ${name}, but there is no such group`);
  return arraysOf(group, `${file}: ${name}`);
}

function missing(kept: readonly KeptLayer[], layers: readonly Layer[]): string {
  const names = new Set(layers.map(({ name }) => name));
  const strange = kept.find(({ name }) => !names.has(name));
  return strange ? ` (${strange.name} is none of them)` : '';
}

function ofLayer(layer: Layer, { name, arrays }: KeptLayer, file: string): Assignment[] {
  const weights = inOrder(layer);
  if (arrays.length !== weights.length) {
    throw new FormatError(
      `${file}: ${name} holds ${arrays.length} arrays, ${layer.name} has ${weights.length} weights; build the layer as it was when it was saved`,
    );
  }
  const order = byOwnNames(weights, arrays) ?? arrays;
  return weights.map((weight, i) => ({ weight, value: order[i]!, source: `${name}: ${order[i]!.name}` }));
}

/** The arrays in the order of the weights, if the names tell which is which: how a model is frozen changes the order of its weights. */
function byOwnNames(weights: readonly Weight[], arrays: readonly NamedArray[]): NamedArray[] | null {
  const find = byEnding(arrays);
  const found = weights.map(({ name }) => find(name));
  return found.every((array) => array !== null) && new Set(found).size === found.length ? found : null;
}
