import { wgsl } from '../../../platform/wgsl.ts';
import type { View } from '../../backend.ts';
import { type DeviceFacts, type Dispatch, groupsFor, type WebgpuKernels } from '../webgpuKernel.ts';
import { requireOneBinding } from './elementwise.ts';
import { uniform } from './params.ts';

const softmaxShader = { name: 'softmax', text: wgsl('softmax') };
const crossEntropyShader = { name: 'softmax_cross_entropy', text: wgsl('softmax_cross_entropy') };

export const softmaxKernels: WebgpuKernels<'softmax' | 'logSoftmax' | 'softmaxCrossEntropy'> = {
  softmax: ({ inputs: [x], outputs: [y] }, device) => rowwise(x!, y!, false, device),
  logSoftmax: ({ inputs: [x], outputs: [y] }, device) => rowwise(x!, y!, true, device),

  softmaxCrossEntropy({ inputs: [logits, labels], outputs: [loss, slope] }, device) {
    requireOneBinding('softmaxCrossEntropy', [logits!], device);
    const [rows, classes] = logits!.shape as [number, number];
    return [
      {
        shader: crossEntropyShader,
        constants: {},
        bindings: { params: uniform(rows, classes), logits: logits!, labels: labels!, loss: loss!, slope: slope! },
        workgroups: groupsFor(rows),
      },
    ];
  },
};

function rowwise(x: View, y: View, LOGARITHM: boolean, device: DeviceFacts): Dispatch[] {
  requireOneBinding('softmax', [x], device);
  const [rows, classes] = x.shape as [number, number];
  return [
    {
      shader: softmaxShader,
      constants: { LOGARITHM },
      bindings: { params: uniform(rows, classes), x, y },
      workgroups: groupsFor(rows),
    },
  ];
}
