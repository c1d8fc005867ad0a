// Random numbers from a stream that has a seed of its own, drawn on and on.
import type { Shape } from '../backend/backend.ts';
import { applyOne } from '../engine/execute.ts';
import { defineOp } from '../engine/op.ts';
import { floatDType } from '../engine/runtime.ts';
import { keyOf } from '../engine/seed.ts';
import { increment, makeVariable, type Variable } from '../engine/variable.ts';
import { type RandomKey, threefry } from '../tensor/random.ts';
import type { Tensor } from '../tensor/tensor.ts';

const randomUniformOp = defineOp({
  name: 'randomUniform',
  kernel: 'randomUniform',
  infer: (_, { shape }) => [{ shape, dtype: floatDType() }],
  gradient: () => [null],
});

/** Multiples of 2^-24 in [0, 1): those of a stream's draw, whose number lies in an int32 tensor. */
export function drawUniform(shape: Shape, key: RandomKey, draw: Tensor): Tensor {
  return applyOne(randomUniformOp, [draw], { key, shape });
}

/** The stream of a seed. */
export interface SeededStream {
  /** The next draw, uniform in [0, 1), the same on every backend. Inside a recorded step each run draws on. */
  draw(shape: Shape): Tensor;
  /** How far it has been drawn, whoever draws: a number on the backend, [1]. */
  position(): Variable;
}

export function seededStream(seed: number): SeededStream {
  // not the stream of an initializer with the same seed, or a layer would drop what its kernel began with
  const key = threefry(keyOf(seed), [0, 4]);
  let drawn: Variable | null = null;
  const position = () => {
    drawn ??= makeVariable(new Int32Array(1), [1], 'int32', { name: 'draws' });
    return drawn;
  };
  return {
    position,
    draw(shape) {
      const values = drawUniform(shape, key, position());
      increment(position());
      return values;
    },
  };
}
