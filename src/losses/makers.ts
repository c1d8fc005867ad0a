// Keras' loss classes: `losses.Huber({ delta: 2, reduction: 'sum' })` is a loss with these options.

import { circle } from './circle.ts';
import {
  binaryCrossentropy,
  categoricalCrossentropy,
  categoricalGeneralizedCrossEntropy,
  sparseCategoricalCrossentropy,
} from './crossentropy.ts';
import { lossMaker } from './define.ts';
import { binaryFocalCrossentropy, categoricalFocalCrossentropy } from './focal.ts';
import { categoricalHinge, dice, hinge, squaredHinge, tversky } from './margins.ts';
import * as regression from './regression.ts';

export const CategoricalCrossentropy = lossMaker('CategoricalCrossentropy', categoricalCrossentropy);
export const SparseCategoricalCrossentropy = lossMaker(
  'SparseCategoricalCrossentropy',
  sparseCategoricalCrossentropy,
  ({ axis, ignoreClass }) => ({ classes: { axis, ignoreClass } }),
);
export const BinaryCrossentropy = lossMaker('BinaryCrossentropy', binaryCrossentropy);
export const CategoricalFocalCrossentropy = lossMaker('CategoricalFocalCrossentropy', categoricalFocalCrossentropy);
export const BinaryFocalCrossentropy = lossMaker('BinaryFocalCrossentropy', binaryFocalCrossentropy);
export const CategoricalGeneralizedCrossEntropy = lossMaker(
  'CategoricalGeneralizedCrossEntropy',
  categoricalGeneralizedCrossEntropy,
  () => ({ classes: { axis: -1, ignoreClass: null } }),
);
export const Circle = lossMaker('Circle', circle);
export const MeanSquaredError = lossMaker('MeanSquaredError', regression.meanSquaredError);
export const MeanAbsoluteError = lossMaker('MeanAbsoluteError', regression.meanAbsoluteError);
export const MeanAbsolutePercentageError = lossMaker(
  'MeanAbsolutePercentageError',
  regression.meanAbsolutePercentageError,
);
export const MeanSquaredLogarithmicError = lossMaker(
  'MeanSquaredLogarithmicError',
  regression.meanSquaredLogarithmicError,
);
export const Huber = lossMaker('Huber', regression.huber);
export const LogCosh = lossMaker('LogCosh', regression.logCosh);
export const CosineSimilarity = lossMaker('CosineSimilarity', regression.cosineSimilarity);
export const KLDivergence = lossMaker('KLDivergence', regression.klDivergence);
export const Poisson = lossMaker('Poisson', regression.poisson);
export const Hinge = lossMaker('Hinge', hinge);
export const SquaredHinge = lossMaker('SquaredHinge', squaredHinge);
export const CategoricalHinge = lossMaker('CategoricalHinge', categoricalHinge);
export const Dice = lossMaker('Dice', dice);
export const Tversky = lossMaker('Tversky', tversky);
