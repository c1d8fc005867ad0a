// The trace form: a step written down as a list of operations over numbered values. What is not in the list
// (learning rates, counters, batches) lives in tensors it refers to, so replaying never needs a new list.
import type { Spec } from '../backend/backend.ts';
import type { KernelAttrs, KernelName } from '../backend/kernels.ts';
import { BackendError } from '../errors.ts';
import { Tensor } from '../tensor/tensor.ts';
import type { OpDefinition } from './op.ts';
import type { Variable } from './variable.ts';

/** The index of a value in Program.values. */
export type ValueId = number;

export interface Step<K extends KernelName = KernelName> {
  readonly op: OpDefinition<K>;
  readonly inputs: readonly ValueId[];
  readonly outputs: readonly ValueId[];
  readonly attrs: KernelAttrs[K];
}

export interface Program {
  readonly values: readonly Spec[];
  readonly steps: readonly Step[];
  /** The arguments, given anew at each run. */
  readonly inputs: readonly ValueId[];
  readonly outputs: readonly ValueId[];
  /** Tensors from outside that the steps read or update in place: weights, data sets, counters. */
  readonly externals: ReadonlyMap<ValueId, Tensor>;
  /** Those of them that nobody else has. */
  readonly owned: readonly Tensor[];
}

/** A step among others. */
export function anyStep<K extends KernelName>(step: Step<K>): Step {
  return step as unknown as Step;
}

/** The step as one of that operation, if it is one. */
export function asStep<K extends KernelName>(step: Step, op: OpDefinition<K>): Step<K> | null {
  return step.op.name === op.name ? (step as unknown as Step<K>) : null;
}

/** Writes operations down instead of running them. */
export class ProgramRecorder {
  private readonly values: Spec[] = [];
  private readonly steps: Step[] = [];
  private readonly ids = new Map<Tensor, ValueId>();
  private readonly externals = new Map<ValueId, Tensor>();
  private readonly shared: Variable | null;
  private runs: Variable | null = null;

  /** With `shared`, runs of several programs are counted together, in a counter that somebody else has. */
  constructor(shared: Variable | null = null) {
    this.shared = shared;
  }

  /** How often the program has run, as a tensor: what draws new numbers at each run reads it. Made by the first who asks. */
  countRuns(make: () => Variable): Variable {
    this.runs ??= this.shared ?? make();
    return this.runs;
  }

  /** The counter, if anybody asked for it: the program must move it on, and owns it unless it is shared. */
  get runCounter(): Variable | null {
    return this.runs;
  }

  /** A new argument of the program: a tensor without values. */
  input(spec: Spec): Tensor {
    const tensor = new Tensor(spec.shape, spec.dtype, null);
    this.number(tensor);
    return tensor;
  }

  record<K extends KernelName>(
    op: OpDefinition<K>,
    inputs: readonly Tensor[],
    attrs: KernelAttrs[K],
    specs: readonly Spec[],
  ): Tensor[] {
    const inputIds = inputs.map((tensor) => this.idOf(tensor, op.name));
    const outputs = specs.map((spec) => new Tensor(spec.shape, spec.dtype, null));
    const outputIds = outputs.map((tensor) => this.number(tensor));
    this.steps.push(anyStep({ op, inputs: inputIds, outputs: outputIds, attrs }));
    return outputs;
  }

  finish(inputs: readonly Tensor[], outputs: readonly Tensor[]): Program {
    return {
      values: this.values,
      steps: this.steps,
      inputs: inputs.map((tensor) => this.idOf(tensor, 'inputs')),
      outputs: outputs.map((tensor) => this.idOf(tensor, 'outputs')),
      externals: this.externals,
      owned: this.runs && !this.shared ? [this.runs] : [],
    };
  }

  private number(tensor: Tensor): ValueId {
    const id = this.values.length;
    this.values.push({ shape: tensor.shape, dtype: tensor.dtype });
    this.ids.set(tensor, id);
    return id;
  }

  private idOf(tensor: Tensor, use: string): ValueId {
    const known = this.ids.get(tensor);
    if (known !== undefined) return known;
    if (tensor.isVirtual) {
      throw new BackendError(`${use}: ${tensor.toString()} belongs to another trace and has no values here`);
    }
    const id = this.number(tensor);
    this.externals.set(id, tensor);
    return id;
  }
}
