import { withGradients } from '../engine/runtime.ts';
import { scope } from '../engine/scope.ts';
import type { Initializer } from '../initializers/initializers.ts';
import { add, mul } from '../ops/elementwise.ts';
import { batchNorm, batchNormTraining } from '../ops/normalize.ts';
import { normalizeAxis } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { type CallOptions, Layer, type PartialShape, type Weight } from './layer.ts';
import { channelsLast, type NormalizationOptions, normalization, scaleAndShift } from './normalization.ts';
import { initializer, type Reader, share, whole } from './settings.ts';

export interface BatchNormalizationOptions extends NormalizationOptions {
  /** Which axis has its own statistics for each place. Default -1, the channels. */
  readonly axis?: number;
  /** How much of a moving statistic stays at each step. Default 0.99. */
  readonly momentum?: number;
  readonly movingMeanInitializer?: string | Initializer;
  readonly movingVarianceInitializer?: string | Initializer;
}

/** A file of Keras 2 has a list of one axis. */
const axis: Reader<number> = (who, name, given = -1) =>
  whole(-Infinity)(who, name, Array.isArray(given) && given.length === 1 ? given[0] : given);

const readers = {
  axis,
  momentum: share(0.99),
  ...normalization,
  movingMeanInitializer: initializer('zeros'),
  movingVarianceInitializer: initializer('ones'),
};

export class BatchNormalizationLayer extends Layer<typeof readers> {
  private scaling!: ReturnType<typeof scaleAndShift>;
  private movingMean!: Weight;
  private movingVariance!: Weight;

  constructor(options: object) {
    super('BatchNormalization', options, readers);
  }

  computeOutputShape(input: PartialShape): PartialShape {
    this.axisOf(input);
    return input;
  }

  protected override createWeights(input: PartialShape): void {
    const shape = this.knownLengths(input);
    this.scaling = scaleAndShift(this.settings, shape, (options) => this.addWeight(options));
    const { movingMeanInitializer, movingVarianceInitializer } = this.settings;
    const moving = { shape, trainable: false };
    this.movingMean = this.addWeight({ name: 'moving_mean', ...moving, initializer: movingMeanInitializer });
    this.movingVariance = this.addWeight({
      name: 'moving_variance',
      ...moving,
      initializer: movingVarianceInitializer,
    });
  }

  protected override weightsDependOn(input: PartialShape): PartialShape {
    return [input[this.axisOf(input)]!];
  }

  protected call(x: Tensor, { training }: CallOptions): Tensor {
    const byBatch = training === true && this.trainable;
    return channelsLast(x, this.axisOf(x.shape), (turned) => this.normalized(turned, byBatch));
  }

  private normalized(x: Tensor, byBatch: boolean): Tensor {
    const { movingMean, movingVariance } = this;
    if (!byBatch)
      return batchNorm(x, { ...this.scaling(), mean: movingMean.variable, variance: movingVariance.variable });
    const [y, mean, variance] = batchNormTraining(x, this.scaling());
    this.follow(movingMean, mean);
    this.follow(movingVariance, variance);
    return y;
  }

  /** No gradient flows into a moving statistic, or out of it. */
  private follow({ variable }: Weight, batch: Tensor): void {
    const { momentum } = this.settings;
    scope(() =>
      withGradients(false, () => {
        variable.assign(add(mul(variable, momentum), mul(batch, 1 - momentum)));
      }),
    );
  }

  private axisOf(input: PartialShape): number {
    return normalizeAxis(this.name, this.settings.axis, input.length);
  }
}

/**
 * gamma (x - mean) / sqrt(variance + epsilon) + beta. While training, unless the layer is frozen, mean and (biased) variance are those
 * of the batch, and the moving ones come nearer to them; else the moving ones are taken. Weights: gamma, beta, moving_mean,
 * moving_variance, each as long as the axis.
 */
export function BatchNormalization(options: BatchNormalizationOptions = {}): Layer {
  return new BatchNormalizationLayer(options);
}
