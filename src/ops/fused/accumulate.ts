// A running total of means: target += mean(values) * rows, as training counts its loss and its metrics.
import { defineRewrite } from '../../compile/fuse.ts';
import { defineOp, opOf } from '../../engine/op.ts';
import { asStep } from '../../engine/program.ts';
import '../../engine/variable.ts';
import { ShapeError } from '../../errors.ts';
import { formatShape, sizeOf } from '../../tensor/shape.ts';
import '../elementwise.ts';
import '../reduce.ts';
import { uniformValue } from './uniform.ts';

const assignAddOp = opOf('assignAdd', 'assignAdd');
const mulOp = opOf('mul', 'binary');
const reduceOp = opOf('reduce', 'reduce');

export const accumulateOp = defineOp({
  name: 'accumulate',
  kernel: 'accumulate',
  mutates: [0],
  infer: ([target]) => {
    if (sizeOf(target!.shape) !== 1)
      throw new ShapeError(`accumulate: the target must be one number, got ${formatShape(target!.shape)}`);
    return [];
  },
  gradient: 'not differentiable',
  flops: ([, values]) => sizeOf(values!.shape),
});

export const fuseTotal = defineRewrite({
  name: 'a scaled sum that is added to a total is added at once',
  apply(step, graph) {
    const added = asStep(step, assignAddOp);
    const product = added && graph.madeBy(graph.unshaped(added.inputs[1]!), mulOp);
    if (!added || !product || graph.spec(added.inputs[0]!).dtype !== 'float32') return null;
    const [mean, rows] = product.inputs as [number, number];
    const factor = uniformValue(rows, graph);
    const total = graph.madeBy(graph.unshaped(mean), reduceOp);
    if (factor === undefined || !total || total.attrs.fn !== 'sum') return null;
    if (total.attrs.outer !== 1 || total.attrs.inner !== 1) return null;
    graph.add(accumulateOp, [added.inputs[0]!, total.inputs[0]!], { scale: total.attrs.scale * factor });
    return [];
  },
});
