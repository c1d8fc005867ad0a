// What every optimizer does: in Keras' order it unscales, accumulates and clips gradients, lets weights decay, updates them by
// its own rule, averages them and counts. All that changes from step to step lies in tensors, so a step can be recorded.
import { gradients, requireScalar } from '../autograd/backward.ts';
import type { DType, Shape, TypedArray } from '../backend/backend.ts';
import type { UpdateAttrs } from '../backend/kernels.ts';
import { allocateTensor } from '../engine/execute.ts';
import { keep, scope } from '../engine/scope.ts';
import { ensureStarted } from '../engine/start.ts';
import { increment, type Variable } from '../engine/variable.ts';
import { ValueError } from '../errors.ts';
import { clip } from '../ops/activations.ts';
import { clone } from '../ops/create.ts';
import { add, div, mul } from '../ops/elementwise.ts';
import { accumulateGradient, clipNorm, movingAverage, type UpdateOperands } from '../ops/updates.ts';
import type { Config, Schedule } from '../schedules/schedule.ts';
import { finiteNumber, requireFunction, requireTensors } from '../tensor/options.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { type GradientPair, requirePairs, requireRate, requireValues, requireVariables } from './checks.ts';
import { configOf } from './config.ts';
import { type ExclusionOptions, Exclusions } from './exclusions.ts';
import { FlatLayout } from './flatLayout.ts';
import { type FirstNumber, filled, makeNumbers, type Numbers } from './numbers.ts';
import { type CommonSettings, requireOneClip } from './options.ts';
import { type Slot, Slots } from './slots.ts';

/** What makes an optimizer this one and no other. */
export interface Rule {
  /** In the order of the kernel, and of Keras' files: one variable after another inside a group, group after group. */
  readonly slots: readonly (readonly Slot[])[];
  /** Numbers that it keeps once, behind the slots. */
  readonly numbers?: readonly FirstNumber[];
  /** One update of all variables in place. */
  update(operands: UpdateOperands, shared: UpdateAttrs): void;
}

/** A part of an optimizer's state, as it is saved. */
export interface OptimizerVariable {
  readonly name: string;
  readonly shape: Shape;
  readonly dtype: DType;
  /** The state itself: it changes with every update. */
  readonly value: Variable;
}

const average: Slot = { name: 'average', start: 'the variable' };
const accumulator: Slot = { name: 'gradient_accumulator' };

/** What it has for the variables that it updates now. */
interface Built {
  readonly layout: FlatLayout;
  readonly parameters: Tensor;
  /** Each slot of all variables, and something to bind in the place of those that are not used. */
  readonly flats: ReadonlyMap<Slot, Tensor>;
}

/** Made by `optimizers.Adam()` and its like. Works with and without a model, eagerly and inside a recorded step. */
export class Optimizer {
  /** The name of its class in Keras. */
  readonly className: string;
  readonly name: string;
  private readonly settings: CommonSettings;
  private readonly rule: Rule;
  private readonly slots = new Slots();
  private excluded = new Exclusions('', {});
  /** Null where a schedule says it, and while only the device knows it. */
  private rate: number | null;
  private numbers: Numbers | null = null;
  private built: Built | null = null;

  constructor(className: string, settings: CommonSettings, rule: Rule) {
    requireOneClip(className, settings);
    this.className = className;
    this.name = settings.name;
    this.settings = settings;
    this.rule = rule;
    this.rate = this.schedule ? null : finiteNumber(className, 'learningRate', settings.learningRate);
  }

  /** The function that gives the learning rate, if it is one. */
  get schedule(): Schedule | null {
    const { learningRate } = this.settings;
    return typeof learningRate === 'function' ? learningRate : null;
  }

  /** A ValueError where a schedule says it: `currentLearningRate()` knows then. */
  get learningRate(): number {
    if (this.rate !== null) return this.rate;
    const why = this.schedule ? 'follows a schedule' : 'was set from a tensor';
    throw new ValueError(`${this.className}: learningRate ${why}; use await optimizer.currentLearningRate()`);
  }

