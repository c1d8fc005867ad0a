// Reverse-mode differentiation: walk the tape from the results to what they were made from, each node once,
// adding up what arrives. As in micrograd, an operation's own gradient rule is all this needs to know.
import { applyOne, producerOf } from '../engine/execute.ts';
import { opNamed, type TapeNode } from '../engine/op.ts';
import { withGradients } from '../engine/runtime.ts';
import { keep, scope } from '../engine/scope.ts';
import { Variable } from '../engine/variable.ts';
import { BackendError, ShapeError, ValueError } from '../errors.ts';
import { isFloat } from '../tensor/dtype.ts';
import { requireTensors } from '../tensor/options.ts';
import { formatShape, sameShape } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';

/**
 * The gradients of the sum of `result` (weighted by `seed`, default ones) by each target; null where it does not depend
 * on one. `differentiable` keeps the tape going, for gradients of gradients.
 */
export function gradients(
  result: Tensor,
  targets: readonly Tensor[],
  options: { seed?: Tensor; differentiable?: boolean } = {},
): (Tensor | null)[] {
  if (!isFloat(result.dtype)) throw new ValueError(`gradient: the result must be a float tensor, got ${result.dtype}`);
  if (options.seed && !sameShape(options.seed.shape, result.shape)) {
    throw new ShapeError(
      `gradient: the seed has shape ${formatShape(options.seed.shape)}, the result ${formatShape(result.shape)}`,
    );
  }
  return withGradients(options.differentiable ?? false, () => {
    const arrived = new Map<Tensor, Tensor>([[result, options.seed ?? filled(result, 1)]]);
    const leads = leadsTo(result, new Set(targets));
    for (const node of inReverse(result, leads)) passBack(node, leads, arrived);
    return eachItsOwn(targets.map((target) => arrived.get(target) ?? null));
  });
}

/** Two targets may get the same values (a + b does that), but not the same tensor: one may be disposed of. */
function eachItsOwn(found: readonly (Tensor | null)[]): (Tensor | null)[] {
  return found.map((gradient, i) => (gradient && found.indexOf(gradient) < i ? sameValues(gradient) : gradient));
}

/**
 * Fills `.grad` of every trainable variable that the scalar `loss` was made from, and forgets the tape.
 * Gradients do not add up over calls: each call replaces `.grad` and disposes of the one before. They outlive scopes.
 */
export function backward(loss: Tensor): void {
  requireTensors('backward', { loss });
  requireScalar('backward', loss);
  const nodes = nodesBehind(loss);
  const variables = new Set<Variable>();
  for (const node of nodes) {
    for (const input of node.inputs) if (input instanceof Variable && input.requiresGrad) variables.add(input);
  }
  if (variables.size === 0) {
    throw new ValueError(
      'backward: the loss does not depend on any trainable variable, or its tape is gone: a second call needs a new loss',
    );
  }
  const targets = [...variables];
  scope(() => gradients(loss, targets)).forEach((gradient, i) => {
    const variable = targets[i]!;
    variable.grad?.dispose();
    variable.grad = gradient && keep(gradient);
  });
  for (const node of nodes) for (const output of node.outputs) output.producer = null;
}

export function requireScalar(what: string, result: Tensor): void {
  if (result.size !== 1) {
    throw new ShapeError(
      `${what}: the result must be one number, got shape ${formatShape(result.shape)}; reduce it with sum or mean`,
    );
  }
}

/** Nodes that want a gradient, inputs before outputs. Iterative: a long chain must not overflow the stack. */
function nodesBehind(result: Tensor): TapeNode[] {
  const order: TapeNode[] = [];
  const seen = new Set<TapeNode>();
  const stack: { node: TapeNode; next: number }[] = [];
  const open = (tensor: Tensor) => {
    if (!tensor.requiresGrad) return;
    if (tensor.isDisposed && !(tensor instanceof Variable)) throw lost(tensor);
    const node = producerOf(tensor);
    if (!node || seen.has(node)) return;
    seen.add(node);
    stack.push({ node, next: 0 });
  };
  open(result);
  while (stack.length > 0) {
    const top = stack.at(-1)!;
    const input = top.node.inputs[top.next++];
    if (input) open(input);
    else order.push(stack.pop()!.node);
  }
  return order;
}

/** A disposed tensor does not know any more what it was made from: going on without it would leave out its share in silence. */
function lost(tensor: Tensor): BackendError {
  return new BackendError(
    `gradient: ${tensor.toString()} was disposed, and the result was made from it; take the gradient before, or inside its scope`,
  );
}

/** The tensors behind `result` on a path to a target: only their gradients are computed. */
function leadsTo(result: Tensor, targets: ReadonlySet<Tensor>): Set<Tensor> {
  const leads = new Set<Tensor>(targets);
  for (const node of nodesBehind(result)) {
    if (node.inputs.some((input) => leads.has(input))) for (const output of node.outputs) leads.add(output);
  }
  return leads;
}

function inReverse(result: Tensor, leads: ReadonlySet<Tensor>): TapeNode[] {
  return nodesBehind(result)
    .filter((node) => node.inputs.some((input) => leads.has(input)))
    .reverse();
}

function passBack(node: TapeNode, leads: ReadonlySet<Tensor>, arrived: Map<Tensor, Tensor>): void {
  const dy = node.outputs.map((output) => arrived.get(output) ?? null);
  if (dy.every((gradient) => gradient === null)) return;
  const rule = node.op.gradient;
  if (rule === 'not differentiable') {
    throw new ValueError(
      `gradient: ${node.op.name} has no gradient, and the result depends on an argument through it; ` +
        'use stopGradient on what goes in where that is meant',
    );
  }
  const first = dy[0] ?? filled(node.outputs[0]!, 0);
  const needs = node.inputs.map((input) => leads.has(input) && isFloat(input.dtype));
  const { inputs, outputs, attrs } = node;
  const given = rule({ inputs, outputs, attrs, needs, dy: [first, ...dy.slice(1)] });
  inputs.forEach((input, i) => {
    const gradient = given[i];
    if (!gradient || !needs[i]) return;
    if (!sameShape(gradient.shape, input.shape)) {
      throw new Error(
        `${node.op.name}: gradient of input ${i} has shape ${formatShape(gradient.shape)}, not ${formatShape(input.shape)}`,
      );
    }
    const before = arrived.get(input);
    arrived.set(input, before ? add(before, gradient) : gradient);
  });
}

// Operations stand above this file in the house; the three it needs are found by name.

function add(a: Tensor, b: Tensor): Tensor {
  return applyOne(opNamed('add'), [a, b], { fn: 'add' });
}

/** The same values as a tensor of its own. */
export function sameValues(x: Tensor): Tensor {
  return applyOne(opNamed('reshape'), [x], { shape: x.shape });
}

function filled(like: Tensor, value: number): Tensor {
  return applyOne(opNamed('fill'), [], { value, shape: like.shape, dtype: like.dtype });
}
