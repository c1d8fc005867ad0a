// Activations by Keras' names as ONNX operations.
import { ValueError } from '../../errors.ts';
import type { OnnxGraph } from './graph.ts';

/** From the name of a value to that of its activation; `axis` is where the channels lie. */
type Convert = (g: OnnxGraph, x: string, axis: number) => string;

const plain =
  (operation: string): Convert =>
  (g, x) =>
    g.node(operation, [x]);

const table: Readonly<Record<string, Convert>> = {
  linear: (_, x) => x,
  relu: plain('Relu'),
  relu6: (g, x) => g.node('Clip', [x, g.float(0), g.float(6)]),
  leaky_relu: (g, x) => g.node('LeakyRelu', [x], { alpha: { float: 0.2 } }),
  elu: plain('Elu'),
  selu: (g, x) => g.node('Selu', [x], { alpha: { float: 1.67326324235438 }, gamma: { float: 1.05070098735548 } }),
  sigmoid: plain('Sigmoid'),
  hard_sigmoid: (g, x) => g.node('HardSigmoid', [x], { alpha: { float: 1 / 6 }, beta: { float: 0.5 } }),
  tanh: plain('Tanh'),
  exponential: plain('Exp'),
  softplus: plain('Softplus'),
  softsign: plain('Softsign'),
  silu: (g, x) => g.node('Mul', [x, g.node('Sigmoid', [x])]),
  hard_silu: plain('HardSwish'),
  mish: plain('Mish'),
  gelu: (g, x) => {
    const erf = g.node('Erf', [g.node('Mul', [x, g.float(Math.SQRT1_2)])]);
    return g.node('Mul', [g.node('Mul', [x, g.float(0.5)]), g.node('Add', [erf, g.float(1)])]);
  },
  softmax: (g, x, axis) => g.node('Softmax', [x], { axis }),
  log_softmax: (g, x, axis) => g.node('LogSoftmax', [x], { axis }),
};

/** @throws ValueError for one that ONNX cannot say: a function of the program */
export function activation(g: OnnxGraph, layer: string, name: unknown, x: string, axis: number): string {
  const convert = typeof name === 'string' && Object.hasOwn(table, name) ? table[name] : undefined;
  if (convert) return convert(g, x, axis);
  throw new ValueError(
    `onnx: ${layer}: its activation ${typeof name === 'string' ? name : 'is a function that'} cannot be written`,
  );
}
