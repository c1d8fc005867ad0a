import { wgsl } from '../../../platform/wgsl.ts';
import { isFloat } from '../../../tensor/dtype.ts';
import type { View } from '../../backend.ts';
import type { ReduceFunction } from '../../kernels.ts';
import { type Dispatch, groupsFor, type Resource, type WebgpuKernels } from '../webgpuKernel.ts';
import { requireOneBinding } from './elementwise.ts';
import { floatBits, uniform } from './params.ts';

const reduceShader = { name: 'reduce', text: wgsl('reduce') };
const argReduceShader = { name: 'arg_reduce', text: wgsl('arg_reduce') };
const fillShader = { name: 'fill', text: wgsl('fill') };

/** Numbered as in reduce.wgsl. */
const functions: readonly ReduceFunction[] = ['sum', 'max', 'min', 'prod'];

/** The longest sum one thread should make alone, and the threads that keep a device busy. */
const LONG = 64;
const BUSY = 8192;

export const reduceKernels: WebgpuKernels<'reduce' | 'argReduce'> = {
  reduce({ inputs: [x], outputs: [y], attrs: { fn, outer, reduced, inner, scale } }, device) {
    requireOneBinding('reduce', [x!], device);
    if (reduced === 0) return [fillWith(y!, outer * inner, (fn === 'prod' ? 1 : 0) * scale)];
    const lanes = inner % 4 === 0 ? 4 : 1;
    const Scalar = isFloat(x!.dtype) ? 'f32' : 'i32';
    const Element = lanes === 4 ? `vec4${Scalar[0]}` : Scalar;
    const width = inner / lanes;
    const stages = stagesFor(outer * width, reduced);
    return stages.map((splits, i): Dispatch => {
      const last = i === stages.length - 1;
      const length = i === 0 ? reduced : stages[i - 1]!;
      const source: Resource = i === 0 ? x! : { scratch: (i - 1) % 2, byteLength: outer * length * inner * 4 };
      const target: Resource = last ? y! : { scratch: i % 2, byteLength: outer * splits * inner * 4 };
      return {
        shader: reduceShader,
        constants: { FUNCTION: functions.indexOf(fn), Element, Scalar },
        bindings: { params: uniform(outer, length, width, splits, floatBits(last ? scale : 1)), x: source, y: target },
        workgroups: groupsFor(outer * splits * width),
      };
    });
  },

  argReduce({ inputs: [x], outputs: [y], attrs: { fn, outer, reduced, inner } }, device) {
    requireOneBinding('argReduce', [x!], device);
    return [
      {
        shader: argReduceShader,
        constants: { Element: isFloat(x!.dtype) ? 'f32' : 'i32', SMALLEST: fn === 'min' },
        bindings: { params: uniform(outer, reduced, inner), x: x!, y: y! },
        workgroups: groupsFor(outer * inner),
      },
    ];
  },
};

/** Partial results of each pass; the last is 1. Long sums of few results are split until there is work for every thread. */
function stagesFor(results: number, reduced: number): number[] {
  const stages: number[] = [];
  for (let length = reduced; length > LONG && results < BUSY; ) {
    const splits = Math.max(
      Math.ceil(length / LONG / 8),
      Math.min(Math.ceil(length / LONG), Math.ceil(BUSY / results)),
    );
    stages.push(splits);
    length = splits;
  }
  return [...stages, 1];
}

/** The result of reducing nothing. */
function fillWith(y: View, size: number, value: number): Dispatch {
  const vectors = Math.ceil(size / 4);
  const bits = isFloat(y.dtype) ? floatBits(value) : value;
  return {
    shader: fillShader,
    constants: {},
    bindings: { params: uniform(vectors, bits), y },
    workgroups: groupsFor(vectors),
  };
}
