// The optimizers in plain float64, straight from the table of Keras' semantics, one number after another.

/** What all have in common; names as in the public options. */
export interface Common {
  readonly learningRate: number | ((step: number) => number);
  readonly weightDecay?: number;
  readonly clipnorm?: number;
  readonly globalClipnorm?: number;
  readonly clipvalue?: number;
  readonly emaMomentum?: number;
  readonly emaOverwriteFrequency?: number;
  readonly gradientAccumulationSteps?: number;
  /** Which variables do not decay. */
  readonly excluded?: readonly number[];
}

/** How far one weight moves. `slot` is its own memory, 0 at first; t counts updates from 1. */
type Rule = (slot: Record<string, number>, g: number, t: number, lr: number) => number;

const get = (slot: Record<string, number>, name: string, first = 0) => slot[name] ?? first;

export const rules = {
  sgd:
    ({ momentum = 0, nesterov = false }): Rule =>
    (slot, g, _, lr) => {
      if (momentum === 0) return -lr * g;
      slot.m = momentum * get(slot, 'm') - lr * g;
      return nesterov ? momentum * slot.m - lr * g : slot.m;
    },

  adam:
    ({ beta1 = 0.9, beta2 = 0.999, epsilon = 1e-7, amsgrad = false }): Rule =>
    (slot, g, t, lr) => {
      slot.m = get(slot, 'm') + (g - get(slot, 'm')) * (1 - beta1);
      slot.v = get(slot, 'v') + (g * g - get(slot, 'v')) * (1 - beta2);
      slot.top = Math.max(get(slot, 'top'), slot.v);
      const alpha = (lr * Math.sqrt(1 - beta2 ** t)) / (1 - beta1 ** t);
      return (-alpha * slot.m) / (Math.sqrt(amsgrad ? slot.top : slot.v) + epsilon);
    },

  rmsprop:
    ({ rho = 0.9, momentum = 0, epsilon = 1e-7, centered = false }): Rule =>
    (slot, g, _, lr) => {
      slot.v = rho * get(slot, 'v') + (1 - rho) * g * g;
      slot.a = rho * get(slot, 'a') + (1 - rho) * g;
      const d = centered ? slot.v - slot.a ** 2 + epsilon : slot.v + epsilon;
      const delta = (lr * g) / Math.sqrt(d);
      slot.b = momentum * get(slot, 'b') + delta;
      return momentum > 0 ? -slot.b : -delta;
    },

  adagrad:
    ({ initialAccumulatorValue = 0.1, epsilon = 1e-7 }): Rule =>
    (slot, g, _, lr) => {
      slot.a = get(slot, 'a', initialAccumulatorValue) + g * g;
      return (-lr * g) / Math.sqrt(slot.a + epsilon);
    },

  adamax:
    ({ beta1 = 0.9, beta2 = 0.999, epsilon = 1e-7 }): Rule =>
    (slot, g, t, lr) => {
      slot.m = get(slot, 'm') + (g - get(slot, 'm')) * (1 - beta1);
      slot.u = Math.max(beta2 * get(slot, 'u'), Math.abs(g));
      return (-lr * slot.m) / ((1 - beta1 ** t) * (slot.u + epsilon));
    },

  nadam:
    ({ beta1 = 0.9, beta2 = 0.999, epsilon = 1e-7 }): Rule =>
    (slot, g, t, lr) => {
      const mu = (i: number) => beta1 * (1 - 0.5 * 0.96 ** i);
      const product = (last: number) =>
        Array.from({ length: last }, (_, i) => mu(i + 1)).reduce((all, one) => all * one, 1);
      slot.m = get(slot, 'm') + (g - get(slot, 'm')) * (1 - beta1);
      slot.v = get(slot, 'v') + (g * g - get(slot, 'v')) * (1 - beta2);
      const ahead = (mu(t + 1) * slot.m) / (1 - product(t + 1)) + ((1 - mu(t)) * g) / (1 - product(t));
      return (-lr * ahead) / (Math.sqrt(slot.v / (1 - beta2 ** t)) + epsilon);
    },
};

/** Some variables under an optimizer. */
export class Reference {
  /** The values of each variable. */
  readonly variables: number[][];
  averages: number[][] | null = null;
  private readonly rule: Rule;
  private readonly common: Common;
  private readonly slots: Record<string, number>[][];
  private sums: number[][];
  private calls = 0;

  constructor(rule: Rule, common: Common, variables: readonly (readonly number[])[]) {
    this.rule = rule;
    this.common = common;
    this.variables = variables.map((values) => [...values]);
    this.slots = variables.map((values) => values.map(() => ({})));
    this.sums = variables.map((values) => values.map(() => 0));
  }

  apply(gradients: readonly (readonly number[])[]): void {
    const { gradientAccumulationSteps: steps = 1 } = this.common;
    const total = gradients.map((list, v) => list.map((g, i) => g + this.sums[v]![i]!));
    const isUpdate = (this.calls + 1) % steps === 0;
    if (isUpdate) this.update(total.map((list) => list.map((g) => g / steps)));
    this.sums = isUpdate ? total.map((list) => list.map(() => 0)) : total;
    this.average(Math.floor(this.calls / steps));
    this.calls++;
  }

  private update(mean: number[][]): void {
    const { learningRate, weightDecay = 0, excluded = [], gradientAccumulationSteps: steps = 1 } = this.common;
    const clipped = this.clip(mean);
    const lr = typeof learningRate === 'number' ? learningRate : learningRate(this.calls);
    const t = (this.calls + 1) / steps;
    this.variables.forEach((values, v) => {
      values.forEach((w, i) => {
        const decayed = excluded.includes(v) ? w : w - w * weightDecay * lr;
        values[i] = decayed + this.rule(this.slots[v]![i]!, clipped[v]![i]!, t, lr);
      });
    });
  }

  private clip(gradients: number[][]): number[][] {
    const { clipnorm: c, globalClipnorm: all, clipvalue: most } = this.common;
    const norm = (list: readonly number[]) => Math.sqrt(list.reduce((sum, g) => sum + g * g, 0));
    if (c !== undefined) return gradients.map((list) => list.map((g) => (g * c) / Math.max(norm(list), c)));
    if (all !== undefined)
      return gradients.map((list) => list.map((g) => g * Math.min(1, all / norm(gradients.flat()))));
    if (most !== undefined) return gradients.map((list) => list.map((g) => Math.min(Math.max(g, -most), most)));
    return gradients;
  }

  /** `done`: updates before this call. */
  private average(done: number): void {
    const { emaMomentum, emaOverwriteFrequency: frequency } = this.common;
    if (emaMomentum === undefined) return;
    const before = done === 0 ? null : this.averages;
    this.averages = this.variables.map((values, v) =>
      values.map((w, i) => (before ? emaMomentum * before[v]![i]! + (1 - emaMomentum) * w : w)),
    );
    if (frequency === undefined || (done + 1) % frequency !== 0) return;
    this.averages.forEach((values, v) => {
      values.forEach((value, i) => {
        this.variables[v]![i] = value;
      });
    });
  }
}
