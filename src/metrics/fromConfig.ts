// Metrics from what a model file says of them.
import { ValueError } from '../errors.ts';
import { optionsFrom } from '../tensor/described.ts';
import { entryNamed } from '../tensor/names.ts';
import { kindOf } from '../tensor/options.ts';
import { AUC } from './auc.ts';
import * as bestAt from './bestAt.ts';
import { F1Score, FBetaScore } from './fScore.ts';
import { BinaryIoU, IoU, MeanIoU, OneHotIoU, OneHotMeanIoU } from './iou.ts';
import * as means from './means.ts';
import type { Metric } from './metric.ts';
import * as counts from './precision.ts';
import { R2Score } from './r2Score.ts';

type Maker = (options: never) => Metric;

const classes: Readonly<Record<string, Maker>> = {
  ...{ ...means, ...counts, ...bestAt },
  ...{ AUC, F1Score, FBetaScore, BinaryIoU, IoU, MeanIoU, OneHotIoU, OneHotMeanIoU, R2Score },
};

/** A metric as compile takes it, by its name or from `{ class_name, config }`. */
export function metricFromConfig(given: unknown): string | Metric {
  if (typeof given === 'string') return given;
  const { class_name: name, config }: { class_name?: unknown; config?: unknown } =
    typeof given === 'object' && given !== null ? given : {};
  if (name === 'function' && typeof config === 'string') return config;
  const options = optionsFrom(config);
  // what Keras 2 makes of a metric that was given by its name
  if (name === 'MeanMetricWrapper' && typeof options.fn === 'string') return options.fn;
  const make = typeof name === 'string' ? entryNamed(classes, name) : null;
  // what the options are is checked by the maker
  if (make) return make(options as never);
  throw new ValueError(`unknown metric ${kindOf(name ?? given)}; there are ${Object.keys(classes).join(', ')}`);
}
