// Values of a model that are not computed yet: what connects layers into a graph.
import type { DType } from '../backend/backend.ts';
import { formatShape } from '../tensor/shape.ts';
import type { CallOptions, Layer, PartialShape } from './layer.ts';

/** The inside of a layer that is itself a graph: a model. */
export interface InnerGraph {
  readonly inputs: readonly SymbolicTensor[];
  readonly outputs: readonly SymbolicTensor[];
}

/** One use of a layer: the values that it takes and makes. */
export interface LayerNode {
  readonly layer: Layer;
  readonly inputs: readonly SymbolicTensor[];
  readonly outputs: readonly SymbolicTensor[];
  /** How the layer is always run here, whatever the model is told: `base.apply(x, { training: false })`. */
  readonly options: CallOptions;
}

/** A value that a layer will make, batch first: what `Input` gives, and what a layer gives for it. */
export class SymbolicTensor {
  readonly shape: PartialShape;
  readonly dtype: DType = 'float32';
  readonly node: LayerNode;
  /** Which output of the node it is. */
  readonly index: number;

  constructor(shape: PartialShape, node: LayerNode, index: number) {
    this.shape = shape;
    this.node = node;
    this.index = index;
  }

  get rank(): number {
    return this.shape.length;
  }

  toString(): string {
    return `SymbolicTensor(${formatShape(this.shape)}, of ${this.node.layer.name})`;
  }
}

/** A new use of a layer, which makes values of these shapes. */
export function makeNode(
  layer: Layer,
  inputs: readonly SymbolicTensor[],
  shapes: readonly PartialShape[],
  options: CallOptions,
): LayerNode {
  const outputs: SymbolicTensor[] = [];
  const node: LayerNode = { layer, inputs, outputs, options };
  shapes.forEach((shape, i) => {
    outputs.push(new SymbolicTensor([null, ...shape.slice(1)], node, i));
  });
  return node;
}
