// Models as Keras 3 writes them: https://keras.io/api/models/model_saving_apis/serialization_utils/
import { ValueError } from '../errors.ts';
import type { Layer, PartialShape } from '../layers/layer.ts';
import type { LayerNode, SymbolicTensor } from '../layers/symbolic.ts';
import type { Graph } from './graph.ts';
import type { Network } from './network.ts';

type Config = Readonly<Record<string, unknown>>;

/** An object of Keras: `{ module, class_name, config, registered_name }` and what belongs to its kind. */
export interface KerasObject extends Config {
  readonly class_name: string;
  readonly config: Config;
}

/** A model and all that is in it, without weights. A ValueError names what cannot be written. */
export function modelToConfig(model: Network): KerasObject {
  if (model.className !== 'Sequential')
    return {
      module: 'keras.src.models.functional',
      class_name: 'Functional',
      config: functionalConfig(model),
      registered_name: 'Functional',
      build_config: { input_shape: null },
    };
  const shape = model.graph?.inputs[0]?.shape;
  const build = shape && { build_config: { input_shape: shape } };
  return {
    module: 'keras',
    class_name: 'Sequential',
    config: sequentialConfig(model),
    registered_name: null,
    ...build,
  };
}

function sequentialConfig({ name, trainable, graph, layers }: Network): Config {
  const input = graph?.inputs[0];
  return {
    name,
    trainable,
    dtype: 'float32',
    layers: [...(input ? [layerToConfig(input.node.layer)] : []), ...layers.map(layerToConfig)],
    ...(input && { build_input_shape: input.shape }),
  };
}

function layerToConfig(layer: Layer): KerasObject {
  if (isNetwork(layer)) return modelToConfig(layer);
  const shapes = layer.nodes[0]?.inputs.map(({ shape }) => shape) ?? [];
  const build = shapes.length > 0 && { build_config: { input_shape: oneOrAll<PartialShape>(shapes) } };
  return {
    module: 'keras.layers',
    class_name: layer.className,
    config: layer.getConfig(),
    registered_name: null,
    ...build,
  };
}

function isNetwork(layer: Layer): layer is Network {
  return 'layers' in layer;
}

const oneOrAll = <T>(list: readonly T[]) => (list.length === 1 ? list[0] : list);

/** Which use of a layer makes a value, and which of its results it is. */
type Place = readonly [layer: string, node: number, tensor: number];

function functionalConfig(model: Network): Config {
  const { graph, layers, name, trainable } = model;
  if (!graph) throw new ValueError(`${name}: is not built; run it once`);
  const { usesOf, placeOf } = placesIn(model, graph);
  const entries = layers.map((layer) => {
    const uses = usesOf(layer).filter(({ inputs }) => inputs.length > 0);
    return { ...layerToConfig(layer), name: layer.name, inbound_nodes: uses.map((node) => inboundNode(node, placeOf)) };
  });
  const outside = graph.inputs.filter(({ node }) => node.inputs.length > 0);
  return {
    name,
    trainable,
    layers: [...outside.map((input) => inputEntry(input, placeOf(input)[0])), ...entries],
    input_layers: oneOrAll(graph.inputs.map(placeOf)),
    output_layers: oneOrAll(graph.outputs.map(placeOf)),
  };
}

/** A graph that begins with a value of another one begins with an input where Keras reads it. */
function inputEntry({ shape }: SymbolicTensor, name: string): KerasObject {
  const config = { batch_shape: shape, dtype: 'float32', sparse: false, ragged: false, name };
  return {
    ...{ module: 'keras.layers', class_name: 'InputLayer', config, registered_name: null },
    ...{ name, inbound_nodes: [] },
  };
}

function inboundNode({ inputs, options }: LayerNode, place: (symbol: SymbolicTensor) => Place): Config {
  const tensors = inputs.map((input) => ({
    class_name: '__keras_tensor__',
    config: { shape: input.shape, dtype: input.dtype, keras_history: place(input) },
  }));
  const kwargs = options.training === undefined ? {} : { training: options.training };
  return { args: [oneOrAll<unknown>(tensors)], kwargs };
}

/** The uses of layers in a graph, numbered for each layer. */
function placesIn(model: Network, graph: Graph) {
  const begun = new Set(graph.inputs);
  const seen = new Set<LayerNode>();
  const visit = (symbol: SymbolicTensor) => {
    const { node } = symbol;
    // what begins the graph may be made by a layer outside of it
    if (seen.has(node) || isOutside(symbol)) return;
    seen.add(node);
    node.inputs.forEach(visit);
  };
  const isOutside = (symbol: SymbolicTensor) => begun.has(symbol) && symbol.node.inputs.length > 0;
  for (const output of graph.outputs) {
    if (graph.isInside(output))
      throw new ValueError(
        `${model.name}: its output ${output.toString()} lies inside a nested model, which a file of Keras cannot say`,
      );
    visit(output);
  }
  const usesOf = (layer: Layer) => layer.nodes.filter((node) => seen.has(node));
  const placeOf = (symbol: SymbolicTensor): Place => {
    const { layer } = symbol.node;
    if (isOutside(symbol)) return [`${layer.name}_input_${graph.inputs.indexOf(symbol)}`, 0, 0];
    // in Keras a functional model has a use of its own before all others
    const first = layer.className === 'Functional' ? 1 : 0;
    return [layer.name, first + usesOf(layer).indexOf(symbol.node), symbol.index];
  };
  return { usesOf, placeOf };
}
