// What the kernels are asked for: sizes at the edges of vectors, register tiles and splits. Every case fits by construction
// (an input is as long as its windows need), so that a failure shrinks along each of its numbers alone.
import fc from 'fast-check';
import type { DType } from '../../src/backend/backend.ts';
import { fillModes, type PoolAttrs, type ReduceFunction } from '../../src/backend/kernels.ts';
import { type Padding, windowGeometry } from '../../src/ops/window.ts';
import { sizeOf } from '../../src/tensor/shape.ts';
import { type Convolution, fitted } from './convolutions.ts';
import { among } from './property.ts';

/** Big cases prove no more than small ones. */
const MOST_ELEMENTS = 20_000;
const MOST_PRODUCTS = 300_000;

/** Of the values of a case. */
export const seed = fc.nat(999);
export const dtypes = among<DType>(['float32', 'int32', 'uint8', 'bool']);
export const activations = among(['linear', 'relu'] as const);

export const lengths = among([1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17]);

const small = (shape: readonly number[]) => sizeOf(shape) <= MOST_ELEMENTS;

const axisLengths = among([1, 2, 3, 4, 5, 7, 16, 33]);

/** Ranks 0 to 6. */
export const shapes = fc.array(axisLengths, { maxLength: 6 }).filter(small);

/** A shape with an order of its axes. */
export const permuted = fc
  .array(fc.record({ length: axisLengths, rank: fc.nat(9) }), { maxLength: 6 })
  .map((axes) => ({
    shape: axes.map(({ length }) => length),
    permutation: axes.map((_, d) => d).sort((a, b) => axes[a]!.rank - axes[b]!.rank || a - b),
  }))
  .filter(({ shape }) => small(shape));

/** A shape of rank 0 to 6, and `count` shapes that stretch to it. */
export function stretched(count: number): fc.Arbitrary<{ shape: number[]; parts: number[][] }> {
  const each = <T>(arbitrary: fc.Arbitrary<T>) => fc.array(arbitrary, { minLength: count, maxLength: count });
  const axes = fc.array(fc.record({ length: axisLengths, single: each(fc.boolean()) }), { maxLength: 6 });
  // leading axes that a part does not have
  return fc
    .record({ axes, missing: each(among([0, 0, 1, 2])) })
    .map(({ axes, missing }) => ({
      shape: axes.map(({ length }) => length),
      parts: missing.map((from, part) => axes.slice(from).map(({ length, single }) => (single[part] ? 1 : length))),
    }))
    .filter(({ shape }) => small(shape));
}

/** Windows along one axis, before it is known how they are padded. */
interface Axis {
  readonly count: number;
  readonly window: number;
  readonly stride: number;
  readonly dilation: number;
  readonly before: number;
  readonly after: number;
  /** Cells that no window reaches. */
  readonly rest: number;
}

const upTo = (most: number) => fc.integer({ min: 1, max: most });

/** Strides above the window leave gaps; padding above it, windows that see nothing else. */
function axis(counts: readonly number[], window: number, dilation: number): fc.Arbitrary<Axis> {
  const stride = among([1, 2, 3, 4, 8]);
  const [before, after, rest] = [fc.nat(window), fc.nat(window), fc.nat(7)];
  return fc.record({
    count: among(counts),
    window: upTo(window),
    stride,
    dilation: upTo(dilation),
    before,
    after,
    rest,
  });
}

// register tiles are 4 columns wide
const rows = [1, 2, 3, 4, 5, 8];
const columns = [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 33];
const paddings = among(['valid', 'same', 'explicit'] as const);

function lengthFor({ count, window, stride, dilation, before, after, rest }: Axis, padding: string): number {
  const last = (count - 1) * stride + (rest % stride) + 1;
  if (padding === 'same') return last;
  const padded = last + (window - 1) * dilation;
  return padding === 'valid' ? padded : Math.max(1, padded - before - after);
}

const paddingOf = (down: Axis, across: Axis, padding: string): Padding =>
  padding === 'explicit' ? [down, across].map(({ before, after }) => [before, after]) : padding;

const channels = among([1, 2, 3, 4, 5, 8, 17, 32]);
const few = among([1, 2, 3, 4, 5, 8]);

/** Groups, with input and output channels of each. */
const groupings = fc.oneof(
  { withCrossShrink: true },
  { weight: 3, arbitrary: fc.record({ groups: fc.constant(1), c: channels, k: channels }) },
  { weight: 1, arbitrary: fc.record({ groups: among([2, 3]), c: few, k: few }) },
  // depthwise
  { weight: 1, arbitrary: fc.record({ groups: channels, c: fc.constant(1), k: among([1, 2, 4]) }) },
);

