import { ValueError } from '../errors.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { Layer, type PartialShape, sampleShape } from './layer.ts';
import { list, optional, whole } from './settings.ts';
import type { SymbolicTensor } from './symbolic.ts';

export interface InputOptions {
  /** Shape of one sample; null for a length that is not known. */
  readonly shape?: PartialShape;
  /** The same with the batch before it, whose length is not used. */
  readonly batchShape?: PartialShape;
  readonly name?: string;
}

const readers = {
  shape: optional(sampleShape),
  batchShape: optional(list('whole numbers or null', optional(whole(1)))),
};

/** The shape that a model takes: the first entry of a Sequential, which has it instead of an inputShape on its first layer. */
export class ModelInput extends Layer<typeof readers> {
  readonly sample: PartialShape;

  constructor(options: object) {
    super('InputLayer', options, readers);
    const { shape, batchShape } = this.settings;
    const sample = shape ?? batchShape?.slice(1) ?? this.inputShape;
    if (!sample)
      throw new ValueError(`${this.name}: needs the shape of one sample, as in Input({ shape: [28, 28, 1] })`);
    this.sample = sample;
  }

  /** The value that a graph begins with. */
  get symbol(): SymbolicTensor {
    return this.nodes[0]?.outputs[0] ?? this.connect([])[0]!;
  }

  /** There is nothing to make. */
  override get isBuilt(): boolean {
    return true;
  }

  override outputShapes(): readonly PartialShape[] {
    return [this.computeOutputShape()];
  }

  computeOutputShape(): PartialShape {
    return [null, ...this.sample];
  }

  protected override buildFor(): void {}

  protected call(x: Tensor): Tensor {
    return x;
  }

  override getConfig(): Record<string, unknown> {
    const batch_shape = this.computeOutputShape();
    return { batch_shape, dtype: 'float32', sparse: false, ragged: false, name: this.name };
  }
}

/** What a graph of layers begins with: `const x = Input({ shape: [28, 28, 1] })`. */
export function Input(options: InputOptions): SymbolicTensor {
  return new ModelInput(options).symbol;
}

/** The same as a layer, for the beginning of a Sequential. */
export function InputLayer(options: InputOptions): Layer {
  return new ModelInput(options);
}
