export { batchNormKernels } from '../batchNorm.ts';
export { forwardRegisterTile } from '../conv2d/forwardRegisterTile.ts';
export { gradInputFew } from '../conv2d/gradInputFew.ts';
export { gradInputRegisterTile } from '../conv2d/gradInputRegisterTile.ts';
export { gradKernelRegisterTile } from '../conv2d/gradKernelRegisterTile.ts';
export { forwardWindow } from '../convPool/forwardWindow.ts';
export { gradKernelWindow } from '../convPool/gradKernelWindow.ts';
export { poolKernels } from '../pool2d.ts';
