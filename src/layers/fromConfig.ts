// Layers from what a model file says of them, in the words of Keras 3 and of Keras 2.
import { FormatError, ValueError } from '../errors.ts';
import { optionsFrom } from '../tensor/described.ts';
import { entryNamed } from '../tensor/names.ts';
import { kindOf } from '../tensor/options.ts';
import { ActivationLayer, ELULayer, LeakyReLULayer, PReLULayer, ReLULayer, SoftmaxLayer } from './activation.ts';
import { BatchNormalizationLayer } from './batchNormalization.ts';
import { Conv2DLayer } from './conv2d.ts';
import { Conv2DTransposeLayer } from './conv2dTranspose.ts';
import { DenseLayer } from './dense.ts';
import { DepthwiseConv2DLayer } from './depthwiseConv2d.ts';
import {
  AlphaDropoutLayer,
  DropoutLayer,
  GaussianDropoutLayer,
  GaussianNoiseLayer,
  SpatialDropout2DLayer,
} from './dropout.ts';
import { FlattenLayer } from './flatten.ts';
import { Cropping2DLayer, ZeroPadding2DLayer } from './frame2d.ts';
import { ModelInput } from './inputLayer.ts';
import type { Layer } from './layer.ts';
import { GroupNormalizationLayer, LayerNormalizationLayer } from './layerNormalization.ts';
import {
  AddLayer,
  AverageLayer,
  ConcatenateLayer,
  MaximumLayer,
  MinimumLayer,
  MultiplyLayer,
  SubtractLayer,
} from './merge.ts';
import { ActivityRegularizationLayer, IdentityLayer, UnitNormalizationLayer } from './passing.ts';
import {
  AveragePooling2DLayer,
  GlobalAveragePooling2DLayer,
  GlobalMaxPooling2DLayer,
  MaxPooling2DLayer,
} from './pooling2d.ts';
import { RandomFlipLayer, RandomRotationLayer, RandomTranslationLayer, RandomZoomLayer } from './randomAffine.ts';
import { RandomCropLayer } from './randomCrop.ts';
import { RandomBrightnessLayer, RandomContrastLayer } from './randomLight.ts';
import { RescalingLayer } from './rescaling.ts';
import { PermuteLayer, ReshapeLayer } from './reshape.ts';
import { CenterCropLayer, ResizingLayer } from './resizing.ts';
import { SeparableConv2DLayer } from './separableConv2d.ts';
import { UpSampling2DLayer } from './upSampling2d.ts';

const classes: Readonly<Record<string, new (options: object) => Layer>> = {
  Activation: ActivationLayer,
  ActivityRegularization: ActivityRegularizationLayer,
  Add: AddLayer,
  AlphaDropout: AlphaDropoutLayer,
  Average: AverageLayer,
  Concatenate: ConcatenateLayer,
  Maximum: MaximumLayer,
  Minimum: MinimumLayer,
  Multiply: MultiplyLayer,
  Subtract: SubtractLayer,
  AveragePooling2D: AveragePooling2DLayer,
  BatchNormalization: BatchNormalizationLayer,
  CenterCrop: CenterCropLayer,
  Conv2D: Conv2DLayer,
  Conv2DTranspose: Conv2DTransposeLayer,
  Cropping2D: Cropping2DLayer,
  Dense: DenseLayer,
  DepthwiseConv2D: DepthwiseConv2DLayer,
  Dropout: DropoutLayer,
  ELU: ELULayer,
  Flatten: FlattenLayer,
  GaussianDropout: GaussianDropoutLayer,
  GaussianNoise: GaussianNoiseLayer,
  GlobalAveragePooling2D: GlobalAveragePooling2DLayer,
  GlobalMaxPooling2D: GlobalMaxPooling2DLayer,
  GroupNormalization: GroupNormalizationLayer,
  Identity: IdentityLayer,
  InputLayer: ModelInput,
  LayerNormalization: LayerNormalizationLayer,
  LeakyReLU: LeakyReLULayer,
  MaxPooling2D: MaxPooling2DLayer,
  PReLU: PReLULayer,
  Permute: PermuteLayer,
  RandomBrightness: RandomBrightnessLayer,
  RandomContrast: RandomContrastLayer,
  RandomCrop: RandomCropLayer,
  RandomFlip: RandomFlipLayer,
  RandomRotation: RandomRotationLayer,
  RandomTranslation: RandomTranslationLayer,
  RandomZoom: RandomZoomLayer,
  ReLU: ReLULayer,
  Rescaling: RescalingLayer,
  Reshape: ReshapeLayer,
  Resizing: ResizingLayer,
  SeparableConv2D: SeparableConv2DLayer,
  Softmax: SoftmaxLayer,
  SpatialDropout2D: SpatialDropout2DLayer,
  UnitNormalization: UnitNormalizationLayer,
  UpSampling2D: UpSampling2DLayer,
  ZeroPadding2D: ZeroPadding2DLayer,
};

