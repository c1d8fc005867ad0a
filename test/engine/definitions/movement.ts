// Elements that only change places: each definition says from where y[index] comes.
import { at, broadcastAt, clamp, type Definitions, defined, sumOver, tabulate } from './definition.ts';

type Movement =
  | 'copy'
  | 'transpose'
  | 'broadcastTo'
  | 'slice'
  | 'flip'
  | 'pad'
  | 'concat'
  | 'pack'
  | 'gatherRows'
  | 'scatterRows'
  | 'gatherBatch'
  | 'oneHot';

export const movement: Definitions<Movement> = {
  // the i-th of all elements stays the i-th
  copy: defined('nothing', ([x]) => Array.from(x!.data)),

  // index d of y is index permutation[d] of x
  transpose: defined('nothing', ([x], { permutation }, y) =>
    tabulate(y.shape, (...i) => at(x, ...x!.shape.map((_, axis) => i[permutation.indexOf(axis)]!))),
  ),

  broadcastTo: defined('nothing', ([x], _, y) => tabulate(y.shape, (...i) => broadcastAt(x, i))),

  // y[i] = x[begin + i]
  slice: defined('nothing', ([x], { begin }, y) =>
    tabulate(y.shape, (...i) => at(x, ...i.map((place, axis) => begin[axis]! + place))),
  ),

  // y[i] = x[length - 1 - i] along the axes
  flip: defined('nothing', ([x], { axes }, y) =>
    tabulate(y.shape, (...i) =>
      at(x, ...i.map((place, axis) => (axes.includes(axis) ? y.shape[axis]! - 1 - place : place))),
    ),
  ),

  // y[i] = x[i - before], and value where there is no such element
  pad: defined('nothing', ([x], { before, value }, y) =>
    tabulate(y.shape, (...i) => {
      const inner = i.map((place, axis) => place - before[axis]!);
      return inner.every((place, axis) => place >= 0 && place < x!.shape[axis]!) ? at(x, ...inner) : value;
    }),
  ),

  // along the axis: first all of the first tensor, then all of the second, ...
  concat: defined('nothing', (inputs, { axis }, y) =>
    tabulate(y.shape, (...i) => {
      let place = i[axis]!;
      for (const x of inputs) {
        if (place < x.shape[axis]!) return at(x, ...i.with(axis, place));
        place -= x.shape[axis]!;
      }
      throw new Error(`nothing stands at ${i}`);
    }),
  ),

  // y[offsets[j] + i] is the i-th element of tensor j; what lies between may be anything
  pack: defined('nothing', (inputs, { offsets }, y) => {
    const values: (number | null)[] = tabulate(y.shape, () => null);
    inputs.forEach((x, j) => {
      for (let i = 0; i < x.data.length; i++) values[offsets[j]! + i] = x.data[i]!;
    });
    return values;
  }),

  // y[i, ...] = x[indices[i], ...]
  gatherRows: defined('nothing', ([x, indices], _, y) =>
    tabulate(y.shape, (i, ...rest) => at(x, clamp(at(indices, i), 0, x!.shape[0]! - 1), ...rest)),
  ),

  // dx[row, ...] = sum over the i with indices[i] = row of dy[i, ...]
  scatterRows: defined('terms', ([dy, indices], { rows }, dx) =>
    tabulate(dx.shape, (row, ...rest) =>
      sumOver([dy!.shape[0]!], (i) => (clamp(at(indices, i), 0, rows - 1) === row ? at(dy, i, ...rest) : 0)),
    ),
  ),

  // y[i, ...] = x[order[start + cursor * stride + i], ...]
  gatherBatch: defined('nothing', ([x, order, cursor], { start, stride }, y) =>
    tabulate(y.shape, (i, ...rest) => {
      const place = clamp(start + at(cursor, 0) * stride + i, 0, order!.shape[0]! - 1);
      return at(x, clamp(at(order, place), 0, x!.shape[0]! - 1), ...rest);
    }),
  ),

  // y[i, d] = 1 where indices[i] = d
  oneHot: defined('nothing', ([indices], _, y) =>
    tabulate(y.shape, (...i) => Number(at(indices, ...i.slice(0, -1)) === i.at(-1))),
  ),
};
