// The weights file of Keras 3, alone (.weights.h5) or inside a .keras file: layers/<class>[_k]/vars/<i>. Layers are told apart by their
// classes and places, not by their names.
import { FormatError } from '../errors.ts';
import type { Layer, Weight } from '../layers/layer.ts';
import type { Assignment } from '../models/files.ts';
import type { Model } from '../models/model.ts';
import { Network } from '../models/network.ts';
import { baseName } from '../tensor/names.ts';
import type { PlainArray } from './arrays.ts';
import { findGroup, groupAt, type Hdf5Group, makeGroup, setText } from './hdf5/tree.ts';

interface Kept {
  /** Of the group, '' for the model itself. */
  readonly path: string;
  readonly layer: Layer;
  readonly weights: readonly Weight[];
}

/** Each layer once, models before what is in them. */
function keptLayers(model: Network, path = '', seen = new Set<Layer>()): Kept[] {
  seen.add(model);
  const counts = new Map<string, number>();
  const inner = model.layers.flatMap((layer): Kept[] => {
    // the place counts whether the layer was met before or not
    const name = baseName(layer.className);
    const count = counts.get(name) ?? 0;
    counts.set(name, count + 1);
    if (seen.has(layer)) return [];
    seen.add(layer);
    const place = `${path}layers/${count === 0 ? name : `${name}_${count}`}/`;
    return layer instanceof Network ? keptLayers(layer, place, seen) : [{ path: place, layer, weights: layer.weights }];
  });
  return [{ path, layer: model, weights: [] }, ...inner];
}

/** The tree of a file that holds these weights and, if there is one, the state of an optimizer. */
export function weightsTree(
  model: Model,
  values: ReadonlyMap<Weight, PlainArray>,
  optimizer: { readonly name: string; readonly state: readonly PlainArray[] } | null,
): Hdf5Group {
  const root = makeGroup();
  const put = (path: string, name: string, arrays: readonly PlainArray[]) => {
    const group = groupAt(root, `${path}vars`);
    setText(group, 'name', name);
    arrays.forEach((array, i) => {
      group.datasets.set(String(i), array);
    });
  };
  for (const { path, layer, weights } of keptLayers(model)) {
    put(
      path,
      layer.name,
      weights.map((weight) => values.get(weight)!),
    );
  }
  if (optimizer) put('optimizer/', optimizer.name, optimizer.state);
  return root;
}

/** What the weights of the model become. @throws FormatError when a layer is missing, on either side */
export function weightsIn(given: Hdf5Group, model: Model, file: string): Assignment[] {
  const root = withLayers(given);
  const kept = keptLayers(model).filter(({ weights }) => weights.length > 0);
  const found = kept.flatMap(({ path, layer, weights }) => {
    const place = `${path}vars`;
    const arrays = arraysAt(root, place);
    if (arrays.length !== weights.length)
      throw new FormatError(
        `${file}: ${place} holds ${arrays.length} arrays, ${layer.name} has ${weights.length} weights (${weights.map(({ name }) => name).join(', ')}); build the same layers as when it was saved`,
      );
    return weights.map((weight, i) => ({ weight, value: arrays[i]!, source: `${place}/${i}` }));
  });
  const paths = new Set(kept.map(({ path }) => `/${path}vars`));
  const strange = filledGroups(root).find((path) => path.startsWith('/layers/') && isOfLayer(path) && !paths.has(path));
  if (strange)
    throw new FormatError(
      `${file}: ${strange.slice(1)} belongs to no layer of ${model.name}; build the same layers as when it was saved`,
    );
  return found;
}

/** The first versions of the format, Keras 2.12 to 2.15, call the group of layers otherwise. */
function withLayers({ attributes, datasets, groups }: Hdf5Group): Hdf5Group {
  const named = [...groups].map(([name, group]): [string, Hdf5Group] => [
    name === '_layer_checkpoint_dependencies' ? 'layers' : name,
    withLayers(group),
  ]);
  return { attributes, datasets, groups: new Map(named) };
}

/** The arrays 0, 1, ... of a group, none where there is no such group. */
export function arraysAt(root: Hdf5Group, path: string): PlainArray[] {
  const group = findGroup(root, path);
  const arrays: PlainArray[] = [];
  for (let array = group?.datasets.get('0'); array; array = group?.datasets.get(String(arrays.length))) {
    arrays.push(array);
  }
  return arrays;
}

/** What random layers of some versions keep there is no weight. */
const isOfLayer = (path: string) => !path.endsWith('/seed_generator/vars');

/** Paths of groups that hold arrays. */
function filledGroups(group: Hdf5Group, path = ''): string[] {
  const inner = [...group.groups].flatMap(([name, one]) => filledGroups(one, `${path}/${name}`));
  return group.datasets.size > 0 ? [path, ...inner] : inner;
}
