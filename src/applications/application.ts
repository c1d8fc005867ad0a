// What the networks with published weights have in common: their options, and where the weights come from.
import { fetchBytes } from '../data/download.ts';
import { ensureStarted } from '../engine/start.ts';
import { ValueError } from '../errors.ts';
import { Input } from '../layers/inputLayer.ts';
import type { PartialShape } from '../layers/layer.ts';
import { SymbolicTensor } from '../layers/symbolic.ts';
import type { Model } from '../models/model.ts';
import { kindOf, refuseUnknown, truth, wholeNumber } from '../tensor/options.ts';
import { formatShape } from '../tensor/shape.ts';
import { MOST_BYTES, type Published, usePublished } from './published.ts';

export interface ApplicationOptions {
  /** The classifier at the end; default true. */
  readonly includeTop?: boolean;
  /** 'imagenet' (default) downloads the published ones and keeps them; a path, an address or the bytes of a file; null for fresh ones. */
  readonly weights?: 'imagenet' | string | Uint8Array | null;
  /** Of one image, channels last. Default: what the classifier takes; without top, images of any size in three channels. */
  readonly inputShape?: PartialShape;
  /** What layers before it gave, in the place of an input of its own: the model then begins where that does. */
  readonly inputTensor?: SymbolicTensor;
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
  /** What the first layer takes, and what the model begins with. */
  readonly input: SymbolicTensor;
  readonly inputs: readonly SymbolicTensor[];
  readonly includeTop: boolean;
  readonly pooling: 'avg' | 'max' | null;
  readonly classes: number;
  readonly classifierActivation: string | null;
}

/** Heights and widths that there are weights of imagenet for, the usual one first. No smaller images than `least` are taken. */
interface Sizes {
  readonly trained: readonly number[];
  readonly least: number;
}

/** The options with what they leave open. The name may follow from the shape. */
export function checkApplication(
  who: string,
  options: ApplicationOptions,
  sizes: Sizes,
  nameOf: (shape: PartialShape) => string,
  known: readonly string[] = [],
): CheckedApplication {
  refuseUnknown(who, options, [
    ...['includeTop', 'weights', 'inputShape', 'inputTensor', 'pooling', 'classes', 'classifierActivation', 'name'],
    ...known,
  ]);
  const { weights = 'imagenet', pooling = null, classifierActivation = 'softmax', inputTensor } = options;
  const includeTop = truth(who, 'includeTop', options.includeTop ?? true);
  const classes = wholeNumber(who, 'classes', options.classes ?? 1000, 1);
  if (weights === 'imagenet' && includeTop && classes !== 1000)
    throw new ValueError(
      `${who}: the weights of imagenet have 1000 classes, got ${classes}; leave the top out for others`,
    );
  if (pooling !== null && pooling !== 'avg' && pooling !== 'max')
    throw new ValueError(`${who}: pooling must be 'avg', 'max' or null, got ${kindOf(pooling)}`);
  if (weights !== null && includeTop && classifierActivation !== 'softmax' && classifierActivation !== null)
    throw new ValueError(
      `${who}: with weights of its own the classifier ends in 'softmax' or null, got ${kindOf(classifierActivation)}`,
    );
  const given = shapeGiven(who, options);
  const [usual] = sizes.trained as readonly [number];
  const inputShape = given ?? (includeTop ? [usual, usual, 3] : [null, null, 3]);
  checkShape(who, inputShape, sizes.least, weights === 'imagenet');
  if (includeTop && weights === 'imagenet' && !trainedSize(inputShape, sizes.trained))
    throw new ValueError(
      `${who}: with its top and the weights of imagenet it takes square images of ${sizes.trained.join(', ')}, got ${JSON.stringify(inputShape)}`,
    );
  const input = inputTensor ?? Input({ shape: inputShape });
  return {
    ...{ name: options.name ?? nameOf(inputShape), inputShape, includeTop, pooling, classes, classifierActivation },
    ...{ input, inputs: sourcesOf(input) },
  };
}

/** The length of both sides, if there are weights for it. */
export function trainedSize([h, w]: PartialShape, trained: readonly number[]): number | null {
  return typeof h === 'number' && h === w && trained.includes(h) ? h : null;
}

function shapeGiven(who: string, { inputShape, inputTensor }: ApplicationOptions): PartialShape | null {
  if (inputTensor === undefined) return inputShape ?? null;
  if (!(inputTensor instanceof SymbolicTensor))
    throw new ValueError(`${who}: inputTensor must be what Input() and layers gave, got ${kindOf(inputTensor)}`);
  const shape = inputTensor.shape.slice(1);
  if (inputShape === undefined || formatShape(inputShape) === formatShape(shape)) return shape;
  throw new ValueError(
    `${who}: inputTensor has images ${formatShape(shape)}, inputShape says ${JSON.stringify(inputShape)}`,
  );
}

/** The values that a graph begins with. */
function sourcesOf({ node, index }: SymbolicTensor): SymbolicTensor[] {
  if (node.inputs.length === 0) return [node.outputs[index]!];
  return [...new Set(node.inputs.flatMap(sourcesOf))];
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
    const advice = 'Without a network give weights: the path of such a file, or null for fresh ones.';
    return usePublished(who, published, advice, (bytes) => model.loadWeights(bytes));
  }
  if (typeof weights !== 'string' && !(weights instanceof Uint8Array))
    throw new ValueError(
      `${who}: weights must be 'imagenet', a path, an address, bytes or null, got ${kindOf(weights)}`,
    );
  const isAddress = typeof weights === 'string' && /^https?:/.test(weights);
  await model.loadWeights(isAddress ? await fetchBytes(weights, MOST_BYTES, {}) : weights);
}
