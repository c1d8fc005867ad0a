// Intersection over union: how well predicted and true areas of a class lie on each other, tp / (tp + fp + fn).
import { floatDType } from '../engine/runtime.ts';
import { ShapeError, ValueError } from '../errors.ts';
import { fittingWeights } from '../losses/reduction.ts';
import { cast, equal, greaterEqual, mul, where } from '../ops/elementwise.ts';
import { oneHot } from '../ops/indexing.ts';
import { matmul } from '../ops/matmul.ts';
import { argMax } from '../ops/reduce.ts';
import { broadcastTo, reshape } from '../ops/shape.ts';
import { slice } from '../ops/slice.ts';
import { madeOf } from '../tensor/described.ts';
import {
  flag,
  number,
  optional,
  type Reader,
  readOptions,
  type Settings,
  someOf,
  text,
  whole,
} from '../tensor/readers.ts';
import { formatShape } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { inParts, MOST } from './counts.ts';
import { ratio, total } from './ratio.ts';
import { RunningMetric } from './running.ts';

interface Areas {
  readonly name: string;
  readonly numClasses: number;
  readonly targetClassIds: readonly number[];
  readonly ignoreClass?: number | null;
}

/** The mean over classes of their intersection over union, from a confusion matrix; classes that never occur do not count. */
class IntersectionOverUnion extends RunningMetric {
  readonly size: number;
  private readonly settings: Areas;
  private readonly classesOf: (yTrue: Tensor, yPred: Tensor) => [t: Tensor, p: Tensor];

  constructor(who: string, settings: Areas, classesOf: (yTrue: Tensor, yPred: Tensor) => [t: Tensor, p: Tensor]) {
    super(settings.name, 'max');
    const outside = settings.targetClassIds.find((id) => id >= settings.numClasses);
    if (outside !== undefined)
      throw new ValueError(`${who}: targetClassIds must lie below numClasses ${settings.numClasses}, got ${outside}`);
    this.settings = settings;
    this.classesOf = classesOf;
    this.size = settings.numClasses ** 2;
  }

  /** The confusion matrix of a batch, true classes down. What is no class, or ignored, has a row of zeros and is not in it. */
  update(yTrue: Tensor, yPred: Tensor, weights: Tensor | null): Tensor {
    const { numClasses, ignoreClass = null } = this.settings;
    const [t, p] = this.classesOf(yTrue, yPred);
    if (t.size !== p.size)
      throw new ShapeError(
        `${this.name}: classes ${formatShape(t.shape)} of yTrue do not fit classes ${formatShape(p.shape)} of yPred`,
      );
    const flat = (x: Tensor) => reshape(x, [x.size]);
    const [truth, said] = [flat(ignoreClass === null ? t : where(equal(t, ignoreClass), -1, t)), flat(p)];
    const factor = weights && flat(broadcastTo(fittingWeights(weights, p.shape, floatDType()), p.shape));
    const matrix = inParts(p.size, Math.max(1, Math.floor(MOST / numClasses)), (start, length) => {
      const part = (x: Tensor) => slice(x, start, length);
      const [down, across] = [oneHot(part(truth), numClasses), oneHot(part(said), numClasses)];
      return matmul(factor ? mul(down, reshape(part(factor), [length, 1])) : down, across, { transposeA: true });
    });
    return reshape(matrix, [this.size]);
  }

  protected value(sums: ArrayLike<number>): number {
    const { numClasses, targetClassIds } = this.settings;
    const places = Array.from({ length: numClasses }, (_, i) => i);
    const cell = (row: number, column: number) => sums[row * numClasses + column]!;
    const found = targetClassIds.flatMap((id) => {
      const union = total(places.map((i) => cell(id, i) + cell(i, id))) - cell(id, id);
      return union > 0 ? [cell(id, id) / union] : [];
    });
    return ratio(total(found), found.length);
  }
}

type Classes = (x: Tensor) => Tensor;

const asClasses: Classes = (x) => cast(x, 'int32');
const highest = (isSparse: boolean, axis: number): Classes => (isSparse ? asClasses : (x) => argMax(x, axis));

