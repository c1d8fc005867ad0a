// One pass over data whose results are wanted as a whole.
import type { DType, Shape, TypedArray, View } from '../backend/backend.ts';
import { makeTensor } from '../engine/make.ts';
import { currentBackend } from '../engine/runtime.ts';
import { ValueError } from '../errors.ts';
import { makeArray } from '../tensor/dtype.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Feed } from './feed.ts';

/** Steps over data, once. */
export type SinglePass = Pick<Feed, 'steps' | 'outputs' | 'begin' | 'next'>;

interface Around {
  before?(step: number): void | Promise<void>;
  after?(step: number): void | Promise<void>;
}

/** Batches whose results may be on their way here while the next one is computed. */
const UNDER_WAY = 2;

/** The results of a step over all batches, or `limit` of them: one tensor for each. */
export async function collect(
  who: string,
  pass: SinglePass,
  limit: number | null = null,
  { before, after }: Around = {},
): Promise<Tensor[]> {
  const pending: Promise<Part[]>[] = [];
  await pass.begin();
  const isOver = (step: number) => (limit !== null && step >= limit) || (pass.steps !== null && step >= pass.steps);
  for (let step = 0; !isOver(step); step++) {
    await before?.(step);
    if ((await pass.next()) === 0) break;
    const part = Promise.all(pass.outputs.map(partOf));
    // its failure is seen when it is waited for
    part.catch(() => {});
    pending.push(part);
    await pending[step - UNDER_WAY];
    await after?.(step);
  }
  const parts = await Promise.all(pending);
  if (parts.length === 0) throw new ValueError(`${who}: the data has no batches`);
  return parts[0]!.map((_, i) => joined(parts.map((part) => part[i]!)));
}

interface Part {
  readonly values: TypedArray;
  readonly shape: Shape;
  readonly dtype: DType;
}

async function partOf(output: View): Promise<Part> {
  return { values: await currentBackend().read(output), shape: output.shape, dtype: output.dtype };
}

/** The results of all batches as one tensor. */
function joined(parts: readonly Part[]): Tensor {
  const first = parts[0]!;
  const values = makeArray(
    first.dtype,
    parts.reduce((size, part) => size + part.values.length, 0),
  );
  let at = 0;
  for (const part of parts) {
    values.set(part.values, at);
    at += part.values.length;
  }
  const count = parts.reduce((rows, { shape }) => rows + shape[0]!, 0);
  return makeTensor(values, [count, ...first.shape.slice(1)], first.dtype);
}
