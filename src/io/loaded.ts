import type { Model } from '../models/model.ts';
import type { PlainArray } from './arrays.ts';
import type { Assignment } from './weights.ts';

/** What the file of a model says, whatever its format. */
export interface LoadedModel {
  /** `{ class_name, config }` in the words of either Keras. */
  readonly config: unknown;
  /** Of which version these words are. */
  readonly keras: 2 | 3;
  /** What `compile` was told, or null. */
  readonly compile: Readonly<Record<string, unknown>> | null;
  /** What the weights of the model become, once it is made. */
  weights(model: Model): Assignment[];
  /** The state of the optimizer, in the order of Keras. */
  readonly optimizer: readonly PlainArray[];
}