  /** Takes effect at the next step, recorded or not. */
  set learningRate(value: number) {
    if (this.schedule) throw new ValueError(`${this.className}: learningRate follows a schedule and cannot be set`);
    this.rate = finiteNumber(this.className, 'learningRate', value, 0);
    this.numbers?.rate?.assign(filled(value));
  }

  /** The learning rate of the next step. */
  async currentLearningRate(): Promise<number> {
    const { schedule } = this;
    if (!schedule) {
      this.rate ??= (await this.numbers?.rate?.item()) ?? null;
      return this.learningRate;
    }
    await ensureStarted();
    const rate = scope(() => requireRate(this.className, schedule(this.numbers?.iterations ?? 0)));
    const value = await rate.item();
    rate.dispose();
    return value;
  }

  /** Calls of `apply` so far. */
  async currentIterations(): Promise<number> {
    return (await this.numbers?.iterations.item()) ?? 0;
  }

  /** Values that the optimizer keeps beside the variables, as Keras counts them; 0 before it is built. */
  get stateSize(): number {
    return this.variables.reduce((total, { value }) => total + value.size, 0);
  }

  /**
   * Its state in the order of Keras' files: iteration, learning_rate (if it is a number), then the slots of every variable.
   * Empty before it is built.
   */
  get variables(): OptimizerVariable[] {
    if (!this.numbers || !this.built) return [];
    const { iterations, rate, own } = this.numbers;
    const slots = this.groups.flatMap((group) =>
      this.built!.layout.variables.flatMap((variable) => group.map((slot) => this.slots.of(variable, slot)!)),
    );
    return [iterations, ...(rate ? [rate] : []), ...slots, ...own].map((value) => {
      const { name, shape, dtype } = value;
      return { name, shape, dtype, value };
    });
  }

  /** Copies of the values of `variables`. */
  getWeights(): Tensor[] {
    return this.state('getWeights').map((variable) => clone(variable));
  }

  /** Overwrites the values of `variables`, in their order. Training goes on as if it had come to them by itself. */
  setWeights(values: readonly (Tensor | TypedArray)[]): void {
    const state = this.state('setWeights');
    const { rate } = this.numbers!;
    const given = rate && values[state.indexOf(rate)];
    scope(() => {
      // all are checked before the first is overwritten
      const tensors = requireValues(this.className, state, values);
      const known = ArrayBuffer.isView(given) ? finiteNumber(this.className, 'learning_rate', given[0], 0) : null;
      tensors.forEach((value, i) => {
        state[i]!.assign(value);
      });
      this.rate = known;
    });
  }

  /** What Keras' `from_config` takes, with names in snake_case. */
  getConfig(): Config {
    return configOf(this.className, { ...this.settings, learningRate: this.schedule ?? this.learningRate });
  }

  /** Keeps weight decay from these variables, and from those whose name holds one of the words. A second call replaces the first. */
  excludeFromWeightDecay(options: ExclusionOptions): void {
    const who = `${this.className}.excludeFromWeightDecay`;
    if (this.built) throw new ValueError(`${who}: comes too late, the optimizer is built`);
    this.excluded = new Exclusions(who, options);
  }

  /**
   * Lays out the variables and makes their slots. Those that were here before keep their slots, others start new ones; what is
   * counted goes on. Another optimizer of the same variables may have taken them away since: then they are fetched back.
   */
  build(variables: readonly Variable[]): void {
    requireVariables(this.className, variables);
    const before = this.built;
    const known = new Set(before?.layout.variables);
    const home = before?.parameters.locate().storage;
    const isHere = (variable: Variable) => known.has(variable) && variable.locate().storage === home;
    if (known.size === variables.length && variables.every(isHere)) return;
    const { dtype } = variables[0]!;
    const layout = new FlatLayout(variables, (variable) => !this.excluded.has(variable));
    const flats = new Map<Slot, Tensor>();
    for (const slot of [...this.groups.flat(), ...this.rule.slots.flat()]) {
      if (flats.has(slot)) continue;
      // In the place of one that is not used a shader binds a vector.
      const isUsed = slot.used ?? true;
      flats.set(slot, isUsed ? this.slots.gather(slot, layout) : keep(allocateTensor({ shape: [4], dtype })));
    }
    this.built = { layout, parameters: layout.move(), flats };
    this.numbers ??= makeNumbers(this.schedule ? null : this.learningRate, this.rule.numbers ?? []);
    for (const tensor of before ? [before.parameters, ...before.flats.values()] : []) tensor.dispose();
  }

