// The public face: nothing but exports.
import './ops/methods.ts';

export { grad, stopGradient, valueAndGrad } from './autograd/grad.ts';
export { gradcheck } from './autograd/gradcheck.ts';
export type { DType, Shape, TypedArray } from './backend/backend.ts';
export { compile } from './compile/compile.ts';
export { scope } from './engine/scope.ts';
export { setRandomSeed } from './engine/seed.ts';
export { close, type InitOptions, type InitResult, init, memory } from './engine/start.ts';
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
export * from './ops/index.ts';
export { Tensor } from './tensor/tensor.ts';
