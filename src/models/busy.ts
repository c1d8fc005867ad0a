// Who works with a model's weights now, and for whom an optimizer works. JavaScript interleaves what waits, and two that overwrite
// the same weights undo each other.
import { ValueError } from '../errors.ts';
import { ModelInput } from '../layers/inputLayer.ts';
import type { Layer } from '../layers/layer.ts';
import type { Optimizer } from '../optimizers/optimizer.ts';
import type { Model } from './model.ts';
import { Network } from './network.ts';

const occupied = new WeakMap<Layer, string>();

/** Runs `work` on a model that nobody else works with, nor with a layer of it. A ValueError says who does. */
export async function alone<T>(who: string, model: Layer, work: () => Promise<T>): Promise<T> {
  const parts = partsOf(model);
  const busy = parts.find((part) => occupied.has(part));
  if (busy) throw new ValueError(`${who}: ${busy.name} is busy with ${occupied.get(busy)}; wait for it to end`);
  for (const part of parts) occupied.set(part, who);
  try {
    return await work();
  } finally {
    for (const part of parts) occupied.delete(part);
  }
}

/** The model and its layers, but for inputs, which have nothing to overwrite. */
function partsOf(layer: Layer): Layer[] {
  const inner = layer instanceof Network ? layer.layers.flatMap(partsOf) : [];
  return layer instanceof ModelInput ? [] : [layer, ...inner];
}

const trainedBy = new WeakMap<Optimizer, Model>();

/**
 * Refuses the optimizer of another model: it counts its updates once, and a second model would begin with the first one's count. Models
 * that share weights may share it, as parts of one.
 */
export function requireOwnOptimizer(who: string, model: Model): void {
  const { optimizer } = model;
  const first = trainedBy.get(optimizer) ?? model;
  const weights = new Set(first.weights);
  if (first !== model && !model.weights.some((weight) => weights.has(weight)))
    throw new ValueError(
      `${who}: the ${optimizer.className} of ${model.name} trains ${first.name} already; give each model an optimizer of its own`,
    );
  trainedBy.set(optimizer, first);
}
