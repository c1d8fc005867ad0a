import { ValueError } from '../errors.ts';
import { adamUpdate, sgdUpdate } from '../ops/updates.ts';
import { entryNamed } from '../tensor/names.ts';
import { finiteNumber, refuseUnknown, truth } from '../tensor/options.ts';
import { Optimizer, type UpdateState } from './optimizer.ts';

export interface SgdOptions {
  readonly learningRate?: number;
  readonly momentum?: number;
  readonly nesterov?: boolean;
}

class SgdOptimizer extends Optimizer {
  protected readonly slotCount = 1;
  private readonly attrs: { momentum: number; nesterov: boolean };

  constructor(options: SgdOptions) {
    refuseUnknown('SGD', options, ['learningRate', 'momentum', 'nesterov']);
    super('SGD', options.learningRate ?? 0.01);
    this.attrs = {
      momentum: finiteNumber('SGD', 'momentum', options.momentum ?? 0, 0, 1),
      nesterov: truth('SGD', 'nesterov', options.nesterov ?? false),
    };
  }

  /** The kernel wants somewhere to put the velocity even where nothing reads it. */
  protected override get countedSlots(): number {
    return this.attrs.momentum > 0 ? 1 : 0;
  }

  protected update({ flat, slots: [velocity], gradient, rate }: UpdateState): void {
    sgdUpdate({ parameters: flat.values, velocity: velocity!, gradient, learningRate: rate }, this.attrs);
  }
}

export interface AdamOptions {
  readonly learningRate?: number;
  readonly beta1?: number;
  readonly beta2?: number;
  readonly epsilon?: number;
}

class AdamOptimizer extends Optimizer {
  protected readonly slotCount = 2;
  private readonly attrs: { beta1: number; beta2: number; epsilon: number };

  constructor(options: AdamOptions) {
    refuseUnknown('Adam', options, ['learningRate', 'beta1', 'beta2', 'epsilon']);
    super('Adam', options.learningRate ?? 0.001);
    this.attrs = {
      beta1: finiteNumber('Adam', 'beta1', options.beta1 ?? 0.9, 0, 1),
      beta2: finiteNumber('Adam', 'beta2', options.beta2 ?? 0.999, 0, 1),
      epsilon: finiteNumber('Adam', 'epsilon', options.epsilon ?? 1e-7, 0),
    };
  }

  protected update({ flat, slots: [m, v], gradient, iterations, rate }: UpdateState): void {
    adamUpdate(
      { parameters: flat.values, m: m!, v: v!, gradient, iteration: iterations, learningRate: rate },
      this.attrs,
    );
  }
}

/** Stochastic gradient descent, with momentum and Nesterov's look-ahead if wanted. */
export function SGD(options: SgdOptions = {}): Optimizer {
  return new SgdOptimizer(options);
}

/** Adam (Kingma and Ba 2015) in Keras' form. */
export function Adam(options: AdamOptions = {}): Optimizer {
  return new AdamOptimizer(options);
}

const byName: Readonly<Record<string, () => Optimizer>> = { sgd: SGD, adam: Adam };

/** An optimizer by its Keras name (any case), or as it is. */
export function resolveOptimizer(given: unknown): Optimizer {
  if (given instanceof Optimizer) return given;
  const make = typeof given === 'string' ? entryNamed(byName, given.toLowerCase()) : null;
  if (make) return make();
  throw new ValueError(
    `unknown optimizer ${JSON.stringify(given)}; there are ${Object.keys(byName).join(', ')}, or an optimizer object`,
  );
}
