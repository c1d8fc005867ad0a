import type { Family } from '../text.ts';

const inPlace = 'not differentiable: it overwrites its target and has no result';

const updated = (slots: string) => `w, ${slots} (in place), g [n], iteration int32 [1], lr [1] → nothing`;

const shared =
  't = (iteration + 1) / every, from 1: only the last of `every` calls is an update. ' +
  'The first `decayed` weights decay before it: w −= w · decay · lr';

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
    accumulateGradient: {
      formula: 'sum += gradient, and sum = 0 where (iteration + 1) mod every = 0',
      shapes: 'sum (in place), gradient [n], iteration int32 [1] → nothing',
      gradient: inPlace,
    },
    clipNorm: {
      formula: 'y = g · min(1, limit / ‖g‖)      for each part, or with the norm of all together',
      shapes: 'g [n] → y [n]; part i from offsets[i] on, sizes[i] elements of it count',
      gradient: 'not differentiable: it stands where differentiation has ended',
      special: 'an infinite norm leaves 0 of what is finite, NaN of what is not; NaN in a part makes all of it NaN',
    },
    movingAverage: {
      formula:
        'average = w where k = 0, else momentum · average + (1 − momentum) · w,  k = ⌊iteration / every⌋\n' +
        'w = average where k + 1 is a multiple of overwrite',
      shapes: 'average, w (in place) [n], iteration int32 [1] → nothing',
      gradient: inPlace,
    },
    adam: {
      formula: `m += (g − m) (1 − β₁)\nv += (g² − v) (1 − β₂)\nw −= lr · √(1 − β₂ᵗ) / (1 − β₁ᵗ) · m / (√v + ε)`,
      shapes: updated('m, v'),
      gradient: inPlace,
      special: `ε stands outside the bias correction, as in Keras. ${shared}`,
    },
    amsgrad: {
      formula:
        'm += (g − m) (1 − β₁)\n' +
        'v += (g² − v) (1 − β₂)\n' +
        'top = max(top, v)\n' +
        'w −= lr · √(1 − β₂ᵗ) / (1 − β₁ᵗ) · m / (√top + ε)',
      shapes: updated('m, v, top'),
      gradient: inPlace,
      special: shared,
    },
    sgd: {
      formula:
        'w −= lr · g\n' +
        'with momentum: velocity = momentum · velocity − lr · g\n' +
        'w += velocity, or with Nesterov w += momentum · velocity − lr · g',
      shapes: updated('velocity'),
      gradient: inPlace,
      special: shared,
    },
    rmsprop: {
      formula:
        'square = ρ · square + (1 − ρ) · g²\n' +
        'w −= lr · g / √(square + ε)\n' +
        'centered: mean = ρ · mean + (1 − ρ) · g, and square − mean² in the place of square\n' +
        'with momentum: speed = momentum · speed + lr · g / √…,  w −= speed',
      shapes: updated('square, speed, mean'),
      gradient: inPlace,
      special: `ε stands inside the root, as in Keras. ${shared}`,
    },
    adagrad: {
      formula: 'total += g²\nw −= lr · g / √(total + ε)',
      shapes: updated('total'),
      gradient: inPlace,
      special: shared,
    },
    adamax: {
      formula: 'm += (g − m) (1 − β₁)\ntop = max(β₂ · top, |g|)\nw −= lr · m / ((1 − β₁ᵗ) (top + ε))',
      shapes: updated('m, top'),
      gradient: inPlace,
      special: shared,
    },
    nadam: {
      formula:
        'm += (g − m) (1 − β₁)\n' +
        'v += (g² − v) (1 − β₂)\n' +
        'product ·= μ(t),  μ(t) = β₁ (1 − ½ · 0.96ᵗ)\n' +
        'ahead = μ(t + 1) · m / (1 − product · μ(t + 1)) + (1 − μ(t)) · g / (1 − product)\n' +
        'w −= lr · ahead / (√(v / (1 − β₂ᵗ)) + ε)',
      shapes: updated('m, v, product [1]'),
      gradient: inPlace,
      special: shared,
    },
  },
};
