// What the networks with published weights have in common: their options, and where the weights come from.
import { fetchBytes } from '../data/download.ts';
import { ensureStarted } from '../engine/start.ts';
import { ValueError } from '../errors.ts';
import type { PartialShape } from '../layers/layer.ts';
import type { Model } from '../models/model.ts';
import { kindOf, refuseUnknown, truth, wholeNumber } from '../tensor/options.ts';
import { MOST_BYTES, type Published, publishedBytes } from './published.ts';

export interface ApplicationOptions {
  /** The classifier at the end; default true. */
  readonly includeTop?: boolean;
  /** 'imagenet' (default) downloads the published ones and keeps them; a path, an address or the bytes of a file; null for fresh ones. */
  readonly weights?: 'imagenet' | string | Uint8Array | null;
  /** Of one image, channels last. Default: what the classifier takes; without top, images of any size in three channels. */
  readonly inputShape?: PartialShape;
  /** Without top: 'avg' or 'max' over each channel, or null (default) for the maps themselves. */
  readonly pooling?: 'avg' | 'max' | null;
  /** Of the classifier; default 1000. */
  readonly classes?: number;
  /** Default: softmax. null gives logits. */
  readonly classifierActivation?: string | null;
  readonly name?: string;
}

export interface CheckedApplication {
  readonly name: string;
  readonly inputShape: PartialShape;
  readonly includeTop: boolean;
  readonly pooling: 'avg' | 'max' | null;
  readonly classes: number;
  readonly classifierActivation: string | null;
}

/** The options with what they leave open. `size` is the height and width that the classifier was trained on. */
export function checkApplication(
  who: string,
  options: ApplicationOptions,
  { name, size, leastSize, known = [] }: { name: string; size: number; leastSize: number; known?: readonly string[] },
): CheckedApplication {
  refuseUnknown(who, options, [
    ...['includeTop', 'weights', 'inputShape', 'pooling', 'classes', 'classifierActivation', 'name'],
    ...known,
  ]);
  const { weights = 'imagenet', pooling = null, classifierActivation = 'softmax' } = options;
  const includeTop = truth(who, 'includeTop', options.includeTop ?? true);
  const classes = wholeNumber(who, 'classes', options.classes ?? 1000, 1);
  if (weights === 'imagenet' && includeTop && classes !== 1000)
    throw new ValueError(
      `${who}: the weights of imagenet have 1000 classes, got ${classes}; leave the top out for others`,
    );
  if (pooling !== null && pooling !== 'avg' && pooling !== 'max')
    throw new ValueError(`${who}: pooling must be 'avg', 'max' or null, got ${kindOf(pooling)}`);
  const inputShape = options.inputShape ?? (includeTop ? [size, size, 3] : [null, null, 3]);
  checkShape(who, inputShape, leastSize, weights === 'imagenet');
  if (includeTop && weights === 'imagenet' && (inputShape[0] !== size || inputShape[1] !== size))
    throw new ValueError(`${who}: with its top and the weights of imagenet it takes images of ${size} by ${size}`);
  return { name: options.name ?? name, inputShape, includeTop, pooling, classes, classifierActivation };
}

function checkShape(who: string, shape: PartialShape, least: number, pretrained: boolean): void {
  const isLength = (n: unknown) => n === null || (typeof n === 'number' && Number.isInteger(n) && n >= least);
  const [h, w, c] = Array.isArray(shape) ? shape : [];
  const good =
    Array.isArray(shape) && shape.length === 3 && isLength(h) && isLength(w) && typeof c === 'number' && c > 0;
  if (!good)
    throw new ValueError(
      `${who}: inputShape must be [height, width, channels] of at least ${least} by ${least}, got ${JSON.stringify(shape)}`,
    );
  if (pretrained && c !== 3) throw new ValueError(`${who}: the weights of imagenet are for 3 channels, got ${c}`);
}

/** Gives a model its weights. Nothing is loaded for null. */
export async function loadApplicationWeights(
  who: string,
  model: Model,
  weights: ApplicationOptions['weights'],
  published: Published,
): Promise<void> {
  if (weights === null) return;
  await ensureStarted();
  if (weights === undefined || weights === 'imagenet') {
    await model.loadWeights(
      await publishedBytes(
        who,
        published,
        'Without a network give weights: the path of such a file, or null for fresh ones.',
      ),
    );
    return;
  }
  if (typeof weights !== 'string' && !(weights instanceof Uint8Array))
    throw new ValueError(
      `${who}: weights must be 'imagenet', a path, an address, bytes or null, got ${kindOf(weights)}`,
    );
  const isAddress = typeof weights === 'string' && /^https?:/.test(weights);
  await model.loadWeights(isAddress ? await fetchBytes(weights, MOST_BYTES, {}) : weights);
}
