import type { Family } from '../text.ts';

const inPlace = 'not differentiable: it overwrites its target and has no result';

export const updates: Family = {
  title: 'Updates',
  ops: {
    assign: { formula: 'target = value', shapes: 'target (in place), value [the same] → nothing', gradient: inPlace },
    assignAdd: {
      formula: 'target += value',
      shapes: 'target (in place), value [the same] → nothing',
      gradient: inPlace,
    },
    increment: {
      formula: 'target += by',
      shapes: 'target int32 [1] (in place) → nothing',
      gradient: inPlace,
    },
    pack: {
      formula: 'y[offset of x + i] = x[i]      for each x',
      shapes: 'x₀, x₁, … [any] → y [size]',
      gradient: 'not differentiable: it lays gradients out for an optimizer, where differentiation has ended',
      special:
        'the gaps between the parts may hold anything. In a recorded step the parts are written in place at once',
    },
    adam: {
      formula:
        'm += (g − m) (1 − β₁)\n' +
        'v += (g² − v) (1 − β₂)\n' +
        'w −= lr · √(1 − β₂ᵗ) / (1 − β₁ᵗ) · m / (√v + ε),  t = iteration + 1',
      shapes: 'w, m, v (in place), g [n], iteration int32 [1], lr [1] → nothing',
      gradient: inPlace,
      special: 'ε stands outside the bias correction, as in Keras',
    },
    sgd: {
      formula:
        'velocity = momentum · velocity − lr · g\n' +
        'w += velocity, or with Nesterov w += momentum · velocity − lr · g',
      shapes: 'w, velocity (in place), g [n], lr [1] → nothing',
      gradient: inPlace,
    },
  },
};
