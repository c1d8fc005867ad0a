import type { CpuKernels } from './cpuKernel.ts';

export const updateKernels: CpuKernels<'assign' | 'assignAdd' | 'increment' | 'adam' | 'sgd'> = {
  assign({ inputs: [target, value] }) {
    target!.data.set(value!.data);
  },

  assignAdd({ inputs: [target, value] }) {
    for (let i = 0; i < target!.data.length; i++) target!.data[i]! += value!.data[i]!;
  },

  increment({ inputs: [target], attrs: { by } }) {
    target!.data[0]! += by;
  },

  adam({ inputs: [parameters, m, v, gradient, iteration, learningRate], attrs: { beta1, beta2, epsilon } }) {
    const t = iteration!.data[0]! + 1;
    const step = (learningRate!.data[0]! * Math.sqrt(1 - beta2 ** t)) / (1 - beta1 ** t);
    // A square that float32 cannot hold is infinite here too.
    const round = v!.dtype === 'float32' ? Math.fround : Number;
    for (let i = 0; i < parameters!.data.length; i++) {
      const g = gradient!.data[i]!;
      m!.data[i]! += (g - m!.data[i]!) * (1 - beta1);
      v!.data[i]! += (round(g * g) - v!.data[i]!) * (1 - beta2);
      parameters!.data[i]! -= (step * m!.data[i]!) / (Math.sqrt(v!.data[i]!) + epsilon);
    }
  },

  sgd({ inputs: [parameters, velocity, gradient, learningRate], attrs: { momentum, nesterov } }) {
    const rate = learningRate!.data[0]!;
    for (let i = 0; i < parameters!.data.length; i++) {
      const step = -rate * gradient!.data[i]!;
      const speed = momentum * velocity!.data[i]! + step;
      velocity!.data[i] = speed;
      parameters!.data[i]! += nesterov ? momentum * speed + step : speed;
    }
  },
};
