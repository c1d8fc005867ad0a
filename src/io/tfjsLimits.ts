// What tfjs does not have, or computes otherwise: it would load the file and say something else.
import { ValueError } from '../errors.ts';
import type { Layer } from '../layers/layer.ts';
import { Network } from '../models/network.ts';
import type { Config } from '../models/toConfig.ts';
import { entryNamed } from '../tensor/names.ts';

/** Layers of ours that tfjs-layers 4 has as well. */
// biome-ignore format: a table
const layers: ReadonlySet<string> = new Set([
  'Activation', 'Add', 'AlphaDropout', 'Average', 'AveragePooling2D', 'BatchNormalization', 'Concatenate', 'Conv2D', 'Conv2DTranspose', 'Cropping2D', 'Dense',
  'DepthwiseConv2D', 'Dropout', 'ELU', 'Flatten', 'Functional', 'GaussianDropout', 'GaussianNoise', 'GlobalAveragePooling2D', 'GlobalMaxPooling2D', 'InputLayer',
  'LayerNormalization', 'LeakyReLU', 'MaxPooling2D', 'Maximum', 'Minimum', 'Multiply', 'PReLU', 'Permute', 'ReLU', 'Rescaling', 'Reshape',
  'SeparableConv2D', 'Sequential', 'Softmax', 'UpSampling2D', 'ZeroPadding2D',
]);

/** Activations that tfjs computes as we do. (Its hard_sigmoid is that of Keras 2.) */
// biome-ignore format: a table
const activations: ReadonlySet<unknown> = new Set([
  'linear', 'relu', 'relu6', 'elu', 'selu', 'sigmoid', 'softmax', 'log_softmax', 'softplus', 'softsign', 'tanh', 'silu', 'mish', 'gelu',
]);

/** The only value of an option that tfjs knows, where it leaves out others in silence or throws. */
const fixed: Readonly<Record<string, Config>> = {
  Conv2D: { groups: 1 },
  Conv2DTranspose: { dilation_rate: [1, 1], output_padding: null },
  ELU: { alpha: 1 },
  ReLU: { negative_slope: 0, threshold: 0 },
  // bilinear has its samples elsewhere there
  UpSampling2D: { interpolation: 'nearest' },
};

/** @throws ValueError that names the layer and what tfjs has instead */
export function requireTfjs(model: Network): void {
  for (const layer of model.layers) {
    if (!layers.has(layer.className))
      throw new ValueError(`tfjs: ${layer.name}: tfjs has no layer ${layer.className}; save the model as .keras`);
    if (layer instanceof Network) requireTfjs(layer);
    else requireOptions(layer);
  }
}

function requireOptions(layer: Layer): void {
  const { className, name } = layer;
  const config = layer.getConfig();
  const known = entryNamed(fixed, className) ?? {};
  const strange = Object.keys(known).find(
    (option) => JSON.stringify(config[option] ?? null) !== JSON.stringify(known[option]),
  );
  if (strange)
    throw new ValueError(
      `tfjs: ${name}: ${strange} ${JSON.stringify(config[strange])} is not what tfjs computes, which is ${JSON.stringify(known[strange])} always; save the model as .keras`,
    );
  if (config.activation !== undefined && !activations.has(config.activation))
    throw new ValueError(
      `tfjs: ${name}: tfjs has no activation ${JSON.stringify(config.activation)}, or another one of that name; save the model as .keras`,
    );
}
