// What follows a convolution and acts on each of its channels alone is done by the convolution itself, where its sums are written: a scale, a
// shift, a relu. So a normalisation with given statistics costs nothing:
//
//   (conv2d(x, kernel) + bias) s + t = s conv2d(x, kernel) + (bias s + t)
//
// With few input channels the scale goes into the kernel, which is small: what is left is a plain convolution, which may be one with a pool.
import { defineRewrite, type Graph } from '../../compile/fuse.ts';
import { applyOne } from '../../engine/execute.ts';
import { defineOp, type OpDefinition, opOf } from '../../engine/op.ts';
import { asStep, type ValueId } from '../../engine/program.ts';
import { sizeOf } from '../../tensor/shape.ts';
import '../conv2d.ts';
import { add, mul, relu } from '../elementwise.ts';
import { MOST_CHANNELS } from './convPool.ts';

const conv2dOp = opOf('conv2d', 'conv2d');
const mulOp = opOf('mul', 'binary');
const addOp = opOf('add', 'binary');
const reluOp = opOf('relu', 'unary');

/** y = activation(scale * conv2d(x, kernel) + bias), of x, kernel, bias [k] and scale [k]. */
export const scaledConvOp = defineOp({
  name: 'conv2dScaled',
  kernel: 'conv2d',
  infer: conv2dOp.infer,
  gradient: 'not differentiable',
  decompose: ([x, kernel, bias, scale], attrs) => {
    const z = applyOne(conv2dOp, [x!, kernel!], { ...attrs, activation: 'linear' });
    const y = add(mul(z, scale!), bias!);
    return [attrs.activation === 'relu' ? relu(y) : y];
  },
  flops: ([, kernel], [y]) => 2 * sizeOf(y!.shape) * (sizeOf(kernel!.shape.slice(0, 3)) + 1),
});

/** The convolution without activation that alone is behind a value. */
function linearConv(op: OpDefinition<'conv2d'>, id: ValueId, graph: Graph) {
  const conv = graph.isUsedOnce(id) ? graph.madeBy(id, op) : null;
  return conv?.attrs.activation === 'linear' ? conv : null;
}

/** Whether a value has one number for each channel of images with that many. */
function isByChannel(id: ValueId, channels: number, graph: Graph): boolean {
  const { shape } = graph.spec(id);
  return shape.length === 1 && shape[0] === channels;
}

export const foldScale = defineRewrite({
  name: 'a scale and a shift behind a convolution are its own',
  apply(step, graph) {
    const sum = asStep(step, addOp);
    const product = sum && graph.isUsedOnce(sum.inputs[0]!) ? graph.madeBy(sum.inputs[0]!, mulOp) : null;
    const conv = product && linearConv(conv2dOp, product.inputs[0]!, graph);
    if (!sum || !product || !conv) return null;
    const [scale, shift] = [product.inputs[1]!, sum.inputs[1]!];
    const [x, kernel, bias] = conv.inputs as [ValueId, ValueId, ValueId?];
    const channels = graph.spec(kernel).shape[3]!;
    if (!isByChannel(scale, channels, graph) || !isByChannel(shift, channels, graph)) return null;
    const moved =
      bias === undefined
        ? shift
        : graph.add(addOp, [graph.add(mulOp, [bias, scale], { fn: 'mul' })[0]!, shift], { fn: 'add' })[0]!;
    if (graph.spec(kernel).shape[2]! > MOST_CHANNELS)
      return graph.add(scaledConvOp, [x, kernel, moved, scale], conv.attrs);
    const [scaled] = graph.add(mulOp, [kernel, scale], { fn: 'mul' });
    return graph.add(conv2dOp, [x, scaled!, moved], conv.attrs);
  },
});

export const fuseRelu = defineRewrite({
  name: 'a relu behind a convolution is done where its result is written',
  apply(step, graph) {
    const relu = asStep(step, reluOp);
    const conv =
      relu && (linearConv(conv2dOp, relu.inputs[0]!, graph) ?? linearConv(scaledConvOp, relu.inputs[0]!, graph));
    return conv && graph.add(conv.op, conv.inputs, { ...conv.attrs, activation: 'relu' });
  },
});
