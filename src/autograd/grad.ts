import { applyOne } from '../engine/execute.ts';
import { opNamed } from '../engine/op.ts';
import { differentiating, isDifferentiating, withGradients } from '../engine/runtime.ts';
import { scope } from '../engine/scope.ts';
import { DTypeError, ValueError } from '../errors.ts';
import { isFloat } from '../tensor/dtype.ts';
import { kindOf, requireFunction, requireTensors } from '../tensor/options.ts';
import { Tensor } from '../tensor/tensor.ts';
import { gradients, requireScalar, sameValues } from './backward.ts';

/** One gradient for one argument, a list for several. */
export type GradientOf<A extends readonly Tensor[]> = A extends readonly [Tensor] ? Tensor : Tensor[];

/**
 * [f(...), gradients of f by each argument]. `f` must return one number; arguments must be float tensors.
 * An argument that f does not depend on gets zeros. Nests: the gradient can itself be differentiated.
 */
export function valueAndGrad<A extends readonly Tensor[]>(
  f: (...args: A) => Tensor,
): (...args: A) => [value: Tensor, gradient: GradientOf<A>] {
  requireFunction('grad', f);
  return (...args) =>
    scope(() => {
      if (args.length === 0) throw new ValueError('grad: expected at least one argument, got none');
      // Inside another grad the backward pass is itself part of what is differentiated.
      const differentiable = isDifferentiating();
      const leaves = mapArguments(args, leafOf);
      const value = evaluate(f, leaves);
      const found = gradients(value, leaves, { differentiable }).map(
        (gradient, i) => gradient ?? zerosLike(leaves[i]!),
      );
      // Outside, what the value was made from is gone with this scope: it is a number and no part of a longer chain.
      return [differentiable ? value : stopGradient(value), oneOrMany<A>(found)];
    });
}

/** The gradient of a function that returns one number: see valueAndGrad. */
export function grad<A extends readonly Tensor[]>(f: (...args: A) => Tensor): (...args: A) => GradientOf<A> {
  const both = valueAndGrad(f);
  return (...args) => scope(() => both(...args)[1]);
}

/** x as a constant: no gradient flows through. */
export function stopGradient(x: Tensor): Tensor {
  requireTensors('stopGradient', { x });
  return withGradients(false, () => sameValues(x));
}

function evaluate<A extends readonly Tensor[]>(f: (...args: A) => Tensor, leaves: A): Tensor {
  const value = differentiating(() => f(...leaves));
  if (!(value instanceof Tensor)) throw new ValueError(`grad: the function must return a tensor, got ${kindOf(value)}`);
  requireScalar('grad', value);
  return value;
}

/** The same values as a tensor of its own, so that the gradient is taken here and not by whatever else uses x. */
function leafOf(x: Tensor, i: number): Tensor {
  if (!(x instanceof Tensor)) throw new ValueError(`grad: argument ${i} must be a tensor, got ${kindOf(x)}`);
  if (!isFloat(x.dtype)) throw new DTypeError(`grad: argument ${i} must be a float tensor, got ${x.dtype}`);
  const leaf = sameValues(x);
  leaf.requiresGrad = true;
  return leaf;
}

function zerosLike(x: Tensor): Tensor {
  return applyOne(opNamed('fill'), [], { value: 0, shape: x.shape, dtype: x.dtype });
}

// A tuple mapped element by element keeps its length, which the type checker cannot see.
function mapArguments<A extends readonly Tensor[]>(args: A, f: (x: Tensor, i: number) => Tensor): A {
  return args.map(f) as unknown as A;
}

function oneOrMany<A extends readonly Tensor[]>(found: Tensor[]): GradientOf<A> {
  return (found.length === 1 ? found[0]! : found) as GradientOf<A>;
}