/** The confusion matrix has their square. */
const numClasses = whole(1, undefined, 10_000);
const targetClassIds = someOf('classes', whole(0));
const either: Reader<number[]> = (who, name, given = [0, 1]) => targetClassIds(who, name, given);
const shared = { ignoreClass: optional(whole(-Infinity)), axis: whole(-Infinity, -1) };
const sparse = { sparseYTrue: flag(true), sparseYPred: flag(true) };
const readers = {
  IoU: { numClasses, targetClassIds, ...shared, ...sparse, name: text('io_u') },
  MeanIoU: { numClasses, ...shared, ...sparse, name: text('mean_io_u') },
  OneHotIoU: { numClasses, targetClassIds, ...shared, sparseYPred: flag(false), name: text('one_hot_io_u') },
  OneHotMeanIoU: { numClasses, ...shared, sparseYPred: flag(false), name: text('one_hot_mean_io_u') },
  BinaryIoU: {
    targetClassIds: either,
    threshold: number(0.5),
    name: text('binary_io_u'),
  },
};

type Tables = typeof readers;
type Required = 'numClasses' | 'targetClassIds';
type OptionsOf<K extends keyof Tables> = Partial<Settings<Tables[K]>> &
  Pick<Settings<Tables[K]>, Required & keyof Tables[K]>;

const all = (count: number) => Array.from({ length: count }, (_, i) => i);

function make(
  who: string,
  settings: Omit<Areas, 'targetClassIds'> & { readonly axis: number; readonly targetClassIds?: readonly number[] },
  sparseYTrue: boolean,
  sparseYPred: boolean,
): RunningMetric {
  const { axis, targetClassIds = all(settings.numClasses) } = settings;
  const [ofTrue, ofPred] = [highest(sparseYTrue, axis), highest(sparseYPred, axis)];
  return new IntersectionOverUnion(who, { ...settings, targetClassIds }, (t, p) => [ofTrue(t), ofPred(p)]);
}

/** Of the classes `targetClassIds`. Targets and predictions are class numbers, or, where they are not sparse, rows of scores along `axis`. */
export function IoU(options: OptionsOf<'IoU'>): RunningMetric {
  const { sparseYTrue, sparseYPred, ...settings } = readOptions('IoU', readers.IoU, options);
  return madeOf(make('IoU', settings, sparseYTrue, sparseYPred), 'metrics', 'IoU', options);
}

/** The same of all classes. */
export function MeanIoU(options: OptionsOf<'MeanIoU'>): RunningMetric {
  const { sparseYTrue, sparseYPred, ...settings } = readOptions('MeanIoU', readers.MeanIoU, options);
  return madeOf(make('MeanIoU', settings, sparseYTrue, sparseYPred), 'metrics', 'MeanIoU', options);
}

/** IoU of one-hot targets. */
export function OneHotIoU(options: OptionsOf<'OneHotIoU'>): RunningMetric {
  const { sparseYPred, ...settings } = readOptions('OneHotIoU', readers.OneHotIoU, options);
  return madeOf(make('OneHotIoU', settings, false, sparseYPred), 'metrics', 'OneHotIoU', options);
}

/** MeanIoU of one-hot targets. */
export function OneHotMeanIoU(options: OptionsOf<'OneHotMeanIoU'>): RunningMetric {
  const { sparseYPred, ...settings } = readOptions('OneHotMeanIoU', readers.OneHotMeanIoU, options);
  return madeOf(make('OneHotMeanIoU', settings, false, sparseYPred), 'metrics', 'OneHotMeanIoU', options);
}

/** Of two classes, 0 and 1: predictions from the threshold on are 1. */
export function BinaryIoU(options: Partial<Settings<Tables['BinaryIoU']>> = {}): RunningMetric {
  const { threshold, ...settings } = readOptions('BinaryIoU', readers.BinaryIoU, options);
  const metric = new IntersectionOverUnion('BinaryIoU', { ...settings, numClasses: 2 }, (t, p) => [
    asClasses(t),
    cast(greaterEqual(p, threshold), 'int32'),
  ]);
  return madeOf(metric, 'metrics', 'BinaryIoU', options);
}
