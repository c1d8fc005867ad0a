// A residual block ends with relu(shortcut + x): one pass over the images instead of two, and one image less to keep.
import { defineRewrite } from '../../compile/fuse.ts';
import { opOf } from '../../engine/op.ts';
import { asStep } from '../../engine/program.ts';
import '../elementwise.ts';

const addOp = opOf('add', 'binary');
const reluOp = opOf('relu', 'unary');
const addReluOp = opOf('addRelu', 'binary');

export const fuseAddRelu = defineRewrite({
  name: 'a relu behind a sum is done with it',
  apply(step, graph) {
    const relu = asStep(step, reluOp);
    const sum = relu && graph.isUsedOnce(relu.inputs[0]!) ? graph.madeBy(relu.inputs[0]!, addOp) : null;
    return sum && graph.add(addReluOp, sum.inputs, { fn: 'addRelu' });
  },
});
