// Models as ONNX files, for engines that run them elsewhere. Images go in as they do here, [n, h, w, c].
import { ValueError } from '../../errors.ts';
import type { Layer } from '../../layers/layer.ts';
import type { LayerNode } from '../../layers/symbolic.ts';
import type { Model } from '../../models/model.ts';
import { entryNamed } from '../../tensor/names.ts';
import { valuesOf } from '../weights.ts';
import { OnnxGraph, type Value } from './graph.ts';
import { converters } from './layers.ts';
import type { Part } from './part.ts';

/** A protocol buffer of 2 GiB or more cannot be read. */
const MOST_BYTES = 2 ** 31 - 1;

/**
 * The bytes of an ONNX file (opset 18) that computes what `predict` does. The batch may have any size.
 *
 * @throws ValueError that names a layer which ONNX cannot say
 */
export async function encodeOnnx(model: Model): Promise<Uint8Array<ArrayBuffer>> {
  const { graph } = model;
  if (!graph)
    throw new ValueError(`onnx: ${model.name} is not built; give its first layer an inputShape, or run it once`);
  const values = await valuesOf(model);
  const g = new OnnxGraph();
  const weightOf = (layer: Layer) => (name: string) => {
    const weight = layer.weights.find((one) => one.name === `${layer.name}/${name}`);
    return weight ? values.get(weight)! : null;
  };
  const inputs = graph.inputs.map(
    ({ shape, node }): Value => ({ name: g.name(node.layer.name), shape, channelsFirst: false }),
  );
  const use = ({ layer }: LayerNode, given: readonly Value[]): readonly Value[] => {
    const [shape] = layer.outputShapes(given.map((value) => value.shape));
    const convert = entryNamed(converters, layer.className);
    if (!convert)
      throw new ValueError(`onnx: ${layer.name}: there is no ${layer.className} in ONNX files of this package`);
    const config = layer.getConfig();
    if (config.data_format === 'channels_first')
      throw new ValueError(`onnx: ${layer.name}: layers with channels_first cannot be written`);
    const part: Part = { g, layer, config, inputs: given, shape: shape!, weight: weightOf(layer) };
    return [convert(part)];
  };
  const outputs = graph.map(inputs, use).map((value, i): Value => {
    const name = g.node('Identity', [g.last(value)], {}, g.name(model.outputNames[i]!));
    return { name, shape: value.shape, channelsFirst: false };
  });
  const bytes = g.encode(model.name, inputs, outputs);
  if (bytes.length <= MOST_BYTES) return bytes;
  throw new ValueError(`onnx: ${model.name} takes ${bytes.length} bytes, and an ONNX file can have ${MOST_BYTES}`);
}
