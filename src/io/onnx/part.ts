import { ValueError } from '../../errors.ts';
import type { Layer, PartialShape } from '../../layers/layer.ts';
import type { Config } from '../../models/toConfig.ts';
import type { PlainArray } from '../arrays.ts';
import type { OnnxGraph, Value } from './graph.ts';

/** One use of a layer on its way into a graph. */
export interface Part {
  readonly g: OnnxGraph;
  readonly layer: Layer;
  /** What Keras' files say of the layer. */
  readonly config: Config;
  readonly inputs: readonly Value[];
  /** Of the result. */
  readonly shape: PartialShape;
  /** The weight of that name, or null where the layer has none. */
  weight(name: string): PlainArray | null;
}

/** From the inputs of a layer to its result. */
export type Convert = (part: Part) => Value;

/** The input of a layer of one. */
export const input = ({ inputs }: Part): Value => inputs[0]!;

/** A result with its channels last. */
export const result = ({ shape }: Part, name: string): Value => ({ name, shape, channelsFirst: false });

/** A result with its channels first. */
export const image = ({ shape }: Part, name: string): Value => ({ name, shape, channelsFirst: true });

/** A pair of whole numbers of the configuration, which a layer has checked. */
export const pair = ({ config }: Part, name: string): readonly [number, number] =>
  config[name] as readonly [number, number];

/** The weight of that name, which the layer has. */
export function needed(part: Part, name: string): PlainArray {
  const found = part.weight(name);
  if (found) return found;
  throw new ValueError(`onnx: ${part.layer.name} has no weight ${name}`);
}

/** @throws ValueError that says what of the layer ONNX cannot say */
export function refuse({ layer }: Part, what: string): never {
  throw new ValueError(`onnx: ${layer.name}: ${what} cannot be written`);
}