  /** Updates the variables by their gradients. */
  apply(pairs: readonly GradientPair[]): void {
    const found = requirePairs(this.className, pairs);
    this.build([...found.keys()]);
    const { layout, parameters, flats } = this.built!;
    const { iterations, rate, own } = this.numbers!;
    const { useEma, emaMomentum: momentum, emaOverwriteFrequency: overwrite } = this.settings;
    scope(() => {
      const gradient = this.prepared(layout.pack((variable) => found.get(variable)!));
      const slots = [...this.rule.slots.flat().map((slot) => flats.get(slot)!), ...own];
      const learningRate = rate ?? requireRate(this.className, this.schedule!(iterations));
      this.rule.update({ parameters, slots, gradient, iteration: iterations, learningRate }, this.shared());
      const attrs = { momentum, every: this.every, overwrite: overwrite ?? 0 };
      if (useEma) movingAverage(flats.get(average)!, parameters, iterations, attrs);
      increment(iterations);
    });
  }

  /** One update by the gradients of what the function gives, which is returned: the loss from before the update. */
  minimize(loss: () => Tensor, variables: readonly Variable[]): Tensor {
    const who = `${this.className}.minimize`;
    requireFunction(who, loss);
    requireVariables(who, variables);
    return scope(() => {
      const value = loss();
      requireTensors(who, { 'the loss': value });
      requireScalar(who, value);
      const found = gradients(this.scaleLoss(value), variables);
      const pairs = variables.flatMap((variable, i): GradientPair[] => (found[i] ? [[found[i], variable]] : []));
      if (pairs.length === 0) throw new ValueError(`${who}: the loss depends on none of the variables`);
      this.apply(pairs);
      return value;
    });
  }

  /** The loss whose gradients `apply` expects: times lossScaleFactor. */
  scaleLoss(loss: Tensor): Tensor {
    const { lossScaleFactor } = this.settings;
    return lossScaleFactor ? mul(loss, lossScaleFactor) : loss;
  }

  /** With useEma the variables become their averages: the end of training. */
  finalizeVariableValues(): void {
    if (!this.settings.useEma) return;
    for (const variable of this.built?.layout.variables ?? []) variable.assign(this.slots.of(variable, average)!);
  }

  /** Slots in use, in the order of Keras' files. */
  private get groups(): readonly (readonly Slot[])[] {
    const { useEma, gradientAccumulationSteps } = this.settings;
    const own = this.rule.slots.map((group) => group.filter(({ used = true }) => used));
    return [useEma ? [average] : [], gradientAccumulationSteps ? [accumulator] : [], ...own];
  }

  private get every(): number {
    return this.settings.gradientAccumulationSteps ?? 1;
  }

  /** The gradient that the rule gets. What no option asks for costs nothing. */
  private prepared(scaled: Tensor): Tensor {
    const { lossScaleFactor, clipnorm, globalClipnorm, clipvalue } = this.settings;
    const { layout, flats } = this.built!;
    let gradient = lossScaleFactor ? div(scaled, lossScaleFactor) : scaled;
    if (this.every > 1) {
      const sum = flats.get(accumulator)!;
      const mean = div(add(gradient, sum), this.every);
      accumulateGradient(sum, gradient, this.numbers!.iterations, this.every);
      gradient = mean;
    }
    if (clipvalue) return clip(gradient, -clipvalue, clipvalue);
    const limit = clipnorm ?? globalClipnorm;
    return limit ? clipNorm(gradient, { limit, together: globalClipnorm !== null, ...layout.parts() }) : gradient;
  }

  private shared(): UpdateAttrs {
    const { weightDecay: decay } = this.settings;
    const decayed = this.built!.layout.firstEnd;
    return { ...(this.every > 1 && { every: this.every }), ...(decay && decayed > 0 && { decay, decayed }) };
  }

  private state(who: string): readonly Variable[] {
    if (!this.built) throw new ValueError(`${this.className}: ${who} needs build(variables), or a first step, before`);
    return this.variables.map(({ value }) => value);
  }
}
