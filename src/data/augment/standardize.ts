// What is done to every batch after everything random: the same for training, validation and prediction.
import { ValueError } from '../../errors.ts';
import { add, div, mul, sub } from '../../ops/elementwise.ts';
import { matmul } from '../../ops/matmul.ts';
import { mean, std } from '../../ops/reduce.ts';
import { reshape } from '../../ops/shape.ts';
import { kindOf } from '../../tensor/options.ts';
import { formatShape, sameShape } from '../../tensor/shape.ts';
import { Tensor } from '../../tensor/tensor.ts';
import type { GeneratorSettings } from './options.ts';

/** What `fit` finds out of all pictures; null where it has not. */
export interface Statistics {
  /** For each channel. */
  readonly mean: Tensor | null;
  readonly std: Tensor | null;
  /** [d, d], where d is the number of values of a picture. */
  readonly zca: Tensor | null;
}

/** Keeps a picture of one value from a division by 0, as in Keras. */
const LEAST = 1e-6;
const picture = [1, 2, 3];

/** x float [n, h, w, c] standardized. `missing` is told of what would be needed and is not there. */
export function standardized(
  x: Tensor,
  settings: GeneratorSettings,
  { mean: center, std: deviation, zca }: Statistics,
  missing: (option: string) => void,
): Tensor {
  const known = (option: keyof GeneratorSettings, found: Tensor | null) => {
    if (settings[option] && !found) missing(option);
    return settings[option] ? found : null;
  };
  const { preprocessingFunction, rescale, samplewiseCenter, samplewiseStdNormalization } = settings;
  let y = preprocessingFunction ? preprocessed(x, preprocessingFunction) : x;
  if (rescale) y = mul(y, rescale);
  if (samplewiseCenter) y = sub(y, mean(y, picture, true));
  if (samplewiseStdNormalization) y = div(y, add(std(y, picture, true), LEAST));
  const [featureMean, featureStd] = [
    known('featurewiseCenter', center),
    known('featurewiseStdNormalization', deviation),
  ];
  if (featureMean) y = sub(y, featureMean);
  if (featureStd) y = div(y, add(featureStd, LEAST));
  const whitening = known('zcaWhitening', zca);
  return whitening ? reshape(matmul(reshape(y, [y.shape[0]!, whitening.shape[0]!]), whitening), y.shape) : y;
}

function preprocessed(x: Tensor, by: (x: Tensor) => Tensor): Tensor {
  const y: unknown = by(x);
  if (y instanceof Tensor && sameShape(y.shape, x.shape)) return y;
  const got = y instanceof Tensor ? formatShape(y.shape) : kindOf(y);
  throw new ValueError(
    `ImageDataGenerator: preprocessingFunction must give a batch ${formatShape(x.shape)}, got ${got}`,
  );
}
