// Models as Keras writes them: https://keras.io/api/models/model_saving_apis/serialization_utils/
import { ValueError } from '../errors.ts';
import type { Layer, PartialShape } from '../layers/layer.ts';
import type { LayerNode, SymbolicTensor } from '../layers/symbolic.ts';
import type { Graph } from './graph.ts';
import type { Network } from './network.ts';

export type Config = Readonly<Record<string, unknown>>;

/** Which use of a layer makes a value, and which of its results it is. */
export type Place = readonly [layer: string, node: number, tensor: number];

/** How a version of Keras writes what is the same in all of them. */
export interface Dialect {
  /** A layer or a model; the shapes are those of its inputs, where they are known. */
  entry(className: string, config: Config, inputs: readonly PartialShape[]): Config;
  /** A use of a layer on these values. */
  use(inputs: readonly { readonly symbol: SymbolicTensor; readonly place: Place }[], kwargs: Config): unknown;
  /** The inputs or the outputs of a model. */
  ends(places: readonly Place[]): unknown;
  /** The number of the first use of a layer of that class: where layers are used, and where the outputs are named. */
  firstUse(className: string): number;
  firstEnd(className: string): number;
}

const oneOrAll = (list: readonly unknown[]) => (list.length === 1 ? list[0] : list);

export const kerasThree: Dialect = {
  entry(className, config, inputs) {
    if (className === 'Functional') {
      const module = 'keras.src.models.functional';
      return { module, class_name: className, config, registered_name: className, build_config: { input_shape: null } };
    }
    const module = className === 'Sequential' ? 'keras' : 'keras.layers';
    const build = inputs.length > 0 && { build_config: { input_shape: oneOrAll(inputs) } };
    return { module, class_name: className, config, registered_name: null, ...build };
  },
  use(inputs, kwargs) {
    const tensors = inputs.map(({ symbol: { shape, dtype }, place }) => {
      return { class_name: '__keras_tensor__', config: { shape, dtype, keras_history: place } };
    });
    return { args: [oneOrAll(tensors)], kwargs };
  },
  ends: oneOrAll,
  firstUse: () => 0,
  // as if such a model had a use of its own before all others, which it once had
  firstEnd: (className) => (className === 'Functional' ? 1 : 0),
};

/** A model and all that is in it, without weights. A ValueError names what cannot be written. */
export function modelToConfig(model: Network, dialect: Dialect = kerasThree): Config {
  const shape = model.graph?.inputs[0]?.shape;
  return dialect.entry(model.className, configOf(model, dialect), shape ? [shape] : []);
}

/** The same without the name of its class. */
export function configOf(model: Network, dialect: Dialect = kerasThree): Config {
  return model.className === 'Sequential' ? sequentialConfig(model, dialect) : functionalConfig(model, dialect);
}

function sequentialConfig({ name, trainable, graph, layers }: Network, dialect: Dialect): Config {
  const input = graph?.inputs[0];
  const all = [...(input ? [input.node.layer] : []), ...layers];
  return {
    name,
    trainable,
    dtype: 'float32',
    layers: all.map((layer) => layerToConfig(layer, dialect)),
    ...(input && { build_input_shape: input.shape }),
  };
}

function layerToConfig(layer: Layer, dialect: Dialect): Config {
  if (isNetwork(layer)) return modelToConfig(layer, dialect);
  const shapes = layer.nodes[0]?.inputs.map(({ shape }) => shape) ?? [];
  return dialect.entry(layer.className, layer.getConfig(), shapes);
}

function isNetwork(layer: Layer): layer is Network {
  return 'layers' in layer;
}

function functionalConfig(model: Network, dialect: Dialect): Config {
  const { graph, layers, name, trainable } = model;
  if (!graph) throw new ValueError(`${name}: is not built; run it once`);
  const { usesOf, placeOf } = placesIn(model, graph);
  const useConfig = ({ inputs, options: { training } }: LayerNode) => {
    const places = inputs.map((symbol) => ({ symbol, place: placeOf(symbol, dialect.firstUse) }));
    return dialect.use(places, training === undefined ? {} : { training });
  };
  const entries = layers.map((layer) => {
    const uses = usesOf(layer).filter(({ inputs }) => inputs.length > 0);
    return { ...layerToConfig(layer, dialect), name: layer.name, inbound_nodes: uses.map(useConfig) };
  });
  const outside = graph.inputs.filter(({ node }) => node.inputs.length > 0);
  return {
    name,
    trainable,
    layers: [...outside.map((input) => inputEntry(input, placeOf(input, () => 0)[0], dialect)), ...entries],
    input_layers: dialect.ends(graph.inputs.map((input) => placeOf(input, dialect.firstEnd))),
    output_layers: dialect.ends(graph.outputs.map((output) => placeOf(output, dialect.firstEnd))),
  };
}

/** A graph that begins with a value of another one begins with an input where Keras reads it. */
function inputEntry({ shape }: SymbolicTensor, name: string, dialect: Dialect): Config {
  const config = { batch_shape: shape, dtype: 'float32', sparse: false, ragged: false, name };
  return { ...dialect.entry('InputLayer', config, []), name, inbound_nodes: [] };
}

/** The uses of layers in a graph, numbered for each layer. */
function placesIn(model: Network, graph: Graph) {
  const begun = new Set(graph.inputs);
  const seen = new Set<LayerNode>();
  // what begins the graph may be made by a layer outside of it
  const isOutside = (symbol: SymbolicTensor) => begun.has(symbol) && symbol.node.inputs.length > 0;
  const inside = graph.outputs.find((output) => graph.isInside(output));
  if (inside)
    throw new ValueError(
      `${model.name}: its output ${inside.toString()} lies inside a nested model, which a file of Keras cannot say`,
    );
  // it grows while it is gone through
  const symbols = new Set(graph.outputs);
  for (const symbol of symbols) {
    if (isOutside(symbol)) continue;
    seen.add(symbol.node);
    for (const input of symbol.node.inputs) symbols.add(input);
  }
  const usesOf = (layer: Layer) => layer.nodes.filter((node) => seen.has(node));
  const placeOf = (symbol: SymbolicTensor, first: (className: string) => number): Place => {
    const { layer } = symbol.node;
    if (isOutside(symbol)) return [`${layer.name}_input_${graph.inputs.indexOf(symbol)}`, 0, 0];
    return [layer.name, first(layer.className) + usesOf(layer).indexOf(symbol.node), symbol.index];
  };
  return { usesOf, placeOf };
}
