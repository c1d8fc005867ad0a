import type { Backend } from '../../backend/backend.ts';
import { currentBackend } from '../../engine/runtime.ts';
import { increment, makeVariable, type Variable } from '../../engine/variable.ts';
import { drawUniform } from '../../ops/randomStream.ts';
import type { RandomKey } from '../../tensor/random.ts';
import type { Tensor } from '../../tensor/tensor.ts';

/**
 * A stream of uniform numbers that knows which draw is the next. Its position lies in a tensor, so that a recorded step draws on each
 * time it runs.
 */
export class DrawStream {
  private readonly key: RandomKey;
  private readonly positions = new WeakMap<Backend, Variable>();

  constructor(key: RandomKey) {
    this.key = key;
  }

  /** Draw number `number` is the next one. */
  seek(number: number): void {
    this.position().assign(Int32Array.of(number));
  }

  /** The next draw: numbers in [0, 1), multiples of 2^-24, the same on every backend. */
  draw(rows: number, columns: number): Tensor {
    const position = this.position();
    const drawn = drawUniform([rows, columns], this.key, position);
    increment(position);
    return drawn;
  }

  private position(): Variable {
    const backend = currentBackend();
    const known = this.positions.get(backend);
    if (known) return known;
    const made = makeVariable(new Int32Array(1), [1], 'int32', { name: 'draws' });
    this.positions.set(backend, made);
    return made;
  }
}
