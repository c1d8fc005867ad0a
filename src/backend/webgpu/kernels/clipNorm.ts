import { wgsl } from '../../../platform/wgsl.ts';
import { sizeOf } from '../../../tensor/shape.ts';
import type { WebgpuKernel } from '../webgpuKernel.ts';
import { requireOneBinding } from './elementwise.ts';
import { uniform } from './params.ts';

const squaresShader = { name: 'norm_squares', text: wgsl('norm_squares') };
const clipShader = { name: 'clip_norm', text: wgsl('clip_norm') };

/** Elements that a workgroup takes. */
const PART = 1024;
const LARGEST = 2 ** 128 - 2 ** 104;

export const clipNorm: WebgpuKernel<'clipNorm'> = ({ inputs: [gradient], outputs: [y], attrs }, device) => {
  const { limit, together, offsets, sizes } = attrs;
  requireOneBinding('clipNorm', [gradient!], device);
  const table: number[] = [];
  let PARTS = 0;
  offsets.forEach((first, i) => {
    table.push(first, sizes[i]!, PARTS, offsets.length);
    PARTS += Math.ceil(((offsets[i + 1] ?? sizeOf(y!.shape)) - first) / PART);
  });
  const segments = uniform(...table, sizeOf(y!.shape), 0, PARTS, 0);
  const constants = { PART, SEGMENTS: offsets.length, PARTS };
  const squares = { scratch: 0, byteLength: 4 * PARTS };
  return [
    { shader: squaresShader, constants, bindings: { segments, gradient: gradient!, squares }, workgroups: PARTS },
    {
      shader: clipShader,
      constants: { ...constants, LIMIT: Math.min(limit, LARGEST), TOGETHER: together },
      bindings: { segments, squares, gradient: gradient!, y: y! },
      workgroups: PARTS,
    },
  ];
};
