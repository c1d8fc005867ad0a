import { wgsl } from '../../../platform/wgsl.ts';
import { sizeOf } from '../../../tensor/shape.ts';
import type { Shape } from '../../backend.ts';
import type { ResizeAttrs } from '../../kernels.ts';
import { groupsFor, type WebgpuKernels } from '../webgpuKernel.ts';
import { requireOneBinding } from './elementwise.ts';
import { uniform } from './params.ts';
import { lanesFor } from './vector.ts';

const resizeShader = { name: 'resize2d', text: wgsl('resize2d') };
const resizeGradShader = { name: 'resize2d_grad', text: wgsl('resize2d_grad') };

export const resizeKernels: WebgpuKernels<'resize2d' | 'resize2dGrad'> = {
  resize2d({ inputs: [x], outputs: [y], attrs }, device) {
    requireOneBinding('resize2d', [x!, y!], device);
    const constants = resizeConstants(x!.shape, attrs);
    return [
      {
        shader: resizeShader,
        constants,
        bindings: { sizes: uniform(x!.shape[0]!), x: x!, y: y! },
        workgroups: groupsFor(sizeOf(y!.shape) / constants.LANES),
      },
    ];
  },

  resize2dGrad({ inputs: [dy], outputs: [dx], attrs }, device) {
    requireOneBinding('resize2dGrad', [dy!, dx!], device);
    const constants = resizeConstants(dx!.shape, attrs);
    return [
      {
        shader: resizeGradShader,
        constants,
        bindings: { sizes: uniform(dx!.shape[0]!), dy: dy!, dx: dx! },
        workgroups: groupsFor(sizeOf(dx!.shape) / constants.LANES),
      },
    ];
  },
};

function resizeConstants(image: Shape, { p, q, rows, columns, linear }: ResizeAttrs) {
  const [, H, W, C] = image as [number, number, number, number];
  return {
    ...lanesFor(C),
    H,
    W,
    C,
    P: p,
    Q: q,
    ROW_STEP: rows.step,
    ROW_START: rows.start,
    ROW_DIVISOR: rows.divisor,
    COLUMN_STEP: columns.step,
    COLUMN_START: columns.start,
    COLUMN_DIVISOR: columns.divisor,
    LINEAR: linear,
  };
}