/** Options of Keras that do not exist here, with the value at which they change nothing; null where no value does. */
const unused: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  BatchNormalization: { synchronized: false, renorm: false, renormMomentum: null },
  Conv2DTranspose: { groups: 1 },
  DepthwiseConv2D: { groups: 1 },
  InputLayer: { sparse: false, ragged: false, optional: false },
  LayerNormalization: { rmsScaling: false },
  Resizing: { antialias: false, fillMode: 'constant' },
  // Keras 2 writes those of the convolution that it is derived from
  SeparableConv2D: { groups: 1, kernelInitializer: null },
};

/** Other names of options, in Keras 2 or in what it read itself. */
const renamed: Readonly<Record<string, string>> = { batchInputShape: 'batchShape' };
const renamedOf: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  LeakyReLU: { alpha: 'negativeSlope' },
};

/**
 * The layer that `{ class_name, config }` describes, with new weights: what `layer.getConfig()` gives beside the name of its class, or
 * an entry of a model file. Refuses classes that do not exist here, and code (Lambda), by name.
 */
export function layerFromConfig(given: unknown): Layer {
  const { class_name: className, config } = entryOf(given);
  if (className === 'Lambda')
    throw new ValueError(
      'layerFromConfig: a Lambda layer is Python code, which is not run; write it as layers that exist',
    );
  const Class = entryNamed(classes, className);
  if (!Class)
    throw new ValueError(`layerFromConfig: unknown layer ${className}; there are ${Object.keys(classes).join(', ')}`);
  return new Class(understood(className, config));
}

function entryOf(given: unknown): { class_name: string; config: object } {
  if (typeof given === 'object' && given !== null && 'class_name' in given && 'config' in given) {
    const { class_name, config } = given;
    if (typeof class_name === 'string' && typeof config === 'object' && config !== null) return { class_name, config };
  }
  throw new FormatError(`layerFromConfig: expected { class_name, config }, got ${kindOf(given)}`);
}

/** The options behind a configuration: in our words, without those that say nothing. */
function understood(className: string, config: object): object {
  const names = { ...renamed, ...renamedOf[className] };
  const options = Object.entries(optionsFrom(config))
    // what is null was not chosen
    .filter(([name, value]) => value !== null && !isUnused(className, name, value))
    .map(([name, value]) => [entryNamed(names, name) ?? name, value] as const);
  const { batchShape, ...rest } = Object.fromEntries(options);
  if (className === 'InputLayer' || batchShape === undefined) return Object.fromEntries(options);
  // the first layer of a Sequential that has no InputLayer
  return { ...rest, inputShape: Array.isArray(batchShape) ? batchShape.slice(1) : batchShape };
}

function isUnused(className: string, name: string, value: unknown): boolean {
  const ofClass = unused[className];
  if (!ofClass || !Object.hasOwn(ofClass, name)) return false;
  if (ofClass[name] === null || ofClass[name] === value) return true;
  throw new ValueError(`layerFromConfig: ${className} with ${name} ${JSON.stringify(value)} does not exist here`);
}
