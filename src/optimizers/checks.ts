// What an optimizer is handed, before anything of it is used.
import type { TypedArray } from '../backend/backend.ts';
import { floatDType } from '../engine/runtime.ts';
import { Variable } from '../engine/variable.ts';
import { DTypeError, ShapeError, ValueError } from '../errors.ts';
import { tensor } from '../ops/create.ts';
import { cast } from '../ops/elementwise.ts';
import { reshape } from '../ops/shape.ts';
import { isFloat } from '../tensor/dtype.ts';
import { kindOf, requireTensors } from '../tensor/options.ts';
import { formatShape, sameShape } from '../tensor/shape.ts';
import { Tensor } from '../tensor/tensor.ts';

/** A gradient and the variable it belongs to. */
export type GradientPair = readonly [gradient: Tensor, variable: Variable];

/** Variables that one flat tensor can hold. */
export function requireVariables(who: string, variables: readonly Variable[]): void {
  if (!Array.isArray(variables)) throw new ValueError(`${who}: expected a list of variables, got ${kindOf(variables)}`);
  if (variables.length === 0) throw new ValueError(`${who}: there is no trainable variable to update`);
  variables.forEach((variable: unknown, i) => {
    if (!(variable instanceof Variable))
      throw new ValueError(`${who}: variables[${i}] must be a variable, got ${kindOf(variable)}`);
    requireTensors(who, { [variable.name]: variable });
    if (!isFloat(variable.dtype) || variable.dtype !== variables[0]!.dtype)
      throw new DTypeError(
        `${who}: variables must be floats of one dtype, ${variable.name} is ${variable.dtype} and ${variables[0]!.name} ${variables[0]!.dtype}`,
      );
  });
  const twice = variables.find((variable, i) => variables.indexOf(variable) < i);
  if (twice) throw new ValueError(`${who}: ${twice.name} is given twice; add its gradients up`);
}

/** The gradient of each variable. */
export function requirePairs(who: string, pairs: readonly GradientPair[]): ReadonlyMap<Variable, Tensor> {
  if (!Array.isArray(pairs) || pairs.some((pair) => !Array.isArray(pair) || pair.length !== 2))
    throw new ValueError(`${who}: apply takes a list of [gradient, variable]`);
  requireVariables(
    who,
    pairs.map(([, variable]) => variable),
  );
  for (const [gradient, variable] of pairs as readonly GradientPair[]) {
    requireTensors(who, { [`the gradient of ${variable.name}`]: gradient });
    if (!sameShape(gradient.shape, variable.shape)) {
      throw new ShapeError(
        `${who}: the gradient of ${variable.name} has shape ${formatShape(gradient.shape)}, the variable ${formatShape(variable.shape)}`,
      );
    }
    if (gradient.dtype !== variable.dtype)
      throw new DTypeError(
        `${who}: the gradient of ${variable.name} is ${gradient.dtype}, the variable ${variable.dtype}`,
      );
  }
  return new Map(pairs.map(([gradient, variable]) => [variable, gradient]));
}

/** One tensor for each variable, of its shape and dtype; a typed array gives its elements in their order. */
export function requireValues(
  who: string,
  variables: readonly Variable[],
  values: readonly (Tensor | TypedArray)[],
): Tensor[] {
  if (!Array.isArray(values) || values.length !== variables.length) {
    const got = Array.isArray(values) ? `${values.length}` : kindOf(values);
    throw new ShapeError(`${who}: setWeights takes ${variables.length} values, got ${got}`);
  }
  return variables.map(({ name, shape, dtype, size }, i) => {
    const value: unknown = values[i];
    if (!(value instanceof Tensor) && !ArrayBuffer.isView(value))
      throw new ValueError(`${who}: ${name} needs a tensor or a typed array, got ${kindOf(value)}`);
    const given = value instanceof Tensor ? value : tensor(value as TypedArray);
    // An array has no shape, and one number may come as [1].
    const fits = value instanceof Tensor && size !== 1 ? sameShape(given.shape, shape) : given.size === size;
    if (!fits) throw new ShapeError(`${who}: ${name} has shape ${formatShape(shape)}, got ${formatShape(given.shape)}`);
    return cast(reshape(given, shape), dtype);
  });
}

/** What a schedule gave, as one float. */
export function requireRate(who: string, rate: unknown): Tensor {
  if (!(rate instanceof Tensor))
    throw new ValueError(
      `${who}: a learning rate function must give a tensor made of operations on the step, since a recorded step never calls it again; got ${kindOf(rate)}`,
    );
  if (rate.size !== 1)
    throw new ShapeError(`${who}: a learning rate is one number, got shape ${formatShape(rate.shape)}`);
  return cast(rate, floatDType());
}
