// What follows a convolution and acts on each of its channels alone is done by the convolution itself: a scale goes into the kernel, a shift
// into the bias, a relu behind the sum. So a normalisation with given statistics costs nothing where kernel and statistics stay as they are:
//
//   (conv2d(x, kernel) + bias) s + t = conv2d(x, kernel s) + (bias s + t)
import { defineRewrite, type Graph } from '../../compile/fuse.ts';
import { opOf } from '../../engine/op.ts';
import { asStep, type ValueId } from '../../engine/program.ts';
import '../conv2d.ts';
import '../elementwise.ts';

const conv2dOp = opOf('conv2d', 'conv2d');
const mulOp = opOf('mul', 'binary');
const addOp = opOf('add', 'binary');
const reluOp = opOf('relu', 'unary');

/** The convolution without activation that alone is behind a value. */
function linearConv(id: ValueId, graph: Graph) {
  const conv = graph.isUsedOnce(id) ? graph.madeBy(id, conv2dOp) : null;
  return conv?.attrs.activation === 'linear' ? conv : null;
}

/** Whether a value has one number for each channel of images with that many. */
function isByChannel(id: ValueId, channels: number, graph: Graph): boolean {
  const { shape } = graph.spec(id);
  return shape.length === 1 && shape[0] === channels;
}

export const foldScale = defineRewrite({
  name: 'a scale and a shift behind a convolution go into its kernel and bias',
  apply(step, graph) {
    const sum = asStep(step, addOp);
    const product = sum && graph.isUsedOnce(sum.inputs[0]!) ? graph.madeBy(sum.inputs[0]!, mulOp) : null;
    const conv = product && linearConv(product.inputs[0]!, graph);
    if (!sum || !product || !conv) return null;
    const [scale, shift] = [product.inputs[1]!, sum.inputs[1]!];
    const [x, kernel, bias] = conv.inputs as [ValueId, ValueId, ValueId?];
    const channels = graph.spec(kernel).shape[3]!;
    if (!isByChannel(scale, channels, graph) || !isByChannel(shift, channels, graph)) return null;
    const [scaled] = graph.add(mulOp, [kernel, scale], { fn: 'mul' });
    const moved =
      bias === undefined
        ? shift
        : graph.add(addOp, [graph.add(mulOp, [bias, scale], { fn: 'mul' })[0]!, shift], { fn: 'add' })[0]!;
    return graph.add(conv2dOp, [x, scaled!, moved], conv.attrs);
  },
});

export const fuseRelu = defineRewrite({
  name: 'a relu behind a convolution is done where its result is written',
  apply(step, graph) {
    const relu = asStep(step, reluOp);
    const conv = relu && linearConv(relu.inputs[0]!, graph);
    return conv && graph.add(conv2dOp, conv.inputs, { ...conv.attrs, activation: 'relu' });
  },
});
