// The public face: nothing but exports.
import './ops/fused/index.ts';
import './io/provide.ts';
import './ops/methods.ts';

export * as applications from './applications/index.ts';
export { MobileNetV2, ResNet50 } from './applications/index.ts';
export { customGradient } from './autograd/customGradient.ts';
export { grad, stopGradient, valueAndGrad } from './autograd/grad.ts';
export { gradcheck } from './autograd/gradcheck.ts';
export type { DType, Shape, Tuned, TypedArray } from './backend/backend.ts';
export type { Callback, Logs, RunParams, TrainedModel, TrainedOptimizer } from './callbacks/callback.ts';
export type { History } from './callbacks/history.ts';
export * as callbacks from './callbacks/index.ts';
export { compile } from './compile/compile.ts';
export * as constraints from './constraints/constraints.ts';
export type { DirectoryOptions } from './data/augment/directory.ts';
export type { Flow, FlowBatch } from './data/augment/flow.ts';
export type { FitOptions as GeneratorFitOptions, FlowOptions } from './data/augment/flowOptions.ts';
export { ImageDataGenerator } from './data/augment/generator.ts';
export type { ImageDataGeneratorOptions } from './data/augment/options.ts';
export type { DirectoryFlow } from './data/augment/pictureFiles.ts';
export type { PictureTransform } from './data/augment/pictureTransform.ts';
export type { TableOptions, TableRow } from './data/augment/table.ts';
export * as datasets from './data/datasets.ts';
export type { ImageFolderDataset } from './data/imageBatches.ts';
export { imageDatasetFromDirectory } from './data/imageDatasetFromDirectory.ts';
export { arrayToImg, imgToArray } from './data/images/imageArrays.ts';
export { loadImg } from './data/images/loadImg.ts';
export { saveImg } from './data/images/saveImg.ts';
export { smartResize } from './data/images/smartResize.ts';
export { normalize } from './data/normalize.ts';
export { toCategorical } from './data/toCategorical.ts';
export { scope } from './engine/scope.ts';
export { setRandomSeed } from './engine/seed.ts';
export { close, type InitOptions, type InitResult, init, type MemoryInfo, memory } from './engine/start.ts';
export type { TuningResult } from './engine/tuner.ts';
export { Variable } from './engine/variable.ts';
export {
  BackendError,
  DTypeError,
  FormatError,
  ResourceError,
  ShapeError,
  ValueError,
  WgslgradError,
} from './errors.ts';
export * as initializers from './initializers/initializers.ts';
export { type LoadOptions, loadModel } from './io/load.ts';
export { Activation, ELU, LeakyReLU, PReLU, ReLU, Softmax } from './layers/activation.ts';
export { BatchNormalization } from './layers/batchNormalization.ts';
export { Conv2D } from './layers/conv2d.ts';
export { Conv2DTranspose } from './layers/conv2dTranspose.ts';
export { Dense } from './layers/dense.ts';
export { DepthwiseConv2D } from './layers/depthwiseConv2d.ts';
export { AlphaDropout, Dropout, GaussianDropout, GaussianNoise, SpatialDropout2D } from './layers/dropout.ts';
export { Flatten } from './layers/flatten.ts';
export { Cropping2D, ZeroPadding2D } from './layers/frame2d.ts';
export { Input, InputLayer } from './layers/inputLayer.ts';
export { clearSession, type Layer } from './layers/layer.ts';
export { GroupNormalization, LayerNormalization } from './layers/layerNormalization.ts';
export {
  Add,
  Average,
  Concatenate,
  type ConcatenateOptions,
  Maximum,
  Minimum,
  Multiply,
  Subtract,
} from './layers/merge.ts';
export {
  ActivityRegularization,
  type ActivityRegularizationOptions,
  Identity,
  UnitNormalization,
  type UnitNormalizationOptions,
} from './layers/passing.ts';
export {
  AveragePooling2D,
  AveragePooling2D as AvgPool2D,
  GlobalAveragePooling2D,
  GlobalAveragePooling2D as GlobalAvgPool2D,
  GlobalMaxPooling2D,
  GlobalMaxPooling2D as GlobalMaxPool2D,
  MaxPooling2D,
  MaxPooling2D as MaxPool2D,
} from './layers/pooling2d.ts';
export { type Factor, RandomFlip, RandomRotation, RandomTranslation, RandomZoom } from './layers/randomAffine.ts';
export { RandomCrop } from './layers/randomCrop.ts';
export { RandomBrightness, RandomContrast } from './layers/randomLight.ts';
export { Rescaling } from './layers/rescaling.ts';
export { Permute, Reshape } from './layers/reshape.ts';
export { CenterCrop, Resizing } from './layers/resizing.ts';
export { SeparableConv2D } from './layers/separableConv2d.ts';
export { SymbolicTensor } from './layers/symbolic.ts';
export { UpSampling2D } from './layers/upSampling2d.ts';
export * as losses from './losses/losses.ts';
export * as metrics from './metrics/metrics.ts';
export type { ArrayLikeData, Arrays, SampleWeight } from './models/arrays.ts';
export type { FileSource } from './models/files.ts';
export type { FitOptions, ValidationData } from './models/fitOptions.ts';
export { Model, type ModelOptions } from './models/functional.ts';
export type { CompileOptions } from './models/objective.ts';
export type { TestOnBatchOptions, TrainOnBatchOptions } from './models/onBatch.ts';
export { Sequential } from './models/sequential.ts';
export type { Batch, BatchData, BatchSource, IndexedBatches, ResidentSource, StreamedSource } from './models/source.ts';
export type { TuneOptions } from './models/tune.ts';
export * as tuner from './models/tuner.ts';
export * from './ops/index.ts';
export * as optimizers from './optimizers/optimizers.ts';
export type { RawImage } from './platform/index.ts';
export * as regularizers from './regularizers/regularizers.ts';
export * as schedules from './schedules/schedules.ts';
export { Tensor } from './tensor/tensor.ts';
export { version } from './version.ts';
