import { wgsl } from '../../../platform/wgsl.ts';
import { fillModes, type KernelCall } from '../../kernels.ts';
import {
  type DeviceFacts,
  type Dispatch,
  groupsFor,
  type Rows,
  type WebgpuKernels,
  WORKGROUP_SIZE,
} from '../webgpuKernel.ts';
import { imagesOf, placeOf } from './convPool/images.ts';
import { requireOneBinding } from './elementwise.ts';
import { uniform } from './params.ts';

const matricesShader = { name: 'affine_matrices', text: wgsl('affine_matrices') };
const resampleShader = { name: 'affine_resample', text: wgsl('affine_resample') };

/** Vectors of channels, and what memory holds of them: their bits, since bytes come in words. */
const vectors = { LANES: 4, Vector: 'vec4f', Stored: 'vec4u' };
const scalars = { LANES: 1, Vector: 'f32', Stored: 'u32' };

/**
 * Pixels that share what a thread reads of its matrix. A GPU wants many threads; on a CPU that plays one, beginning a workgroup
 * costs as much as all of its pixels.
 */
const pixelsOfThread = (device: DeviceFacts) => (device.profile.class === 'software' ? 16 : 4);

export const affineKernels: WebgpuKernels<'affineMatrices' | 'affineResample'> = {
  affineMatrices({ inputs: [parameters], outputs: [matrices], attrs: { columns, ...picture } }, device) {
    requireOneBinding('affineMatrices', [parameters!, matrices!], device);
    const [images, COLUMNS] = parameters!.shape as [number, number];
    return [
      {
        shader: matricesShader,
        constants: {
          COLUMNS,
          THETA: columns.theta,
          SHIFT_X: columns.tx,
          SHIFT_Y: columns.ty,
          SHEAR: columns.shear,
          ZOOM_X: columns.zx,
          ZOOM_Y: columns.zy,
          FLIP_X: columns.flipHorizontal,
          FLIP_Y: columns.flipVertical,
          CENTER_X: picture.centerX,
          CENTER_Y: picture.centerY,
          LAST_X: picture.width - 1,
          LAST_Y: picture.height - 1,
        },
        bindings: { params: uniform(images), parameters: parameters!, matrices: matrices! },
        workgroups: groupsFor(images),
      },
    ];
  },

  affineResample: (call, device) => affineResample(call, device),
};

/** `rows`: the pictures are not there, but lie in a table; then the shape is all that counts of x. */
export function affineResample(
  { inputs: [x, matrices], outputs: [y], attrs }: KernelCall<'affineResample'>,
  device: DeviceFacts,
  rows?: Rows,
): Dispatch[] {
  requireOneBinding('affineResample', [rows?.table ?? x!, matrices!, y!], device);
  const { p, q, fill, value, linear } = attrs;
  const [images, H, W, C] = x!.shape as [number, number, number, number];
  const BYTES = x!.dtype === 'uint8';
  const groups = Math.ceil((p * q) / (WORKGROUP_SIZE * pixelsOfThread(device)));
  const pixels = Math.ceil((p * q) / groups);
  return [
    {
      shader: resampleShader,
      constants: {
        ...(BYTES || C % 4 !== 0 ? scalars : vectors),
        BYTES,
        H,
        W,
        C,
        P: p,
        Q: q,
        FILL: fillModes.indexOf(fill),
        VALUE: value,
        LINEAR: linear,
        GATHERED: rows !== undefined,
      },
      bindings: {
        params: uniform(images, groups, pixels, 0, ...placeOf(rows)),
        ...imagesOf(x!, rows),
        ...{ matrices: matrices!, y: y! },
      },
      workgroups: images * groups,
    },
  ];
}
