import { Activation } from '../layers/activation.ts';
import { BatchNormalization } from '../layers/batchNormalization.ts';
import { Conv2D } from '../layers/conv2d.ts';
import { Dense } from '../layers/dense.ts';
import { ZeroPadding2D } from '../layers/frame2d.ts';
import type { Layer } from '../layers/layer.ts';
import { Add } from '../layers/merge.ts';
import { GlobalAveragePooling2D, GlobalMaxPooling2D, MaxPooling2D } from '../layers/pooling2d.ts';
import type { SymbolicTensor } from '../layers/symbolic.ts';
import { Functional } from '../models/functional.ts';
import type { Model } from '../models/model.ts';
import { type ApplicationOptions, checkApplication, loadApplicationWeights } from './application.ts';

const host = 'https://storage.googleapis.com/tensorflow/keras-applications/resnet';

/** Published by Keras with their MD5 sums. */
const weights = {
  top: {
    url: `${host}/resnet50_weights_tf_dim_ordering_tf_kernels.h5`,
    md5: '2cb95161c43110f7111970584f804107',
  },
  noTop: {
    url: `${host}/resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5`,
    md5: '4d473c1dd8becc155b73f8504c6f6626',
  },
};

const EPSILON = 1.001e-5;

/** Filters inside a block, blocks, and the stride of the first, stage by stage: conv2 to conv5. */
const stages = [
  [64, 3, 1],
  [128, 4, 2],
  [256, 6, 2],
  [512, 3, 2],
] as const;

/**
 * ResNet50 (He, Zhang, Ren and Sun 2015) as Keras has it: strides in the first 1×1 convolution of a stage, biases in every convolution.
 * Images [height, width, 3] as `resnet50.preprocessInput` makes them; without top the result is [height / 32, width / 32, 2048].
 *
 * @throws ValueError for options that do not fit each other
 * @throws ResourceError when weights are asked for and cannot be had; `weights: null` needs no network
 */
export async function ResNet50(options: ApplicationOptions = {}): Promise<Model> {
  const { name, input, inputs, includeTop, pooling, classes, classifierActivation } = checkApplication(
    'ResNet50',
    options,
    { trained: [224], least: 32 },
    () => 'resnet50',
  );
  let x = stem(input);
  stages.forEach(([filters, blocks, stride], i) => {
    for (let block = 1; block <= blocks; block++)
      x = residual(x, filters, block === 1 ? stride : 1, block === 1, `conv${i + 2}_block${block}`);
  });
  if (includeTop) {
    x = GlobalAveragePooling2D({ name: 'avg_pool' }).apply(x);
    x = Dense(classes, { activation: classifierActivation, name: 'predictions' }).apply(x);
  } else if (pooling === 'avg') x = GlobalAveragePooling2D({ name: 'avg_pool' }).apply(x);
  else if (pooling === 'max') x = GlobalMaxPooling2D({ name: 'max_pool' }).apply(x);
  const model = new Functional({ inputs, outputs: x, name });
  await loadApplicationWeights('ResNet50', model, options.weights, includeTop ? weights.top : weights.noTop);
  return model;
}

function stem(input: SymbolicTensor): SymbolicTensor {
  return chain(input, [
    ZeroPadding2D(3, { name: 'conv1_pad' }),
    Conv2D(64, 7, { strides: 2, name: 'conv1_conv' }),
    norm('conv1_bn'),
    Activation('relu', { name: 'conv1_relu' }),
    ZeroPadding2D(1, { name: 'pool1_pad' }),
    MaxPooling2D(3, { strides: 2, name: 'pool1_pool' }),
  ]);
}

/** relu(shortcut + the three convolutions). The shortcut of a stage's first block is a projection. */
function residual(x: SymbolicTensor, filters: number, stride: number, projects: boolean, name: string): SymbolicTensor {
  const shortcut = projects
    ? chain(x, [Conv2D(4 * filters, 1, { strides: stride, name: `${name}_0_conv` }), norm(`${name}_0_bn`)])
    : x;
  const main = chain(x, [
    Conv2D(filters, 1, { strides: stride, name: `${name}_1_conv` }),
    norm(`${name}_1_bn`),
    Activation('relu', { name: `${name}_1_relu` }),
    Conv2D(filters, 3, { padding: 'same', name: `${name}_2_conv` }),
    norm(`${name}_2_bn`),
    Activation('relu', { name: `${name}_2_relu` }),
    Conv2D(4 * filters, 1, { name: `${name}_3_conv` }),
    norm(`${name}_3_bn`),
  ]);
  const sum = Add({ name: `${name}_add` }).apply([shortcut, main]);
  return Activation('relu', { name: `${name}_out` }).apply(sum);
}

const norm = (name: string) => BatchNormalization({ epsilon: EPSILON, name });

function chain(x: SymbolicTensor, layers: readonly Layer[]): SymbolicTensor {
  return layers.reduce((value, layer) => layer.apply(value), x);
}
