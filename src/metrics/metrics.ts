// Metrics as Keras defines them: functions (yTrue, yPred, options) -> one value for each sample, and classes that count over batches.
export {
  accuracy,
  binaryAccuracy,
  categoricalAccuracy,
  sparseCategoricalAccuracy,
  sparseTopKCategoricalAccuracy,
  topKCategoricalAccuracy,
} from './accuracy.ts';
export { AUC } from './auc.ts';
export * from './bestAt.ts';
export { F1Score, FBetaScore } from './fScore.ts';
export { BinaryIoU, IoU, MeanIoU, OneHotIoU, OneHotMeanIoU } from './iou.ts';
export type { MetricFunction } from './meanMetric.ts';
export * from './means.ts';
export type { Metric } from './metric.ts';
export * from './precision.ts';
export { type R2Options, R2Score } from './r2Score.ts';
export { resolveMetrics } from './resolve.ts';
export type { RunningMetric } from './running.ts';
export { Mean, Sum, type ValuesMetric } from './values.ts';
