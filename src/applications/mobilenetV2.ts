import { ValueError } from '../errors.ts';
import { ReLU } from '../layers/activation.ts';
import { BatchNormalization } from '../layers/batchNormalization.ts';
import { Conv2D } from '../layers/conv2d.ts';
import { Dense } from '../layers/dense.ts';
import { DepthwiseConv2D } from '../layers/depthwiseConv2d.ts';
import { ZeroPadding2D } from '../layers/frame2d.ts';
import type { PartialShape } from '../layers/layer.ts';
import { Add } from '../layers/merge.ts';
import { GlobalAveragePooling2D, GlobalMaxPooling2D } from '../layers/pooling2d.ts';
import type { SymbolicTensor } from '../layers/symbolic.ts';
import { Functional } from '../models/functional.ts';
import type { Model } from '../models/model.ts';
import { finiteNumber } from '../tensor/options.ts';
import { type ApplicationOptions, checkApplication, loadApplicationWeights, trainedSize } from './application.ts';

export interface MobileNetV2Options extends ApplicationOptions {
  /** How wide it is; default 1. Weights of imagenet exist for 0.35, 0.5, 0.75, 1, 1.3 and 1.4. */
  readonly alpha?: number;
}

const host = 'https://storage.googleapis.com/tensorflow/keras-applications/mobilenet_v2';
const trained = [0.35, 0.5, 0.75, 1, 1.3, 1.4];
const sizes = [224, 192, 160, 128, 96] as const;

/** Filters at width 1, and the strides of the blocks: what the paper's table 2 lists. All but the first expand six times. */
const blocks = [
  [16, [1]],
  [24, [2, 1]],
  [32, [2, 1, 1]],
  [64, [2, 1, 1, 1]],
  [96, [1, 1, 1]],
  [160, [2, 1, 1]],
  [320, [1]],
] as const;

/** MobileNetV2 (Sandler, Howard, Zhu, Zhmoginov and Chen 2018) as Keras has it. Options and errors as for ResNet50. */
export async function MobileNetV2(options: MobileNetV2Options = {}): Promise<Model> {
  const alpha = finiteNumber('MobileNetV2', 'alpha', options.alpha ?? 1, 0);
  const weights = options.weights === undefined ? 'imagenet' : options.weights;
  if (weights === 'imagenet' && !trained.includes(alpha))
    throw new ValueError(
      `MobileNetV2: there are weights of imagenet for alpha ${trained.join(', ')}, not for ${alpha}`,
    );
  // their weights were trained on images of that size; those of 224 serve for all others
  const published = (shape: PartialShape) => trainedSize(shape, sizes) ?? sizes[0];
  const { name, input, inputs, inputShape, includeTop, pooling, classes, classifierActivation } = checkApplication(
    'MobileNetV2',
    options,
    { trained: sizes, least: 32 },
    (shape) => `mobilenetv2_${alpha.toFixed(2)}_${weights === 'imagenet' ? published(shape) : (shape[0] ?? 'None')}`,
    ['alpha'],
  );

  let x = Conv2D(eights(32 * alpha), 3, { strides: 2, padding: 'same', useBias: false, name: 'Conv1' }).apply(input);
  x = ReLU({ maxValue: 6, name: 'Conv1_relu' }).apply(norm('bn_Conv1').apply(x));
  let block = 0;
  for (const [filters, strides] of blocks)
    for (const stride of strides) x = inverted(x, eights(filters * alpha), stride, block++);
  x = Conv2D(alpha > 1 ? eights(1280 * alpha) : 1280, 1, { useBias: false, name: 'Conv_1' }).apply(x);
  x = ReLU({ maxValue: 6, name: 'out_relu' }).apply(norm('Conv_1_bn').apply(x));
  if (includeTop) {
    x = GlobalAveragePooling2D().apply(x);
    x = Dense(classes, { activation: classifierActivation, name: 'predictions' }).apply(x);
  } else if (pooling === 'avg') x = GlobalAveragePooling2D().apply(x);
  else if (pooling === 'max') x = GlobalMaxPooling2D().apply(x);
  const model = new Functional({ inputs, outputs: x, name });
  const file = `mobilenet_v2_weights_tf_dim_ordering_tf_kernels_${alpha === 1 ? '1.0' : alpha}_${published(inputShape)}${includeTop ? '' : '_no_top'}.h5`;
  // Keras publishes no sum of these files: whether one is whole shows in what it holds
  await loadApplicationWeights('MobileNetV2', model, options.weights, { url: `${host}/${file}`, md5: null });
  return model;
}

/** Expands, filters each channel by itself, projects to few; and adds the input where the shape allows it. */
function inverted(input: SymbolicTensor, filters: number, stride: number, block: number): SymbolicTensor {
  const channels = input.shape.at(-1)!;
  const prefix = block === 0 ? 'expanded_conv' : `block_${block}`;
  let x = input;
  if (block > 0) {
    x = Conv2D(6 * channels, 1, { useBias: false, name: `${prefix}_expand` }).apply(x);
    x = ReLU({ maxValue: 6, name: `${prefix}_expand_relu` }).apply(norm(`${prefix}_expand_BN`).apply(x));
  }
  if (stride === 2) x = ZeroPadding2D(frame(x), { name: `${prefix}_pad` }).apply(x);
  const padding = stride === 1 ? 'same' : 'valid';
  x = DepthwiseConv2D(3, { strides: stride, padding, useBias: false, name: `${prefix}_depthwise` }).apply(x);
  x = ReLU({ maxValue: 6, name: `${prefix}_depthwise_relu` }).apply(norm(`${prefix}_depthwise_BN`).apply(x));
  x = Conv2D(filters, 1, { useBias: false, name: `${prefix}_project` }).apply(x);
  x = norm(`${prefix}_project_BN`).apply(x);
  return channels === filters && stride === 1 ? Add({ name: `${prefix}_add` }).apply([input, x]) : x;
}

const norm = (name: string) => BatchNormalization({ epsilon: 1e-3, momentum: 0.999, name });

/** What a 3×3 window of stride 2 needs around it: of an even length nothing before. */
function frame({ shape: [, h, w] }: SymbolicTensor): [[number, number], [number, number]] {
  const before = (length: number | null | undefined) => (typeof length === 'number' && length % 2 === 0 ? 0 : 1);
  return [
    [before(h), 1],
    [before(w), 1],
  ];
}

/** The nearest multiple of 8, but not more than a tenth below. */
function eights(filters: number): number {
  const nearest = Math.max(8, Math.floor((filters + 4) / 8) * 8);
  return nearest < 0.9 * filters ? nearest + 8 : nearest;
}
