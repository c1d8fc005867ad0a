import { wgsl } from '../../../platform/wgsl.ts';
import type { View } from '../../backend.ts';
import { groupsFor, type Resource, type WebgpuKernels } from '../webgpuKernel.ts';
import { requireOneBinding } from './elementwise.ts';
import { floatBits, uniform } from './params.ts';
import { columnSums, LONG, pairOfSums, stagesFor } from './reduce.ts';

const deviationsShader = { name: 'squared_deviations', text: wgsl('squared_deviations') };
const normShader = { name: 'batch_norm', text: wgsl('batch_norm') };
const sumsShader = { name: 'batch_norm_sums', text: wgsl('batch_norm_sums') };
const slopesShader = { name: 'batch_norm_slopes', text: wgsl('batch_norm_slopes') };
const gradShader = { name: 'batch_norm_grad', text: wgsl('batch_norm_grad') };

export const batchNormKernels: WebgpuKernels<'batchNormTraining' | 'batchNormTrainingGrad'> = {
  batchNormTraining({ inputs: [x, gamma, beta], outputs: [y, mean, variance], attrs: { epsilon } }, device) {
    requireOneBinding('batchNormTraining', [x!], device);
    const { rows, channels, width, constants } = layout(x!);
    const splits = stagesFor(width, rows)[0]!;
    const parts = scratch(0, splits * channels);
    const norm = { x: x!, gamma: gamma!, beta: beta!, mean: mean!, variance: variance!, y: y! };
    const size = rows * width;
    return [
      ...columnSums({ channels, scale: 1 / rows, length: rows, source: x!, target: mean! }),
      {
        shader: deviationsShader,
        constants,
        bindings: { params: uniform(rows, width, splits), x: x!, mean: mean!, y: parts },
        workgroups: groupsFor(splits * width),
      },
      ...columnSums({ channels, scale: 1 / rows, length: splits, source: parts, target: variance!, free: 1 }),
      {
        shader: normShader,
        constants,
        bindings: { params: uniform(size, width, floatBits(epsilon)), ...norm },
        workgroups: groupsFor(size),
      },
    ];
  },

  batchNormTrainingGrad(
    { inputs: [x, dy, gamma, mean, variance], outputs: [dx, dgamma, dbeta], attrs: { epsilon } },
    device,
  ) {
    requireOneBinding('batchNormTrainingGrad', [x!], device);
    const { rows, channels, width, constants } = layout(x!);
    const splits = stagesFor(2 * width, rows)[0]!;
    const parts = scratch(0, 2 * splits * channels);
    // what few threads would take long to add up
    const fewer = splits > LONG ? Math.ceil(splits / LONG) : splits;
    const sums: Resource = fewer < splits ? scratch(1, 2 * fewer * channels) : parts;
    const size = rows * width;
    const [eps, share] = [floatBits(epsilon), floatBits(1 / rows)];
    const statistics = { mean: mean!, variance: variance! };
    return [
      {
        shader: sumsShader,
        constants,
        bindings: { params: uniform(rows, width, splits), x: x!, dy: dy!, mean: mean!, y: parts },
        workgroups: groupsFor(splits * width),
      },
      ...(fewer < splits ? [pairOfSums(parts, sums, [splits, channels, fewer])] : []),
      {
        shader: slopesShader,
        constants,
        bindings: {
          params: uniform(fewer, width, eps),
          parts: sums,
          variance: variance!,
          dgamma: dgamma!,
          dbeta: dbeta!,
        },
        workgroups: groupsFor(width),
      },
      {
        shader: gradShader,
        constants,
        bindings: {
          params: uniform(size, width, eps, share),
          ...{ x: x!, dy: dy!, gamma: gamma!, ...statistics, dgamma: dgamma!, dbeta: dbeta!, dx: dx! },
        },
        workgroups: groupsFor(size),
      },
    ];
  },
};

function layout(x: View) {
  const [rows, channels] = x.shape as [number, number];
  const lanes = channels % 4 === 0 ? 4 : 1;
  return { rows, channels, width: channels / lanes, constants: { Element: lanes === 4 ? 'vec4f' : 'f32' } };
}

function scratch(index: number, size: number) {
  return { scratch: index, byteLength: 4 * size };
}
