// Losses as Keras defines them: functions (yTrue, yPred, options) -> one value for each sample, and the classes of the same names.
export { circle } from './circle.ts';
export {
  binaryCrossentropy,
  categoricalCrossentropy,
  categoricalGeneralizedCrossEntropy,
  sparseCategoricalCrossentropy,
} from './crossentropy.ts';
export type { Loss, LossOptions } from './define.ts';
export { binaryFocalCrossentropy, categoricalFocalCrossentropy } from './focal.ts';
export * from './makers.ts';
export * from './margins.ts';
export type { Reduction } from './reduction.ts';
export * from './regression.ts';
export { lossNamed, resolveLoss } from './resolve.ts';
