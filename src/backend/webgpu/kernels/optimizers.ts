import { wgsl } from '../../../platform/wgsl.ts';
import { groupsFor, type WebgpuKernels } from '../webgpuKernel.ts';
import { ofFirst, ofSecond, type UpdateKernel, update, vectorsIn } from './adam.ts';
import { clipNorm } from './clipNorm.ts';
import { requireOneBinding } from './elementwise.ts';

const amsgradShader = { name: 'amsgrad', text: wgsl('amsgrad') };
const sgdShader = { name: 'sgd', text: wgsl('sgd') };
const rmspropShader = { name: 'rmsprop', text: wgsl('rmsprop') };
const adagradShader = { name: 'adagrad', text: wgsl('adagrad') };
const adamaxShader = { name: 'adamax', text: wgsl('adamax') };
const nadamShader = { name: 'nadam', text: wgsl('nadam') };
const nadamProductShader = { name: 'nadam_product', text: wgsl('nadam_product') };
const accumulateGradientShader = { name: 'accumulate_gradient', text: wgsl('accumulate_gradient') };
const movingAverageShader = { name: 'moving_average', text: wgsl('moving_average') };

type OptimizerKernel = Exclude<UpdateKernel, 'adam'> | 'accumulateGradient' | 'clipNorm' | 'movingAverage';

export const optimizerKernels: WebgpuKernels<OptimizerKernel> = {
  amsgrad: (call, device) =>
    update(call, device, amsgradShader, ['m', 'v', 'top'], { ...ofFirst(call.attrs), ...ofSecond(call.attrs) }),

  sgd: (call, device) => {
    const { momentum, nesterov } = call.attrs;
    return update(call, device, sgdShader, ['velocity'], { MOMENTUM: momentum, NESTEROV: nesterov });
  },

  rmsprop: (call, device) => {
    const { rho, momentum, epsilon, centered } = call.attrs;
    return update(call, device, rmspropShader, ['square', 'speed', 'mean'], {
      ...{ RHO: rho, ONE_MINUS_RHO: 1 - rho, MOMENTUM: momentum, EPSILON: epsilon, CENTERED: centered },
    });
  },

  adagrad: (call, device) => update(call, device, adagradShader, ['total'], { EPSILON: call.attrs.epsilon }),

  adamax: (call, device) =>
    update(call, device, adamaxShader, ['m', 'top'], { ...ofFirst(call.attrs), BETA2: call.attrs.beta2 }),

  nadam: (call, device) => {
    const { beta1, epsilon, every = 1 } = call.attrs;
    const [, , , product, , iteration] = call.inputs;
    return [
      ...update(call, device, nadamShader, ['m', 'v', 'product'], {
        ...{ BETA1: beta1, ONE_MINUS_BETA1: 1 - beta1, EPSILON: epsilon },
        ...ofSecond(call.attrs),
      }),
      {
        shader: nadamProductShader,
        constants: { BETA1: beta1, EVERY: every },
        bindings: { product: product!, iteration: iteration! },
        workgroups: 1,
      },
    ];
  },

  accumulateGradient({ inputs: [sum, gradient, iteration], attrs: { every } }, device) {
    requireOneBinding('accumulateGradient', [sum!], device);
    const VECTORS = vectorsIn(sum!);
    return [
      {
        shader: accumulateGradientShader,
        constants: { VECTORS, EVERY: every },
        bindings: { sum: sum!, gradient: gradient!, iteration: iteration! },
        workgroups: groupsFor(VECTORS),
      },
    ];
  },

  clipNorm,

  movingAverage({ inputs: [average, parameters, iteration], attrs: { momentum, every, overwrite } }, device) {
    requireOneBinding('movingAverage', [average!], device);
    const VECTORS = vectorsIn(average!);
    const period = overwrite > 0 ? { OVERWRITE: overwrite } : {};
    return [
      {
        shader: movingAverageShader,
        constants: { VECTORS, MOMENTUM: momentum, ONE_MINUS_MOMENTUM: 1 - momentum, EVERY: every, ...period },
        bindings: { average: average!, parameters: parameters!, iteration: iteration! },
        workgroups: groupsFor(VECTORS),
      },
    ];
  },
};