export const convolutions: fc.Arbitrary<Convolution> = fc
  .record({ n: upTo(3), down: axis(rows, 7, 3), across: axis(columns, 7, 3), padding: paddings, grouping: groupings })
  .map(({ n, down, across, padding, grouping: { groups, c, k } }) =>
    fitted(
      [n, lengthFor(down, padding), lengthFor(across, padding), c * groups],
      [down.window, across.window, c, k * groups],
      {
        strides: [down.stride, across.stride],
        dilation: [down.dilation, across.dilation],
        padding: paddingOf(down, across, padding),
        groups,
      },
    ),
  )
  .filter(({ x, y, kernel }) => small(x) && sizeOf(y) * sizeOf(kernel.slice(0, 3)) <= MOST_PRODUCTS);

export interface Pooling {
  readonly attrs: PoolAttrs;
  readonly x: readonly number[];
  readonly y: readonly number[];
}

/** Each window holds at least one cell of x. */
export const poolings: fc.Arbitrary<Pooling> = fc
  .record({ n: upTo(3), c: channels, down: axis(rows, 5, 1), across: axis(columns, 5, 1), padding: paddings })
  .map(({ n, c, padding, ...axes }) => {
    const inWindow = (one: Axis) => ({ ...one, before: one.before % one.window, after: one.after % one.window });
    const [down, across] = [inWindow(axes.down), inWindow(axes.across)];
    const [h, w] = [lengthFor(down, padding), lengthFor(across, padding)];
    const window = windowGeometry('test', [h, w], {
      window: [down.window, across.window],
      strides: [down.stride, across.stride],
      dilation: [1, 1],
      padding: paddingOf(down, across, padding),
    });
    const attrs = { ...window, poolH: down.window, poolW: across.window };
    return { attrs, x: [n, h, w, c], y: [n, window.p, window.q, c] };
  })
  .filter(({ x, y }) => small(x) && small(y));

const sides = among([1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 63, 64, 65]);

export const products = fc
  .record({
    batch: upTo(3),
    m: sides,
    // sums are split from 64 on
    k: among([1, 2, 3, 4, 5, 31, 32, 33, 63, 64, 65, 96, 130, 1000, 0]),
    n: sides,
    transposeA: fc.boolean(),
    transposeB: fc.boolean(),
    single: among(['neither', 'a', 'b'] as const),
    activation: activations,
  })
  .filter(({ batch, m, k, n }) => batch * m * k * n <= MOST_PRODUCTS)
  .map(({ single, ...attrs }) => ({ ...attrs, broadcastA: single === 'a', broadcastB: single === 'b' }));

/** [outer, reduced, inner]: sums above 64 are split, unless there are 8192 of them. */
export const blocks = fc
  .record({
    outer: among([1, 2, 3, 4, 9, 65, 9000]),
    reduced: among([1, 2, 3, 5, 63, 64, 65, 128, 129, 512, 513, 700, 5000]),
    inner: among([1, 2, 3, 4, 5, 8, 12, 33]),
  })
  .filter(({ outer, reduced, inner }) => outer * reduced * inner <= 4 * MOST_ELEMENTS);

export const reductions = fc.record({
  block: blocks,
  fn: among<ReduceFunction>(['sum', 'max', 'min', 'prod']),
  dtype: among(['float32', 'int32'] as const),
});

/** Indices of rows; those outside are clamped, or stand for no row. */
export const indices = fc.array(
  fc.oneof(
    { weight: 9, arbitrary: fc.integer({ min: -2, max: 20 }) },
    { weight: 1, arbitrary: among([2 ** 31 - 1, -(2 ** 31)]) },
  ),
  { minLength: 1, maxLength: 20 },
);

/** A table of rows of any shape. */
export const tables = fc.record({
  rows: lengths,
  row: shapes.filter((shape) => shape.length < 4),
  dtype: dtypes,
  seed,
});

/** Rows of logits around `centre`. */
export const logits = fc.record({
  rows: among([1, 2, 3, 5, 63, 64, 65]),
  classes: among([1, 2, 3, 4, 5, 10, 63, 64, 65, 257, 1000]),
  centre: among([0, 1000, -1000]),
  seed,
});

