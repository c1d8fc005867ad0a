// Layers that hand on what they get, or its direction.
import { div, maximum, mul, rsqrt, square } from '../ops/elementwise.ts';
import { sum } from '../ops/reduce.ts';
import { L1L2 } from '../regularizers/regularizers.ts';
import { normalizeAxes } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { type CallOptions, Layer, type LayerOptions, type PartialShape } from './layer.ts';
import { number, oneOrMore, type Reader, whole } from './settings.ts';

export class IdentityLayer extends Layer<Record<never, never>> {
  constructor(options: object) {
    super('Identity', options, {});
  }

  computeOutputShape(input: PartialShape): PartialShape {
    return input;
  }

  protected call(x: Tensor): Tensor {
    return x;
  }
}

/** Gives what it gets: a place with a name. */
export function Identity(options: LayerOptions = {}): Layer {
  return new IdentityLayer(options);
}

const factors = { l1: number(0, 0), l2: number(0, 0) };

export interface ActivityRegularizationOptions extends Omit<LayerOptions, 'activityRegularizer'> {
  /** Default 0. */
  readonly l1?: number;
  /** Default 0. */
  readonly l2?: number;
}

export class ActivityRegularizationLayer extends Layer<typeof factors> {
  private readonly penalty = L1L2(this.settings);

  constructor(options: object) {
    super('ActivityRegularization', options, factors);
  }

  computeOutputShape(input: PartialShape): PartialShape {
    return input;
  }

  protected call(x: Tensor, { addLoss }: CallOptions): Tensor {
    addLoss?.(div(this.penalty(x), x.shape[0] ?? 1));
    return x;
  }
}

/** Gives what it gets, and adds l1 · Σ|x| + l2 · Σx² over the batch size to the loss. */
export function ActivityRegularization(options: ActivityRegularizationOptions = {}): Layer {
  return new ActivityRegularizationLayer(options);
}

const place = whole(-Infinity);
const axes: Reader<number | number[]> = (who, name, given = -1) => oneOrMore('whole numbers', place)(who, name, given);
const directed = { axis: axes };

/** The square of the shortest length that is not taken for longer. */
const SHORTEST = 1e-24;

export class UnitNormalizationLayer extends Layer<typeof directed> {
  constructor(options: object) {
    super('UnitNormalization', options, directed);
  }

  computeOutputShape(input: PartialShape): PartialShape {
    normalizeAxes(this.name, this.settings.axis, input.length);
    return input;
  }

  protected call(x: Tensor): Tensor {
    return mul(x, rsqrt(maximum(sum(square(x), this.settings.axis, true), SHORTEST)));
  }
}

export interface UnitNormalizationOptions extends LayerOptions {
  /** The axes that a vector lies along. Default -1. */
  readonly axis?: number | readonly number[];
}

/** Each vector at the length 1; one of zeros stays what it is. */
export function UnitNormalization(options: UnitNormalizationOptions = {}): Layer {
  return new UnitNormalizationLayer(options);
}
