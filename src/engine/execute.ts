import type { Spec, View } from '../backend/backend.ts';
import { STORAGE_ALIGNMENT } from '../backend/backend.ts';
import type { KernelAttrs, KernelName } from '../backend/kernels.ts';
import { BackendError } from '../errors.ts';
import { bytesOf, isFloat } from '../tensor/dtype.ts';
import { SharedStorage } from '../tensor/memory.ts';
import { sizeOf } from '../tensor/shape.ts';
import { Tensor } from '../tensor/tensor.ts';
import type { OpDefinition, TapeNode } from './op.ts';
import { currentBackend, currentRecorder, recordsGradients } from './runtime.ts';
import { enterScope } from './scope.ts';
import { touch } from './versions.ts';

/**
 * The one way an operation happens: infer its results, then run it now or write it into the trace,
 * then remember it for the gradient.
 */
export function apply<K extends KernelName>(
  op: OpDefinition<K>,
  inputs: readonly Tensor[],
  attrs: KernelAttrs[K],
): Tensor[] {
  const specs = op.infer(inputs, attrs);
  const recorder = currentRecorder();
  const outputs = recorder ? recorder.record(op, inputs, attrs, specs) : runNow(op, inputs, attrs, specs);
  remember(op, inputs, attrs, outputs, recorder !== null);
  for (const output of outputs) enterScope(output);
  return outputs;
}

/** The same for operations with one result. */
export function applyOne<K extends KernelName>(
  op: OpDefinition<K>,
  inputs: readonly Tensor[],
  attrs: KernelAttrs[K],
): Tensor {
  return apply(op, inputs, attrs)[0]!;
}

/** A tensor with storage but unknown contents. */
export function allocateTensor(spec: Spec): Tensor {
  const backend = currentBackend();
  return new Tensor(spec.shape, spec.dtype, new SharedStorage(backend, backend.allocate(storageBytes(spec))));
}

/** Bytes that a tensor takes, padding included. */
export function storageBytes(spec: Spec): number {
  const bytes = sizeOf(spec.shape) * bytesOf(spec.dtype);
  return Math.max(1, Math.ceil(bytes / STORAGE_ALIGNMENT)) * STORAGE_ALIGNMENT;
}

/** The tape node that made `tensor`, if it is still known. */
export function producerOf(tensor: Tensor): TapeNode | null {
  return tensor.producer as TapeNode | null;
}

function runNow<K extends KernelName>(
  op: OpDefinition<K>,
  inputs: readonly Tensor[],
  attrs: KernelAttrs[K],
  specs: readonly Spec[],
): Tensor[] {
  const views = inputs.map((tensor) => viewHere(op.name, tensor));
  if (op.alias) return specs.map((spec) => alias(inputs[0]!, spec));
  const outputs = specs.map(allocateTensor);
  const empty = outputs.length > 0 && outputs.every((output) => output.size === 0);
  if (!empty) {
    currentBackend().run({
      kernel: op.kernel,
      inputs: views,
      outputs: outputs.map((output) => output.locate()),
      attrs,
    });
  }
  for (const i of op.mutates ?? []) touch(views[i]!.storage);
  return outputs;
}

function viewHere(op: string, tensor: Tensor): View {
  const view = tensor.locate();
  if (tensor.share().memory.backend !== currentBackend()) {
    throw new BackendError(`${op}: ${tensor.toString()} lives on a backend that is not in use any more`);
  }
  return view;
}

/** The storage of `source` under another shape of the same size. */
export function alias(source: Tensor, spec: Spec): Tensor {
  const { memory, byteOffset } = source.share();
  return new Tensor(spec.shape, spec.dtype, memory.retain(), byteOffset);
}

function remember<K extends KernelName>(
  op: OpDefinition<K>,
  inputs: readonly Tensor[],
  attrs: KernelAttrs[K],
  outputs: readonly Tensor[],
  traced: boolean,
): void {
  // An operation without a gradient is remembered too: asking for one through a float is an error, not a silent 0.
  const wanted = recordsGradients() && inputs.some((input) => input.requiresGrad);
  // A traced value holds no storage, so it always knows its origin: losses look behind a softmax for the logits.
  if (!wanted && !traced) return;
  const node: TapeNode<K> = { op, inputs, outputs, attrs };
  for (const output of outputs) {
    output.requiresGrad = wanted && isFloat(output.dtype);
    if (output.requiresGrad || traced) output.producer = node;
  }
}
