// Tensors put together: one after another, on top of each other, or repeated.
import type { DType } from '../backend/backend.ts';
import { applyOne } from '../engine/execute.ts';
import { defineOp } from '../engine/op.ts';
import { ShapeError, ValueError } from '../errors.ts';
import { bytesOf, promote } from '../tensor/dtype.ts';
import { kindOf, requireTensorList, requireTensors } from '../tensor/options.ts';
import { checkShape, formatShape, normalizeAxis, sameShape, sizeOf } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { cast } from './elementwise.ts';
import { broadcastTo, expandDims, reshape } from './shape.ts';
import { slice } from './slice.ts';

const concatOp = defineOp({
  name: 'concat',
  kernel: 'concat',
  infer: (inputs, { axis }) => {
    const [first] = inputs;
    const length = inputs.reduce((sum, { shape }) => sum + shape[axis]!, 0);
    return [{ shape: first!.shape.with(axis, length), dtype: first!.dtype }];
  },
  gradient: ({ inputs, dy: [dy], attrs: { axis }, needs }) => {
    let first = 0;
    return inputs.map(({ shape }, i) => {
      const begin = shape.map((_, d) => (d === axis ? first : 0));
      first += shape[axis]!;
      return needs[i] ? slice(dy, begin, shape) : null;
    });
  },
});

/** The tensors of a list side by side along `axis`; all other lengths must agree. Mixed dtypes become their common one. */
export function concat(list: readonly Tensor[], axis = 0): Tensor {
  requireTensorList('concat', 'list', list);
  const [first] = list;
  if (!first) throw new ValueError('concat: the list is empty');
  const d = normalizeAxis('concat', axis, first.rank);
  for (const x of list) {
    if (x.rank !== first.rank || !sameShape(x.shape.with(d, 0), first.shape.with(d, 0)))
      throw new ShapeError(
        `concat: ${formatShape(x.shape)} does not fit beside ${formatShape(first.shape)} along axis ${d}`,
      );
  }
  checkShape(
    'concat',
    first.shape.with(
      d,
      list.reduce((sum, x) => sum + x.shape[d]!, 0),
    ),
  );
  const dtype = list.map((x) => x.dtype).reduce(promote);
  if (list.length === 1) return first;
  // A shader writes whole words, and two tensors of bytes may share one: they travel as int32.
  const carrier: DType = bytesOf(dtype) === 1 ? 'int32' : dtype;
  const carried = list.map((x) => cast(x, carrier));
  return cast(applyOne(concatOp, carried, { axis: d }), dtype);
}

/** Tensors of one shape along a new axis. */
export function stack(list: readonly Tensor[], axis = 0): Tensor {
  requireTensorList('stack', 'list', list);
  const [first] = list;
  if (!first) throw new ValueError('stack: the list is empty');
  const d = normalizeAxis('stack', axis, first.rank + 1);
  for (const x of list) {
    if (!sameShape(x.shape, first.shape))
      throw new ShapeError(`stack: ${formatShape(x.shape)} and ${formatShape(first.shape)} are not the same shape`);
  }
  checkShape('stack', first.shape.toSpliced(d, 0, list.length));
  return concat(
    list.map((x) => expandDims(x, d)),
    d,
  );
}

/** x repeated along each axis: repeats [2, 3] puts two of it above each other and three side by side. A short list, or a number, is for the last axes. */
export function tile(x: Tensor, given: number | readonly number[]): Tensor {
  requireTensors('tile', { x });
  const repeats = typeof given === 'number' ? [given] : given;
  if (!Array.isArray(repeats) || !repeats.every((n) => Number.isInteger(n) && n >= 0))
    throw new ValueError(
      `tile: repeats must be a list of whole numbers of at least 0, got ${Array.isArray(repeats) ? formatShape(repeats) : kindOf(repeats)}`,
    );
  const rank = Math.max(x.rank, repeats.length);
  const counts = [...new Array<number>(rank - repeats.length).fill(1), ...repeats];
  const lengths = [...new Array<number>(rank - x.rank).fill(1), ...x.shape];
  checkShape(
    'tile',
    lengths.map((length, d) => length * counts[d]!),
  );
  // Axis by axis: a new axis stretched in front of each would pass the largest rank.
  return counts.reduce((y, count, d) => repeatAxis(y, count, d), reshape(x, lengths));
}

function repeatAxis(x: Tensor, count: number, axis: number): Tensor {
  if (count === 1) return x;
  const [outer, inner] = [sizeOf(x.shape.slice(0, axis)), sizeOf(x.shape.slice(axis))];
  const repeated = broadcastTo(reshape(x, [outer, 1, inner]), [outer, count, inner]);
  return reshape(repeated, x.shape.with(axis, x.shape[axis]! * count));
}
