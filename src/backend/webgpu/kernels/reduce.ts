import { wgsl } from '../../../platform/wgsl.ts';
import { isFloat } from '../../../tensor/dtype.ts';
import type { View } from '../../backend.ts';
import type { ReduceFunction } from '../../kernels.ts';
import type { Constants } from '../shaderText.ts';
import { type Dispatch, groupsFor, type Resource, type WebgpuKernels } from '../webgpuKernel.ts';
import { requireOneBinding } from './elementwise.ts';
import { floatBits, uniform } from './params.ts';

const reduceShader = { name: 'reduce', text: wgsl('reduce') };
const argReduceShader = { name: 'arg_reduce', text: wgsl('arg_reduce') };
const fillShader = { name: 'fill', text: wgsl('fill') };

/** Numbered as in reduce.wgsl. */
const functions: readonly ReduceFunction[] = ['sum', 'max', 'min', 'prod'];

/** The longest sum one thread should make alone, and the threads that keep a device busy. */
export const LONG = 64;
const BUSY = 8192;

export const reduceKernels: WebgpuKernels<'reduce' | 'argReduce'> = {
  reduce({ inputs: [x], outputs: [y], attrs: { fn, outer, reduced, inner, scale } }, device) {
    requireOneBinding('reduce', [x!], device);
    if (reduced === 0) return [fillWith(y!, outer * inner, (fn === 'prod' ? 1 : 0) * scale)];
    const lanes = inner % 4 === 0 ? 4 : 1;
    const Scalar = isFloat(x!.dtype) ? 'f32' : 'i32';
    const Element = lanes === 4 ? `vec4${Scalar[0]}` : Scalar;
    const constants = { FUNCTION: functions.indexOf(fn), Element, Scalar };
    return inStages({ constants, outer, length: reduced, inner, width: inner / lanes, scale, source: x!, target: y! });
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

interface Reduction {
  readonly constants: Constants;
  readonly outer: number;
  readonly length: number;
  /** Elements of 32 bits, and what the shader takes for one. */
  readonly inner: number;
  readonly width: number;
  readonly scale: number;
  readonly source: Resource;
  readonly target: Resource;
  /** The first of two places in scratch memory that nobody needs. */
  readonly free?: number;
}

function inStages({ constants, outer, length, inner, width, scale, source, target, free = 0 }: Reduction): Dispatch[] {
  const stages = stagesFor(outer * width, length);
  const between = (i: number): Resource => ({
    scratch: free + (i % 2),
    byteLength: outer * stages[i]! * inner * 4,
  });
  return stages.map((splits, i) => {
    const last = i === stages.length - 1;
    const rows = i === 0 ? length : stages[i - 1]!;
    const [x, y] = [i === 0 ? source : between(i - 1), last ? target : between(i)];
    return pass(constants, [x, y], [outer, rows, width, splits], last ? scale : 1);
  });
}

function pass(
  constants: Constants,
  [x, y]: readonly [Resource, Resource],
  [outer, rows, width, splits]: readonly [number, number, number, number],
  scale: number,
): Dispatch {
  return {
    shader: reduceShader,
    constants,
    bindings: { params: uniform(outer, rows, width, splits, floatBits(scale)), x, y },
    workgroups: groupsFor(outer * splits * width),
  };
}

const ofSums = (lanes: number) => ({ FUNCTION: 0, Element: lanes === 4 ? 'vec4f' : 'f32', Scalar: 'f32' });

/** Sums of floats over the rows of [length, channels]. */
export function columnSums(
  sum: Pick<Reduction, 'length' | 'scale' | 'source' | 'target' | 'free'> & { readonly channels: number },
): Dispatch[] {
  const lanes = sum.channels % 4 === 0 ? 4 : 1;
  return inStages({ ...sum, constants: ofSums(lanes), outer: 1, inner: sum.channels, width: sum.channels / lanes });
}

/** Sums over the middle of [2, rows, channels], in `splits` parts. */
export function pairOfSums(source: Resource, target: Resource, [rows, channels, splits]: readonly number[]): Dispatch {
  const lanes = channels! % 4 === 0 ? 4 : 1;
  return pass(ofSums(lanes), [source, target], [2, rows!, channels! / lanes, splits!], 1);
}

/** Partial results of each pass; the last is 1. Long sums of few results are split until there is work for every thread. */
export function stagesFor(results: number, reduced: number): number[] {
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
