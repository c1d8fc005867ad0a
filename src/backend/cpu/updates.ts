import type { CpuKernels } from './cpuKernel.ts';

export const updateKernels: CpuKernels<'assign' | 'assignAdd' | 'increment'> = {
  assign({ inputs: [target, value] }) {
    target!.data.set(value!.data);
  },

  assignAdd({ inputs: [target, value] }) {
    for (let i = 0; i < target!.data.length; i++) target!.data[i]! += value!.data[i]!;
  },

  increment({ inputs: [target], attrs: { by } }) {
    target!.data[0]! += by;
  },
};
