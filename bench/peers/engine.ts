// What the bench asks of an engine.
import type { Cell } from '../cells.ts';
import type { Operands } from '../operands.ts';
import type { TrainingStart } from '../training.ts';
import type { InferenceStart } from './resnet50.ts';

export interface Engine {
  /** Name and version. */
  readonly name: string;
  readonly trains: boolean;
  /** Nothing asked, and waited for: what waiting costs. */
  wait(): Promise<void>;
  /** Null where the engine cannot do it. */
  cell(cell: Cell, operands: Operands): Promise<CellRun | null>;
  /** The ways that this engine trains R1; empty for engines that only infer. */
  trainings(start: TrainingStart): Promise<readonly Training[]>;
  /** The ways that this engine infers ResNet50. */
  inferences(start: InferenceStart): Promise<readonly Inference[]>;
  close(): Promise<void>;
}

export interface CellRun {
  /** Asks for the cell so many times, and waits until the GPU is done. */
  run(times: number): Promise<void>;
  /** The result in our layout: images nhwc, kernels rsck. */
  result(): Promise<Float32Array>;
  dispose(): void;
}

export interface Training {
  readonly name: string;
  /** Whether a GPU does it. */
  readonly gpu: boolean;
  /** The losses of the first steps from the start that was given. */
  losses(): Promise<readonly number[]>;
  /** Steps of one run. */
  readonly steps: number;
  run(): Promise<void>;
}

export interface Inference {
  readonly name: string;
  /** One picture: from numbers on the host to logits on the host. */
  run(): Promise<ArrayLike<number>>;
  dispose(): void;
}

/** The layout of engines that know channels first: images nchw. */
export function channelsFirst(values: Float32Array, shape: readonly number[]): Float32Array<ArrayBuffer> {
  return permuted(values, shape, [0, 3, 1, 2]);
}

/** Kernels of those engines: kcrs. */
export function kernelsFirst(values: Float32Array, shape: readonly number[]): Float32Array<ArrayBuffer> {
  return permuted(values, shape, [3, 2, 0, 1]);
}

/** From channels first back to ours; `shape` is ours. */
export function channelsLast(values: Float32Array, [n, h, w, c]: readonly number[]): Float32Array<ArrayBuffer> {
  return permuted(values, [n!, c!, h!, w!], [0, 2, 3, 1]);
}

export function kernelsLast(values: Float32Array, [r, s, c, k]: readonly number[]): Float32Array<ArrayBuffer> {
  return permuted(values, [k!, c!, r!, s!], [2, 3, 1, 0]);
}

/** The elements with axis d of the result taken from axis permutation[d], four axes. */
export function permuted(
  values: Float32Array,
  shape: readonly number[],
  permutation: readonly number[],
): Float32Array<ArrayBuffer> {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((all, length) => all * length, 1));
  const [l0, l1, l2, l3] = permutation.map((axis) => shape[axis]!);
  const [s0, s1, s2, s3] = permutation.map((axis) => strides[axis]!);
  const result = new Float32Array(values.length);
  let at = 0;
  for (let i = 0; i < l0!; i++)
    for (let j = 0; j < l1!; j++)
      for (let k = 0; k < l2!; k++)
        for (let l = 0; l < l3!; l++) result[at++] = values[i * s0! + j * s1! + k * s2! + l * s3!]!;
  return result;
}
