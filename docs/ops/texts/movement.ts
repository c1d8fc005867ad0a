import { type Family, NO_INPUTS } from '../text.ts';

export const shape: Family = {
  title: 'Shape',
  ops: {
    reshape: {
      formula: 'y = the elements of x in the same order',
      shapes: 'x [any] → y [any with as many elements]',
      gradient: 'dx = dy under the shape of x',
    },
    transpose: {
      formula: 'y[j₀, j₁, …] = x[i₀, i₁, …]  with j_d = i_permutation[d]',
      shapes: 'x [rank ≤ 6] → y [the lengths of x, permuted]',
      gradient: 'dx = dy, permuted back',
    },
    broadcastTo: {
      formula: 'y[i₀, i₁, …] = x[…], with index 0 along the stretched axes',
      shapes: 'x [any] → y [a shape that x broadcasts to]',
      gradient: 'dx = Σ dy over the stretched axes',
    },
    slice: {
      formula: 'y[i₀, i₁, …] = x[begin₀ + i₀, begin₁ + i₁, …]',
      shapes: 'x [rank ≤ 6] → y [size]',
      gradient: 'dx = dy in a frame of zeros: pad(dy)',
    },
    flip: {
      formula: 'y[…, i, …] = x[…, length − 1 − i, …]  along each of the axes',
      shapes: 'x [rank ≤ 6] → y [the same]',
      gradient: 'dx = dy, reversed along the same axes',
    },
    pad: {
      formula: 'y[i₀, i₁, …] = x[i₀ − before₀, i₁ − before₁, …] inside x, else value',
      shapes: 'x [rank ≤ 6] → y [before + length + after]',
      gradient: 'dx = the part of dy inside the frame: slice(dy)',
    },
    concat: {
      formula: 'y = a, then b, then … along the axis',
      shapes: 'a, b, … [equal but for the axis] → y [the lengths along the axis added up]',
      gradient: 'da, db, … = their parts of dy: slices',
      special: 'the kernel moves elements of 32 bits: the function carries uint8 and bool through int32',
    },
  },
};

export const indexing: Family = {
  title: 'Indexing',
  ops: {
    oneHot: {
      formula: 'y[…, d] = 1 where d = indices[…], else 0',
      shapes: 'indices int32 […] → y [… , depth]',
      gradient: 'not differentiable: indices are integers',
      special: 'an index outside 0 … depth − 1 gives a row of zeros',
    },
    gatherRows: {
      formula: 'y[i, …] = x[indices[i], …]',
      shapes: 'x [rows, …], indices int32 [m] → y [m, …]',
      gradient: 'dx = scatterRows(dy, indices)',
      special: 'an index outside is clamped to 0 … rows − 1',
    },
    scatterRows: {
      formula:
        'dx[i, …] = Σ dy[m, …] over the m with indices[m] = i, in rising order; block b of rows is asked for by run b of the indices',
      shapes: 'dy [m, …], indices int32 [m] → dx [rows, …]',
      gradient: 'ddy = gatherRows(ddx, indices)',
      special: 'an index outside is clamped to 0 … rows − 1; a row that nobody asked for gets 0',
    },
    gatherBatch: {
      formula: 'y[i, …] = x[order[start + cursor · stride + i], …]',
      shapes: 'x [samples, …], order int32 [m], cursor int32 [1] → y [rows, …]',
      gradient: 'not differentiable: it fetches samples, and nobody asks how the loss depends on the data set',
      special: 'a place outside the order, and an index outside x, are clamped',
    },
  },
};

export const creation: Family = {
  title: 'Random numbers and creation',
  ops: {
    fill: { formula: 'y = value', shapes: '→ y [any]', gradient: NO_INPUTS },
    randomUniform: {
      formula: 'y[i] = ⌊Threefry-2x32-20(key, i) / 2⁸⌋ / 2²⁴',
      shapes: '→ y [any]',
      gradient: NO_INPUTS,
      special: 'a multiple of 2⁻²⁴ in [0, 1): the same bits on every backend and adapter',
    },
    clone: { formula: 'y = x, in storage of its own', shapes: 'x [any] → y [the same]', gradient: 'dx = dy' },
  },
};
