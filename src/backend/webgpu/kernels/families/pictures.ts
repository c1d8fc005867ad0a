export { affineKernels, affineResample } from '../affine.ts';
export { resizeKernels } from '../resize2d.ts';
