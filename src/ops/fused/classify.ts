// What is asked of the logits of a batch while training: probabilities, loss, slope, and how many are right. All of it is
// small, and each part a dispatch of its own; here one thread does it for one row.
import { defineRewrite, type Graph } from '../../compile/fuse.ts';
import { apply } from '../../engine/execute.ts';
import { defineOp, opOf } from '../../engine/op.ts';
import { asStep } from '../../engine/program.ts';
import { sizeOf } from '../../tensor/shape.ts';
import { cast, equal, mul } from '../elementwise.ts';
import { argMax } from '../reduce.ts';
import { softmax } from '../softmax.ts';
import { uniformValue } from './uniform.ts';

const softmaxOp = opOf('softmax', 'softmax');
const crossEntropyOp = opOf('softmaxCrossEntropy', 'softmaxCrossEntropy');
const castOp = opOf('cast', 'unary');
const equalOp = opOf('equal', 'binary');
const argReduceOp = opOf('argReduce', 'argReduce');
const mulOp = opOf('mul', 'binary');

export const classifyOp = defineOp({
  name: 'classify',
  kernel: 'classify',
  infer: ([logits]) => {
    const { shape, dtype } = logits!;
    const [rows, block] = [
      { shape: [shape[0]!], dtype },
      { shape, dtype },
    ];
    return [rows, block, block, rows];
  },
  gradient: 'not differentiable',
  decompose: ([logits, labels], { scale }) => {
    const [loss, slope] = apply(crossEntropyOp, [logits!, labels!], {});
    const y = softmax(logits!);
    return [loss!, mul(slope!, scale), y, cast(equal(argMax(labels!, 1), argMax(y, 1)), loss!.dtype)];
  },
  flops: ([logits]) => 12 * sizeOf(logits!.shape),
});

export const fuseClassifier = defineRewrite({
  name: 'probabilities and their cross-entropy are one pass over the logits',
  apply(step, graph) {
    const entropy = asStep(step, crossEntropyOp);
    const made = entropy && graph.madeFrom(softmaxOp, [entropy.inputs[0]!]);
    if (!entropy || !made) return null;
    const [loss, slope, y] = graph.add(classifyOp, entropy.inputs, { scale: 1 });
    graph.substitute(made.outputs[0]!, y!);
    return [loss!, slope!];
  },
});

/** The values along whose only axis this looks for the largest. */
function ranked(id: number, graph: Graph): number | null {
  const step = graph.madeBy(graph.unshaped(id), argReduceOp);
  if (step?.attrs.fn !== 'max' || step.attrs.inner !== 1) return null;
  return graph.unshaped(step.inputs[0]!);
}

export const hitsOfClassifier = defineRewrite({
  name: 'whether labels and probabilities agree is known where the probabilities are made',
  apply(step, graph) {
    const asNumber = asStep(step, castOp);
    const compared = asNumber && graph.madeBy(asNumber.inputs[0]!, equalOp);
    if (!compared) return null;
    const [asked, given] = compared.inputs.map((id) => ranked(id, graph)) as [number | null, number | null];
    const classifier = given === null ? null : graph.madeBy(given, classifyOp);
    const [, , y, hit] = classifier?.outputs ?? [];
    const labels = classifier && graph.unshaped(classifier.inputs[1]!);
    return hit !== undefined && given === y && asked === labels && graph.isAlike(asNumber!.outputs[0]!, hit)
      ? [hit]
      : null;
  },
});

export const scaleOfSlope = defineRewrite({
  name: 'a factor of all slopes is applied where they are made',
  apply(step, graph) {
    const product = asStep(step, mulOp);
    if (!product) return null;
    const [factor, slope] = product.inputs as [number, number];
    const classifier = graph.madeBy(slope, classifyOp);
    const value = classifier?.outputs[1] === slope && graph.isUsedOnce(slope) ? uniformValue(factor, graph) : undefined;
    if (!classifier || value === undefined || !graph.isAlike(product.outputs[0]!, slope)) return null;
    graph.change(classifier, { scale: classifier.attrs.scale * value });
    return [slope];
  },
});
