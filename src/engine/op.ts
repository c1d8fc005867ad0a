import type { Spec } from '../backend/backend.ts';
import type { KernelAttrs, KernelName } from '../backend/kernels.ts';
import { bytesOf } from '../tensor/dtype.ts';
import { sizeOf } from '../tensor/shape.ts';
import type { Producer, Tensor } from '../tensor/tensor.ts';

/** What a gradient rule sees: the operation as it ran, and the gradient of the loss by each of its outputs. */
export interface GradientContext<K extends KernelName> {
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  /** Gradients by the outputs; null where an output does not matter. The first is never null. */
  readonly dy: readonly [Tensor, ...(Tensor | null)[]];
  readonly attrs: KernelAttrs[K];
  /** Which inputs a gradient is wanted for; the rule may return null for the others, and should not compute them. */
  readonly needs: readonly boolean[];
}

/** An operation, declared once. Everything else (eager, traced, differentiated, tested, listed) follows from this. */
export interface OpDefinition<K extends KernelName = KernelName> {
  readonly name: string;
  /** The kernel of the backends that computes it. */
  readonly kernel: K;
  /** The result is its first input under another shape: nothing runs, storage is shared. */
  readonly alias?: boolean;
  /** The result is made of its inputs side by side: offsets in elements. A plan may let them be written there from the start. */
  places?(attrs: KernelAttrs[K]): readonly number[];
  /** Inputs that are overwritten in place. Such an operation has no outputs and no gradient. */
  readonly mutates?: readonly number[];
  /** Output specs, or a typed error that names the operation, what came and what was expected. */
  infer(inputs: readonly Spec[], attrs: KernelAttrs[K]): Spec[];
  /** Gradients by the inputs, in terms of other operations; or why there is none. */
  readonly gradient: ((context: GradientContext<K>) => (Tensor | null)[]) | 'not differentiable';
  /** What a fused operation stands for, in terms of others. */
  decompose?(inputs: readonly Tensor[], attrs: KernelAttrs[K]): readonly Tensor[];
  /** Floating-point operations of one run (a multiply-add counts two). Default: none. */
  flops?(inputs: readonly Spec[], outputs: readonly Spec[], attrs: KernelAttrs[K]): number;
  /** Bytes that any implementation must move. Default: each input read and each output written once. */
  bytes?(inputs: readonly Spec[], outputs: readonly Spec[], attrs: KernelAttrs[K]): number;
}

export interface Cost {
  readonly flops: number;
  readonly bytes: number;
}

/** What one run of an operation costs at least: the two numbers of a roofline. */
export function costOf<K extends KernelName>(
  op: OpDefinition<K>,
  inputs: readonly Spec[],
  outputs: readonly Spec[],
  attrs: KernelAttrs[K],
): Cost {
  const flops = op.flops?.(inputs, outputs, attrs) ?? 0;
  if (op.alias) return { flops, bytes: 0 };
  const bytes =
    op.bytes?.(inputs, outputs, attrs) ?? [...inputs, ...outputs].reduce((sum, spec) => sum + elementBytes(spec), 0);
  return { flops, bytes };
}

/** Bytes of the elements of a tensor, without padding. */
export function elementBytes({ shape, dtype }: Spec): number {
  return sizeOf(shape) * bytesOf(dtype);
}

/** A node of the autograd tape: one operation that ran, and its operands. */
export interface TapeNode<K extends KernelName = KernelName> extends Producer {
  readonly op: OpDefinition<K>;
  readonly inputs: readonly Tensor[];
  readonly attrs: KernelAttrs[K];
}

const registry = new Map<string, OpDefinition>();

/** Declares an operation. Names are unique. */
export function defineOp<K extends KernelName>(definition: OpDefinition<K>): OpDefinition<K> {
  if (registry.has(definition.name)) throw new Error(`op ${definition.name} is declared twice`);
  // Rules are methods of one operation and only ever see that operation's attributes.
  registry.set(definition.name, definition as unknown as OpDefinition);
  return definition;
}

/** Every declared operation, in the order of declaration. */
export function allOps(): readonly OpDefinition[] {
  return [...registry.values()];
}

/** The operation of that name, known to be computed by that kernel. */
export function opOf<K extends KernelName>(name: string, kernel: K): OpDefinition<K> {
  const found = opNamed(name);
  if (found.kernel !== kernel) throw new Error(`op ${name} is computed by ${found.kernel}, not by ${kernel}`);
  // An operation of that kernel has its attributes.
  return found as unknown as OpDefinition<K>;
}

/** The operation of that name, for code that stands below it in the house. */
export function opNamed(name: string): OpDefinition {
  const found = registry.get(name);
  if (!found) throw new Error(`no op is called ${name}`);
  return found;
}
