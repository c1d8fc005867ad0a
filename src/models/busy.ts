// Who works with a model's weights now. JavaScript interleaves what waits, and two that overwrite the same weights undo each other.
import { ValueError } from '../errors.ts';

const occupied = new WeakMap<object, string>();

/** Runs `work` on a model that nobody else works with. A ValueError says who does. */
export async function alone<T>(who: string, model: { readonly name: string }, work: () => Promise<T>): Promise<T> {
  const other = occupied.get(model);
  if (other) throw new ValueError(`${who}: ${model.name} is busy with ${other}; wait for it to end`);
  occupied.set(model, who);
  try {
    return await work();
  } finally {
    occupied.delete(model);
  }
}
