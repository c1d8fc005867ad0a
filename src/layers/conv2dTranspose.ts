import { ValueError } from '../errors.ts';
import { conv2dTranspose } from '../ops/conv2dTranspose.ts';
import type { Pair } from '../ops/window.ts';
import { withPlaces } from '../tensor/options.ts';
import { formatShape } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { ConvolutionLayer, type ConvolutionOptions, convolution } from './convolution.ts';
import type { ImageShape } from './imageLayer.ts';
import type { Layer, PartialShape, Weight } from './layer.ts';
import { activated, optional, pairOf, type WeightSettings, weight, whole } from './settings.ts';
import { ofRole } from './weight.ts';

export interface Conv2DTransposeOptions extends ConvolutionOptions, WeightSettings<'kernel'> {
  /** Rows and columns beyond (n - 1) * stride + e, for `same` beyond (n - 1) * stride + e % 2; below the strides. Default: as described below. */
  readonly outputPadding?: Pair | null;
}

const readers = {
  filters: whole(1),
  kernelSize: pairOf(),
  ...convolution,
  outputPadding: optional(pairOf(undefined, 0)),
  ...weight('kernel', 'glorot_uniform'),
};

/** How an axis grows: cells cut off its beginning and its end (or added there), and the length that comes out. */
interface Growth {
  readonly before: number;
  readonly after: number;
  length(n: number): number;
}

export class Conv2DTransposeLayer extends ConvolutionLayer<typeof readers> {
  private readonly growth: readonly [Growth, Growth];
  private kernel!: Weight;

  constructor(options: object) {
    super('Conv2DTranspose', options, readers);
    const { strides, outputPadding } = this.settings;
    if (outputPadding?.some((added, axis) => added >= strides[axis]!))
      throw new ValueError(
        `${this.name}: outputPadding ${formatShape(outputPadding)} must be below the strides ${formatShape(strides)}`,
      );
    this.growth = [this.growthOf(0), this.growthOf(1)];
  }

  protected imageShape([h, w]: ImageShape): PartialShape {
    const [rows, columns] = this.growth;
    return [h === null ? null : rows.length(h), w === null ? null : columns.length(w), this.settings.filters];
  }

  protected override createWeights(input: PartialShape): void {
    const { settings } = this;
    const shape = [...settings.kernelSize, settings.filters, this.knownLengths(input)[0]!];
    this.kernel = this.addWeight({ name: 'kernel', shape, ...ofRole(settings, 'kernel') });
    this.addBias(settings.filters);
  }

  protected callOnImages(x: Tensor): Tensor {
    const { strides, dilationRate } = this.sliding;
    // the operation takes what is cut off as padding, what is added as outputPadding
    const padding = this.growth.map(({ before, after }) => [before, Math.max(after, 0)]);
    const outputPadding = this.growth.map(({ after }) => Math.max(-after, 0));
    const window = { strides, dilationRate, padding, outputPadding };
    return activated(this.settings.activation, (name) =>
      conv2dTranspose(x, this.kernel.variable, { ...window, ...this.ending(name) }),
    );
  }

  /** As TensorFlow, JAX and PyTorch agree on in Keras 3: the odd cell of what `same` cuts off comes off the end. */
  private growthOf(axis: 0 | 1): Growth {
    const { kernelSize, strides, padding, dilationRate, outputPadding } = this.settings;
    const stride = strides[axis];
    const extent = (kernelSize[axis] - 1) * dilationRate[axis] + 1;
    const added = outputPadding?.[axis];
    if (padding === 'valid') {
      const end = extent + (added ?? Math.max(stride - extent, 0));
      return { before: 0, after: extent - end, length: (n) => (n - 1) * stride + end };
    }
    const end = added === undefined ? stride : (extent % 2) + added;
    const before = Math.max(Math.floor((extent - end) / 2), 0);
    return { before, after: extent - end - before, length: (n) => (n - 1) * stride + end };
  }
}

/**
 * Convolution backwards: adds a window of the kernel to the result for each cell of the input, so that images grow. With
 * e = (kernel - 1) * dilation + 1 a length n becomes (n - 1) * stride + max(e, stride) for `valid`, n * stride for `same`.
 * Weights: kernel [r, s, filters, c], bias [filters].
 */
export function Conv2DTranspose(filters: number, kernelSize: Pair, options: Conv2DTransposeOptions = {}): Layer {
  return new Conv2DTransposeLayer(withPlaces('Conv2DTranspose', options, { filters, kernelSize }));
}
