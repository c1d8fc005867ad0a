// What an optimizer does to all its variables at once: the formulas of shaders/, element by element.
import type { MomentAttrs, UpdateAttrs } from '../kernels.ts';
import type { CpuArray, CpuKernels } from './cpuKernel.ts';

type OptimizerKernel =
  | 'adam'
  | 'amsgrad'
  | 'sgd'
  | 'rmsprop'
  | 'adagrad'
  | 'adamax'
  | 'nadam'
  | 'accumulateGradient'
  | 'clipNorm'
  | 'movingAverage';

export const optimizerKernels: CpuKernels<OptimizerKernel> = {
  adam({ inputs: [w, m, v, gradient, iteration, rate], attrs }) {
    adam(attrs, [w!, m!, v!, gradient!, iteration!, rate!]);
  },

  amsgrad({ inputs: [w, m, v, top, gradient, iteration, rate], attrs }) {
    adam(attrs, [w!, m!, v!, gradient!, iteration!, rate!], top);
  },

  sgd({ inputs: [w, velocity, gradient, iteration, rate], attrs }) {
    if (begin(attrs, w!, iteration!, rate!) === 0) return;
    const { momentum, nesterov } = attrs;
    for (let i = 0; i < w!.data.length; i++) {
      const step = -rate!.data[0]! * gradient!.data[i]!;
      if (momentum === 0) {
        w!.data[i]! += step;
        continue;
      }
      const speed = momentum * velocity!.data[i]! + step;
      velocity!.data[i] = speed;
      w!.data[i]! += nesterov ? momentum * speed + step : speed;
    }
  },

  rmsprop({ inputs: [w, square, speed, mean, gradient, iteration, rate], attrs }) {
    if (begin(attrs, w!, iteration!, rate!) === 0) return;
    const { rho, momentum, epsilon, centered } = attrs;
    const round = rounding(w!);
    for (let i = 0; i < w!.data.length; i++) {
      const g = gradient!.data[i]!;
      square!.data[i] = rho * square!.data[i]! + (1 - rho) * round(g * g);
      let spread = square!.data[i]!;
      if (centered) {
        mean!.data[i] = rho * mean!.data[i]! + (1 - rho) * g;
        // No variance is negative, but what rounding leaves of two equal numbers may be.
        spread = Math.max(0, spread - round(mean!.data[i]! ** 2));
      }
      let change = (rate!.data[0]! * g) / Math.sqrt(spread + epsilon);
      if (momentum > 0) {
        change += momentum * speed!.data[i]!;
        speed!.data[i] = change;
      }
      w!.data[i]! -= change;
    }
  },

  adagrad({ inputs: [w, total, gradient, iteration, rate], attrs }) {
    if (begin(attrs, w!, iteration!, rate!) === 0) return;
    for (let i = 0; i < w!.data.length; i++) {
      const g = gradient!.data[i]!;
      total!.data[i]! += g * g;
      w!.data[i]! -= (rate!.data[0]! * g) / Math.sqrt(total!.data[i]! + attrs.epsilon);
    }
  },

  adamax({ inputs: [w, m, top, gradient, iteration, rate], attrs }) {
    const t = begin(attrs, w!, iteration!, rate!);
    if (t === 0) return;
    const { beta1, beta2, epsilon } = attrs;
    const step = rate!.data[0]! / (1 - beta1 ** t);
    for (let i = 0; i < w!.data.length; i++) {
      const g = gradient!.data[i]!;
      m!.data[i]! += (g - m!.data[i]!) * (1 - beta1);
      top!.data[i] = Math.max(beta2 * top!.data[i]!, Math.abs(g));
      w!.data[i]! -= (step * m!.data[i]!) / (top!.data[i]! + epsilon);
    }
  },

  nadam({ inputs: [w, m, v, product, gradient, iteration, rate], attrs }) {
    const t = begin(attrs, w!, iteration!, rate!);
    if (t === 0) return;
    const { beta1, beta2, epsilon } = attrs;
    const mu = (step: number) => beta1 * (1 - 0.5 * 0.96 ** step);
    const soFar = product!.data[0]! * mu(t);
    const ofMean = mu(t + 1) / (1 - soFar * mu(t + 1));
    const ofGradient = (1 - mu(t)) / (1 - soFar);
    const round = rounding(w!);
    for (let i = 0; i < w!.data.length; i++) {
      const g = gradient!.data[i]!;
      m!.data[i]! += (g - m!.data[i]!) * (1 - beta1);
      v!.data[i]! += (round(g * g) - v!.data[i]!) * (1 - beta2);
      const ahead = ofMean * m!.data[i]! + ofGradient * g;
      w!.data[i]! -= (rate!.data[0]! * ahead) / (Math.sqrt(v!.data[i]! / (1 - beta2 ** t)) + epsilon);
    }
    product!.data[0] = soFar;
  },

  accumulateGradient({ inputs: [sum, gradient, iteration], attrs: { every } }) {
    const ends = (iteration!.data[0]! + 1) % every === 0;
    for (let i = 0; i < sum!.data.length; i++) sum!.data[i] = ends ? 0 : sum!.data[i]! + gradient!.data[i]!;
  },

  clipNorm({ inputs: [gradient], outputs: [y], attrs: { limit, together, offsets, sizes } }) {
    const round = rounding(gradient!);
    const squares = offsets.map((first, part) => {
      let sum = 0;
      for (let i = first; i < first + sizes[part]!; i++) sum += gradient!.data[i]! ** 2;
      return round(sum);
    });
    const whole = round(squares.reduce((sum, square) => sum + square, 0));
    offsets.forEach((first, part) => {
      const norm = Math.sqrt(together ? whole : squares[part]!);
      // NaN passes: it is not below the limit.
      const scale = norm <= limit ? 1 : limit / norm;
      const end = offsets[part + 1] ?? y!.data.length;
      for (let i = first; i < end; i++) y!.data[i] = gradient!.data[i]! * scale;
    });
  },

  movingAverage({ inputs: [average, w, iteration], attrs: { momentum, every, overwrite } }) {
    const k = Math.floor(iteration!.data[0]! / every);
    for (let i = 0; i < w!.data.length; i++) {
      average!.data[i] = k === 0 ? w!.data[i]! : momentum * average!.data[i]! + (1 - momentum) * w!.data[i]!;
    }
    if (overwrite > 0 && (k + 1) % overwrite === 0) w!.data.set(average!.data);
  },
};

