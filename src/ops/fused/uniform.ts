// Tensors of one value: what is made of them is one too, and needs no steps of its own. The gradient of a mean begins so.
import { defineRewrite, type Graph } from '../../compile/fuse.ts';
import { opOf } from '../../engine/op.ts';
import { asStep, type Step, type ValueId } from '../../engine/program.ts';
import '../create.ts';
import '../elementwise.ts';
import '../shape.ts';

const fillOp = opOf('fill', 'fill');
const broadcastOp = opOf('broadcastTo', 'broadcastTo');
const mulOp = opOf('mul', 'binary');

/** The one value of all elements, if that is known. */
export function uniformValue(id: ValueId, graph: Graph): number | undefined {
  return graph.constant(id) ?? graph.madeBy(graph.unshaped(id), fillOp)?.attrs.value;
}

function result(step: Step, graph: Graph): number | undefined {
  const stretched = asStep(step, broadcastOp);
  if (stretched) return uniformValue(stretched.inputs[0]!, graph);
  const product = asStep(step, mulOp);
  if (!product) return undefined;
  const [a, b] = product.inputs.map((id) => uniformValue(id, graph));
  return a === undefined || b === undefined ? undefined : Math.fround(a * b);
}

export const uniformIsFilled = defineRewrite({
  name: 'what is made of tensors of one value is filled with the result',
  apply(step, graph) {
    const spec = step.outputs[0] === undefined ? null : graph.spec(step.outputs[0]);
    const value = spec?.dtype === 'float32' ? result(step, graph) : undefined;
    return spec && value !== undefined ? graph.add(fillOp, [], { ...spec, value }) : null;
  },
});
