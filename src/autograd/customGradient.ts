import { apply } from '../engine/execute.ts';
import type { OpDefinition } from '../engine/op.ts';
import { ShapeError, ValueError } from '../errors.ts';
import { kindOf, requireFunction, requireTensors } from '../tensor/options.ts';
import { formatShape, sameShape } from '../tensor/shape.ts';
import { Tensor } from '../tensor/tensor.ts';
import { stopGradient } from './grad.ts';

/** What the function gives: its value, and the gradient of the loss by each argument, given that by the value. */
export type WithGradient = readonly [value: Tensor, gradient: (dy: Tensor) => Tensor | readonly Tensor[]];

/**
 * A function with a gradient of your own, as keras.ops.custom_gradient: `f` returns [value, gradient], and `gradient` turns
 * dy into the gradient by the argument (a list when there are several). It may use what `f` computed; made of
 * differentiable operations it can be differentiated again.
 */
export function customGradient<A extends readonly Tensor[]>(f: (...args: A) => WithGradient): (...args: A) => Tensor {
  requireFunction('customGradient', f);
  return (...args) => {
    args.forEach((x, i) => {
      requireTensors('customGradient', { [`argument ${i}`]: x });
    });
    const returned: unknown = f(...args);
    if (!isWithGradient(returned))
      throw new ValueError(`customGradient: the function must return [value, gradient], got ${kindOf(returned)}`);
    const [value, gradient] = returned;
    // The value as a constant first: how it was computed is not how it is differentiated.
    return apply(ruledBy(gradient), [stopGradient(value), ...args], { shape: value.shape })[0]!;
  };
}

function isWithGradient(returned: unknown): returned is WithGradient {
  return Array.isArray(returned) && returned[0] instanceof Tensor && typeof returned[1] === 'function';
}

/** An operation that hands on its first input, and whose gradient by the others is `gradient`. */
function ruledBy(gradient: WithGradient[1]): OpDefinition<'copy'> {
  return {
    name: 'customGradient',
    kernel: 'copy',
    alias: true,
    infer: ([value]) => [value!],
    gradient: ({ inputs: [, ...args], dy: [dy] }) => {
      const found = gradient(dy);
      const list = found instanceof Tensor ? [found] : found;
      checkGradients(args, list);
      return [null, ...list];
    },
  };
}

function checkGradients(args: readonly Tensor[], found: unknown): asserts found is readonly Tensor[] {
  if (!Array.isArray(found) || found.length !== args.length)
    throw new ValueError(
      `customGradient: expected a gradient for each of ${args.length} arguments, got ${kindOf(found)}`,
    );
  args.forEach((x, i) => {
    const one: unknown = found[i];
    if (!(one instanceof Tensor))
      throw new ValueError(`customGradient: the gradient by argument ${i} must be a tensor, got ${kindOf(one)}`);
    if (!sameShape(one.shape, x.shape))
      throw new ShapeError(
        `customGradient: the gradient by argument ${i} has shape ${formatShape(one.shape)}, the argument ${formatShape(x.shape)}`,
      );
  });
}