/** The number of the update that this call is, from 1, or 0 when it is none. The weights have decayed then. */
function begin(
  { every = 1, decay = 0, decayed = 0 }: UpdateAttrs,
  w: CpuArray,
  iteration: CpuArray,
  rate: CpuArray,
): number {
  const calls = iteration.data[0]! + 1;
  if (calls % every !== 0) return 0;
  for (let i = 0; i < decayed; i++) w.data[i]! -= w.data[i]! * decay * rate.data[0]!;
  return calls / every;
}

/** A square that float32 cannot hold is infinite here too. */
const rounding = ({ dtype }: CpuArray) => (dtype === 'float32' ? Math.fround : Number);

type AdamOperands = readonly [
  w: CpuArray,
  m: CpuArray,
  v: CpuArray,
  gradient: CpuArray,
  iteration: CpuArray,
  rate: CpuArray,
];

function adam(
  attrs: UpdateAttrs & MomentAttrs,
  [w, m, v, gradient, iteration, rate]: AdamOperands,
  top?: CpuArray,
): void {
  const t = begin(attrs, w, iteration, rate);
  if (t === 0) return;
  const { beta1, beta2, epsilon } = attrs;
  const step = (rate.data[0]! * Math.sqrt(1 - beta2 ** t)) / (1 - beta1 ** t);
  const round = rounding(w);
  for (let i = 0; i < w.data.length; i++) {
    const g = gradient.data[i]!;
    m.data[i]! += (g - m.data[i]!) * (1 - beta1);
    v.data[i]! += (round(g * g) - v.data[i]!) * (1 - beta2);
    if (top) top.data[i] = Math.max(top.data[i]!, v.data[i]!);
    w.data[i]! -= (step * m.data[i]!) / (Math.sqrt((top ?? v).data[i]!) + epsilon);
  }
}
