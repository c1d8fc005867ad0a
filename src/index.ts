// The public face: nothing but exports.
import './ops/fused/index.ts';
import './ops/methods.ts';

export { customGradient } from './autograd/customGradient.ts';
export { grad, stopGradient, valueAndGrad } from './autograd/grad.ts';
export { gradcheck } from './autograd/gradcheck.ts';
export type { DType, Shape, Tuned, TypedArray } from './backend/backend.ts';
export type { Callback, Logs } from './callbacks/callback.ts';
export type { History } from './callbacks/history.ts';
export { compile } from './compile/compile.ts';
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
export { Conv2D } from './layers/conv2d.ts';
export { Dense } from './layers/dense.ts';
export { Flatten } from './layers/flatten.ts';
export { clearSession, type Layer } from './layers/layer.ts';
export { MaxPooling2D } from './layers/maxPooling2d.ts';
export * as losses from './losses/losses.ts';
export * as metrics from './metrics/metrics.ts';
export type { Model } from './models/model.ts';
export { Sequential } from './models/sequential.ts';
export type { TuneOptions } from './models/tune.ts';
export * as tuner from './models/tuner.ts';
export * from './ops/index.ts';
export * as optimizers from './optimizers/optimizers.ts';
export type { RawImage } from './platform/index.ts';
export * as regularizers from './regularizers/regularizers.ts';
export { Tensor } from './tensor/tensor.ts';
export { version } from './version.ts';
