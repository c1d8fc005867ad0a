// Keras' classes of metrics that are the mean of a function: `metrics.BinaryAccuracy({ threshold: 0.3 })`.
import { binaryCrossentropy, categoricalCrossentropy, sparseCategoricalCrossentropy } from '../losses/crossentropy.ts';
import { rowFunction } from '../losses/define.ts';
import { categoricalHinge, hinge, squaredHinge } from '../losses/margins.ts';
import * as regression from '../losses/regression.ts';
import { neg } from '../ops/elementwise.ts';
import {
  binaryAccuracy,
  categoricalAccuracy,
  equality,
  sparseCategoricalAccuracy,
  sparseTopKCategoricalAccuracy,
  topKCategoricalAccuracy,
} from './accuracy.ts';
import { meanMaker } from './meanMetric.ts';

/** How often predictions equal targets exactly. */
export const Accuracy = meanMaker('Accuracy', equality);
export const BinaryAccuracy = meanMaker('BinaryAccuracy', binaryAccuracy);
export const CategoricalAccuracy = meanMaker('CategoricalAccuracy', categoricalAccuracy);
export const SparseCategoricalAccuracy = meanMaker('SparseCategoricalAccuracy', sparseCategoricalAccuracy);
export const TopKCategoricalAccuracy = meanMaker('TopKCategoricalAccuracy', topKCategoricalAccuracy);
export const SparseTopKCategoricalAccuracy = meanMaker('SparseTopKCategoricalAccuracy', sparseTopKCategoricalAccuracy);

export const BinaryCrossentropy = meanMaker('BinaryCrossentropy', binaryCrossentropy);
export const CategoricalCrossentropy = meanMaker('CategoricalCrossentropy', categoricalCrossentropy);
export const SparseCategoricalCrossentropy = meanMaker('SparseCategoricalCrossentropy', sparseCategoricalCrossentropy);
export const KLDivergence = meanMaker('KLDivergence', regression.klDivergence);
export const Poisson = meanMaker('Poisson', regression.poisson);

export const MeanSquaredError = meanMaker('MeanSquaredError', regression.meanSquaredError);
export const MeanAbsoluteError = meanMaker('MeanAbsoluteError', regression.meanAbsoluteError);
export const MeanAbsolutePercentageError = meanMaker(
  'MeanAbsolutePercentageError',
  regression.meanAbsolutePercentageError,
);
export const MeanSquaredLogarithmicError = meanMaker(
  'MeanSquaredLogarithmicError',
  regression.meanSquaredLogarithmicError,
);
export const LogCoshError = meanMaker('LogCoshError', regression.logCosh, { name: 'logcosh' });
/** The root of the mean squared error over all samples. */
export const RootMeanSquaredError = meanMaker('RootMeanSquaredError', regression.meanSquaredError, {
  name: 'root_mean_squared_error',
  finish: Math.sqrt,
});

const cosineSimilarity = rowFunction(
  'cosineSimilarity',
  regression.cosineSimilarity.readers,
  (t, p, options) => neg(regression.cosineSimilarity(t, p, options)),
  { direction: 'max' },
);
/** The cosine between target and prediction: 1 where both point the same way, unlike the loss of that name. */
export const CosineSimilarity = meanMaker('CosineSimilarity', cosineSimilarity);

export const Hinge = meanMaker('Hinge', hinge);
export const SquaredHinge = meanMaker('SquaredHinge', squaredHinge);
export const CategoricalHinge = meanMaker('CategoricalHinge', categoricalHinge);
