// Rewrites a program before it is planned: groups of steps become others that do the same in fewer dispatches or on fewer
// bytes. What can be rewritten is registered from outside (ops/fused/): this file knows no operation by name.
import type { Spec } from '../backend/backend.ts';
import type { KernelAttrs, KernelName } from '../backend/kernels.ts';
import { constantValue } from '../engine/make.ts';
import type { OpDefinition } from '../engine/op.ts';
import { anyStep, asStep, type Program, type Step, type ValueId } from '../engine/program.ts';
import { sameShape } from '../tensor/shape.ts';
import { prune } from './prune.ts';

export interface Rewrite {
  readonly name: string;
  /** The values that stand for those of `step` from now on, made by `graph.add`; null when this is not the place for it. */
  apply(step: Step, graph: Graph): readonly ValueId[] | null;
}

const rewrites: Rewrite[] = [];

export function defineRewrite(rewrite: Rewrite): Rewrite {
  rewrites.push(rewrite);
  return rewrite;
}

/** The program with every rewrite applied until none finds a place any more. */
export function fuse(program: Program, known: readonly Rewrite[] = rewrites): Program {
  let current = prune(program);
  for (;;) {
    const graph = new Graph(current);
    if (!graph.rewrite(known)) return current;
    current = prune(graph.finish());
  }
}

/** A program being rewritten, as a rewrite sees it. */
export class Graph {
  private readonly program: Program;
  private readonly values: Spec[];
  private readonly steps: Step[] = [];
  private readonly producers = new Map<ValueId, { readonly step: Step; readonly at: number }>();
  private readonly uses = new Map<ValueId, number>();
  private readonly instead = new Map<ValueId, ValueId>();

  constructor(program: Program) {
    this.program = program;
    this.values = [...program.values];
    for (const id of [...program.steps.flatMap(({ inputs }) => inputs), ...program.outputs])
      this.uses.set(id, (this.uses.get(id) ?? 0) + 1);
  }

  /** Goes through all steps once; true when any was rewritten. */
  rewrite(known: readonly Rewrite[]): boolean {
    let changed = false;
    for (const old of this.program.steps) {
      const step = { ...old, inputs: old.inputs.map((id) => this.instead.get(id) ?? id) };
      const found = first(known, ({ apply }) => apply(step, this));
      if (found) {
        changed = true;
        step.outputs.forEach((id, i) => {
          this.instead.set(id, found[i]!);
        });
      } else this.push(step);
    }
    return changed;
  }

  finish(): Program {
    const outputs = this.program.outputs.map((id) => this.instead.get(id) ?? id);
    return { ...this.program, values: this.values, steps: this.steps, outputs };
  }

  spec(id: ValueId): Spec {
    return this.values[id]!;
  }

  /**
   * The step that made a value, if it is one of that operation and could as well run now: nothing that it reads has been
   * overwritten since.
   */
  madeBy<K extends KernelName>(id: ValueId, op: OpDefinition<K>): Step<K> | null {
    const made = this.producers.get(id);
    const step = made && asStep(made.step, op);
    if (!step) return null;
    const read = new Set(step.inputs.map((id) => this.memoryOf(id)));
    const since = this.steps.slice(made.at + 1);
    const overwritten = since.some(({ op, inputs }) => op.mutates?.some((i) => read.has(this.memoryOf(inputs[i]!))));
    return overwritten ? null : step;
  }

  /** Equal for values that one update in place may change both of: other shapes of a value, variables side by side. */
  private memoryOf(id: ValueId): unknown {
    const root = this.unshaped(id);
    return this.program.externals.get(root)?.locate().storage ?? root;
  }

  /** The step of that operation on these inputs, if it was made and could as well run now. */
  madeFrom<K extends KernelName>(op: OpDefinition<K>, inputs: readonly ValueId[]): Step<K> | null {
    const same = ({ inputs: own }: Step) =>
      own.length === inputs.length && own.every((id, i) => this.isSame(id, inputs[i]!));
    const made = this.steps.find((step) => step.op.name === op.name && same(step));
    return made ? this.madeBy(made.outputs[0]!, op) : null;
  }

  /** The step of that operation that reads the value as its input `i`, if it was made and could as well run now. */
  readBy<K extends KernelName>(id: ValueId, op: OpDefinition<K>, i: number): Step<K> | null {
    const made = this.steps.find((step) => step.op.name === op.name && step.inputs[i] === id);
    return made ? this.madeBy(made.outputs[0]!, op) : null;
  }

  /** The value before it was given other shapes. */
  unshaped(id: ValueId): ValueId {
    const made = this.producers.get(id)?.step;
    return made?.op.alias ? this.unshaped(made.inputs[0]!) : id;
  }

  /** The number that is the value of a scalar from outside, or undefined. */
  constant(id: ValueId): number | undefined {
    const tensor = this.program.externals.get(id);
    return tensor && constantValue(tensor);
  }

  /** What is still to come reads `by` in the place of `id`. */
  substitute(id: ValueId, by: ValueId): void {
    this.instead.set(id, by);
  }

  /** Gives a step that was made other attributes: for results that nobody has read yet. */
  change<K extends KernelName>(step: Step<K>, attrs: KernelAttrs[K]): void {
    const at = this.steps.findIndex(({ outputs }) => outputs[0] === step.outputs[0]);
    const changed = anyStep({ ...step, attrs });
    this.steps[at] = changed;
    for (const id of step.outputs) this.producers.set(id, { step: changed, at });
  }

  /** Whether both are the same value under the same shape. */
  private isSame(id: ValueId, other: ValueId): boolean {
    return id === other || (this.unshaped(id) === this.unshaped(other) && this.isAlike(id, other));
  }

  /** Whether the one can stand for the other. */
  isAlike(id: ValueId, other: ValueId): boolean {
    const [a, b] = [this.spec(id), this.spec(other)];
    return a.dtype === b.dtype && sameShape(a.shape, b.shape);
  }

  /** Whether nothing else reads the value, under whatever shape. */
  isUsedOnce(id: ValueId): boolean {
    if (this.uses.get(id) !== 1) return false;
    const made = this.producers.get(id)?.step;
    return !made?.op.alias || this.isUsedOnce(made.inputs[0]!);
  }

  /** Whether a step that was made already reads the value: what is substituted for it comes too late for that one. */
  isRead(id: ValueId): boolean {
    return this.steps.some(({ inputs }) => inputs.includes(id));
  }

  /** One more step, before those that are still to come. */
  add<K extends KernelName>(op: OpDefinition<K>, inputs: readonly ValueId[], attrs: KernelAttrs[K]): ValueId[] {
    const outputs = op
      .infer(
        inputs.map((id) => this.spec(id)),
        attrs,
      )
      .map((spec) => this.values.push(spec) - 1);
    this.push(anyStep({ op, inputs, outputs, attrs }));
    return outputs;
  }

  private push(step: Step): void {
    for (const id of step.outputs) this.producers.set(id, { step, at: this.steps.length });
    this.steps.push(step);
  }
}

function first<T, R>(list: readonly T[], find: (item: T) => R | null): R | null {
  for (const item of list) {
    const found = find(item);
    if (found !== null) return found;
  }
  return null;
}
