import { floatDType } from '../engine/runtime.ts';
import { tensor } from '../ops/create.ts';
import { add, cast, mul } from '../ops/elementwise.ts';
import { isFloat } from '../tensor/dtype.ts';
import { withPlaces } from '../tensor/options.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { Layer, type LayerOptions, type PartialShape } from './layer.ts';
import { number, oneOrMore, type Reader } from './settings.ts';

export interface RescalingOptions extends LayerOptions {
  /** Added after the product: a number, or one for each channel. Default 0. */
  readonly offset?: number | readonly number[];
}

const each = oneOrMore('numbers', number(undefined));
const offset: Reader<number | number[]> = (who, name, given = 0) => each(who, name, given);

const readers = { scale: each, offset };

export class RescalingLayer extends Layer<typeof readers> {
  constructor(options: object) {
    super('Rescaling', options, readers);
  }

  computeOutputShape(input: PartialShape): PartialShape {
    return input;
  }

  protected call(x: Tensor): Tensor {
    const { scale, offset } = this.settings;
    const float = isFloat(x.dtype) ? x : cast(x, floatDType());
    const scaled = mul(float, operand(scale));
    return offset === 0 ? scaled : add(scaled, operand(offset));
  }
}

const operand = (values: number | number[]) => (typeof values === 'number' ? values : tensor(values));

/** x · scale + offset as floats, while training and after: `Rescaling(1 / 255)` for bytes. Each may be a list, one number a channel. */
export function Rescaling(scale: number | readonly number[], options: RescalingOptions = {}): Layer {
  return new RescalingLayer(withPlaces('Rescaling', options, { scale }));
}
