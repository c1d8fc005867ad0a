import { makeTensor } from '../engine/make.ts';
import { onBackend } from '../engine/runtime.ts';
import { scope } from '../engine/scope.ts';
import { openOracle } from '../engine/start.ts';
import { ValueError } from '../errors.ts';
import { isFloat } from '../tensor/dtype.ts';
import { refuseUnknown, requireFunction, requireTensorList, requireTensors } from '../tensor/options.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { requireScalar } from './backward.ts';
import { valueAndGrad } from './grad.ts';

export interface GradcheckOptions {
  /** Step of the central difference, times max(1, |x|). */
  readonly step?: number;
  /** The largest error allowed, relative to max(1, |gradient|). */
  readonly tolerance?: number;
}

/**
 * Compares the gradient of `f` with central differences, element by element, in float64 on the CPU whatever backend runs.
 * Resolves to the largest relative error found; rejects with a ValueError that names the element when it is above the
 * tolerance. `f` must return one number and use no tensor but its arguments and those it makes; integer arguments are
 * passed through.
 */
export async function gradcheck(
  f: (...inputs: Tensor[]) => Tensor,
  inputs: readonly Tensor[],
  options: GradcheckOptions = {},
): Promise<number> {
  requireFunction('gradcheck', f);
  requireTensorList('gradcheck', 'inputs', inputs);
  refuseUnknown('gradcheck', options, ['step', 'tolerance']);
  const { step = 1e-6, tolerance = 1e-7 } = options;
  const arrays = await Promise.all(inputs.map(async (x) => Array.from(await x.data())));
  const oracle = await openOracle();
  try {
    return onBackend(oracle, () => check(f, inputs, arrays, step, tolerance));
  } finally {
    await oracle.close();
  }
}

function check(
  f: (...inputs: Tensor[]) => Tensor,
  inputs: readonly Tensor[],
  arrays: readonly number[][],
  step: number,
  tolerance: number,
): number {
  const made = (values: readonly (readonly number[])[]) =>
    inputs.map((x, i) => makeTensor(values[i]!, x.shape, isFloat(x.dtype) ? 'float64' : x.dtype));
  const floats = inputs.flatMap((x, i) => (isFloat(x.dtype) ? [i] : []));
  const at = (values: readonly (readonly number[])[]) =>
    scope(() => {
      const y = f(...made(values));
      requireTensors('gradcheck', { 'the result': y });
      requireScalar('gradcheck', y);
      return y.dataSync()[0]!;
    });
  // Only float arguments are differentiated; the others are put back in their places.
  const whole = made(arrays);
  const ofFloats = (...parts: Tensor[]) =>
    f(...whole.map((x, i) => (floats.includes(i) ? parts[floats.indexOf(i)]! : x)));
  const [, found] = valueAndGrad(ofFloats)(...floats.map((i) => whole[i]!));
  const analytic = Array.isArray(found) ? found : [found];
  let worst = 0;
  floats.forEach((input, position) => {
    const gradient = analytic[position]!.dataSync();
    arrays[input]!.forEach((x, element) => {
      const h = step * Math.max(1, Math.abs(x));
      const moved = (by: number) => arrays.map((array, i) => (i === input ? array.with(element, x + by) : array));
      const numeric = (at(moved(h)) - at(moved(-h))) / (2 * h);
      const error = Math.abs(numeric - gradient[element]!) / Math.max(1, Math.abs(numeric));
      if (!(error <= tolerance)) {
        throw new ValueError(
          `gradcheck: argument ${input}, element ${element}: the gradient says ${gradient[element]}, differences say ${numeric} (error ${error}, allowed ${tolerance})`,
        );
      }
      worst = Math.max(worst, error);
    });
  });
  return worst;
}
