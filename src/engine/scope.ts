import { ValueError } from '../errors.ts';
import { requireFunction } from '../tensor/options.ts';
import { Tensor } from '../tensor/tensor.ts';
import { isDifferentiating } from './runtime.ts';

const scopes: Set<Tensor>[] = [];

/** Every tensor that an operation makes passes here, so that the innermost scope knows it. */
export function enterScope(tensor: Tensor): void {
  scopes.at(-1)?.add(tensor);
}

/**
 * Runs `body` and disposes of every tensor made inside but those it returns (also inside lists and objects).
 * Deterministic where the garbage collector is not; nothing is wrong without it. `body` must not be asynchronous.
 */
export function scope<R>(body: () => R): R {
  requireFunction('scope', body);
  // The tape of the function around needs what is made here; it is freed with that function's own scope.
  if (isDifferentiating()) return body();
  const made = new Set<Tensor>();
  scopes.push(made);
  let kept = new Set<Tensor>();
  try {
    const result = body();
    if (result instanceof Promise)
      throw new ValueError(
        'scope: the function must not be asynchronous: its tensors would be disposed before it ends',
      );
    kept = tensorsIn(result);
    return result;
  } finally {
    scopes.pop();
    for (const tensor of made) {
      if (kept.has(tensor)) enterScope(tensor);
      else tensor.dispose();
    }
  }
}

/** Takes a tensor out of every scope: it lives until it is disposed of or lost. */
export function keep<T extends Tensor>(tensor: T): T {
  for (const made of scopes) made.delete(tensor);
  return tensor;
}

function tensorsIn(value: unknown, found = new Set<Tensor>()): Set<Tensor> {
  if (value instanceof Tensor) found.add(value);
  else if (value instanceof Map) for (const item of value.values()) tensorsIn(item, found);
  else if (Array.isArray(value)) for (const item of value) tensorsIn(item, found);
  else if (value !== null && typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype) {
    for (const item of Object.values(value)) tensorsIn(item, found);
  }
  return found;
}
