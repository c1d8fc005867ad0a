// Losses by their names.
import { ValueError } from '../errors.ts';
import { entryNamed, snakeCase } from '../tensor/names.ts';
import { kindOf } from '../tensor/options.ts';
import { circle } from './circle.ts';
import {
  binaryCrossentropy,
  categoricalCrossentropy,
  categoricalGeneralizedCrossEntropy,
  sparseCategoricalCrossentropy,
} from './crossentropy.ts';
import { type ClassTargets, callIt, type Loss, type LossTraits, type PartialShape } from './define.ts';
import { binaryFocalCrossentropy, categoricalFocalCrossentropy } from './focal.ts';
import * as margins from './margins.ts';
import * as regression from './regression.ts';

/** What targets are, by Keras' rule for everything that is called accuracy or crossentropy: as their shapes say. */
export function kindOfTargets(yTrue: PartialShape, yPred: PartialShape): 'binary' | 'sparse' | 'categorical' {
  if ((yPred.at(-1) ?? 1) === 1) return 'binary';
  return yTrue.length < yPred.length || yTrue.at(-1) === 1 ? 'sparse' : 'categorical';
}

const crossentropies = {
  binary: binaryCrossentropy,
  sparse: sparseCategoricalCrossentropy,
  categorical: categoricalCrossentropy,
};

const choose: LossTraits['choose'] = (yTrue, yPred) => crossentropies[kindOfTargets(yTrue, yPred)];

const crossentropy: Loss = callIt(
  'crossentropy',
  Object.assign<Loss, LossTraits>((t, p) => crossentropies[kindOfTargets(t.shape, p.shape)](t, p), { choose }),
);

const functions: readonly Loss[] = [
  categoricalCrossentropy,
  sparseCategoricalCrossentropy,
  binaryCrossentropy,
  categoricalFocalCrossentropy,
  binaryFocalCrossentropy,
  categoricalGeneralizedCrossEntropy,
  circle,
  ...Object.values(regression),
  ...Object.values(margins),
  crossentropy,
];

const byName: Readonly<Record<string, Loss>> = {
  ...Object.fromEntries(functions.map((loss) => [loss.name, loss])),
  ce: crossentropy,
  bce: binaryCrossentropy,
  mse: regression.meanSquaredError,
  mae: regression.meanAbsoluteError,
  mape: regression.meanAbsolutePercentageError,
  msle: regression.meanSquaredLogarithmicError,
  kld: regression.klDivergence,
  logcosh: regression.logCosh,
  kullback_leibler_divergence: regression.klDivergence,
};

/** A loss by its Keras name, also in camelCase or that of its class, or null. */
export function lossNamed(name: string): Loss | null {
  return entryNamed(byName, snakeCase(name));
}

/** What integer classes a loss takes for targets and predictions of these shapes; null where targets are something else. */
export function classTargets(loss: Loss, yTrue: PartialShape, yPred: PartialShape): ClassTargets | null {
  return (loss.choose?.(yTrue, yPred) ?? loss).classes ?? null;
}

/** A loss by its Keras name, or a function (yTrue, yPred) -> tensor as it is. */
export function resolveLoss(given: unknown): Loss {
  if (typeof given === 'function') return given as Loss;
  const found = typeof given === 'string' ? lossNamed(given) : null;
  if (found) return found;
  throw new ValueError(
    `unknown loss ${typeof given === 'string' ? JSON.stringify(given) : kindOf(given)}; there are ${Object.keys(byName).join(', ')}, or a function (yTrue, yPred) => tensor`,
  );
}