/** A box inside a tensor. */
export const boxes = fc
  .array(fc.record({ length: axisLengths, before: fc.nat(3), after: fc.nat(3) }), { maxLength: 6 })
  .map((axes) => ({
    whole: axes.map(({ length, before, after }) => before + length + after),
    begin: axes.map(({ before }) => before),
    shape: axes.map(({ length }) => length),
  }))
  .filter(({ whole }) => small(whole));

/** A frame around a tensor, which may have no elements. */
export const frames = boxes.map(({ whole, begin, shape }) => ({ inner: shape, before: begin, shape: whole }));

/** A shape, one of its axes, and other lengths along it. */
export const parts = fc
  .record({
    shape: fc.array(axisLengths, { minLength: 1, maxLength: 6 }),
    at: fc.nat(5),
    lengths: fc.array(among([1, 2, 0, 3, 4, 7, 16]), { minLength: 1, maxLength: 5 }),
  })
  .map(({ shape, at, lengths }) => ({ shape, axis: at % shape.length, lengths }))
  .filter(({ shape, axis, lengths }) => {
    const whole = lengths.reduce((sum, length) => sum + length, 0);
    return whole > 0 && small(shape.with(axis, whole));
  });

/** Places of outputs on an axis: any at all, also far outside. */
const samplings = fc.record({
  step: among([2, 0, 1, 3, 7, 10]),
  start: fc.integer({ min: -9, max: 9 }),
  divisor: among([2, 1, 3, 4, 10]),
});

export const resizings = fc
  .record({ n: upTo(2), c: few, h: lengths, w: lengths, p: lengths, q: lengths, rows: samplings, columns: samplings })
  .chain((drawn) => fc.boolean().map((linear) => ({ ...drawn, linear })))
  .map(({ n, c, h, w, p, q, ...rest }) => ({ attrs: { p, q, ...rest }, x: [n, h, w, c], y: [n, p, q, c] }))
  .filter(({ x, y }) => small(x) && small(y) && sizeOf(x) * sizeOf(y) < 2_000_000);

/** Pictures, and matrices of quarters that lead anywhere, also far outside. */
export const resamplings = fc
  .record({
    ...{ n: upTo(3), h: lengths, w: lengths, c: few, p: lengths, q: lengths },
    factors: fc.array(fc.integer({ min: -8, max: 8 }), { minLength: 18, maxLength: 18 }),
    shifts: fc.array(fc.integer({ min: -150, max: 150 }), { minLength: 6, maxLength: 6 }),
    fill: among(fillModes),
    linear: fc.boolean(),
    bytes: fc.boolean(),
  })
  .map(({ n, h, w, c, p, q, factors, shifts, fill, linear, bytes }) => ({
    attrs: { p, q, fill, value: -2, linear },
    x: [n, h, w, c],
    y: [n, p, q, c],
    dtype: bytes ? ('uint8' as const) : ('float32' as const),
    matrices: Array.from({ length: 6 * n }, (_, i) => (i % 3 === 2 ? shifts[(i - 2) / 3]! : factors[i]!) / 4),
  }))
  .filter(({ x, y }) => small(x) && small(y));

/** Parameters of transformations whose matrices are exact: quarters of a turn, halves of everything else. */
export const transformations = fc.array(
  fc.record({
    ...{ theta: fc.integer({ min: -9, max: 9 }), shear: fc.integer({ min: -5, max: 5 }) },
    ...{ tx: fc.integer({ min: -40, max: 40 }), ty: fc.integer({ min: -40, max: 40 }) },
    ...{ zx: fc.integer({ min: 0, max: 6 }), zy: fc.integer({ min: 0, max: 6 }) },
    ...{ flipX: fc.boolean(), flipY: fc.boolean() },
  }),
  { minLength: 1, maxLength: 70 },
);

/** A convolution with a pool behind it, whose windows neither overlap nor reach outside. */
export const pooledConvolutions = fc
  .record({ convolution: convolutions, poolH: upTo(3), poolW: upTo(3), gapH: fc.nat(1), gapW: fc.nat(1) })
  .map(({ convolution, gapH, gapW, ...drawn }) => {
    const { p, q } = convolution.attrs;
    const [poolH, poolW] = [Math.min(drawn.poolH, p), Math.min(drawn.poolW, q)];
    const pool = {
      ...windowGeometry('test', [p, q], {
        window: [poolH, poolW],
        strides: [poolH + gapH, poolW + gapW],
        dilation: [1, 1],
        padding: 'valid',
      }),
      poolH,
      poolW,
    };
    return { ...convolution, pool, y: [convolution.x[0]!, pool.p, pool.q, convolution.kernel[3]!] };
  });
