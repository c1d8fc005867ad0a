// How far each kernel's float32 results may lie from the exact ones, given how far its operands do. A kernel without a
// rule does not compile. Sums are bounded for any order: n terms are off by n units of the sum of their magnitudes
// (Higham, Accuracy and Stability of Numerical Algorithms, sections 3.1 and 4.2).
import type { Shape } from '../../../src/backend/backend.ts';
import { CpuBackend } from '../../../src/backend/cpu/cpuBackend.ts';
import type { BinaryFunction, KernelAttrs, KernelName, PoolAttrs, UpdateAttrs } from '../../../src/backend/kernels.ts';
import { isFloat } from '../../../src/tensor/dtype.ts';
import { broadcastStrides, sizeOf, stridesOf } from '../../../src/tensor/shape.ts';
import { affineMatrix, affinePlace } from './affine.ts';
import {
  type Approx,
  exactly,
  larger,
  minus,
  over,
  plus,
  power,
  smaller,
  stored,
  storedError,
  times,
  ULP,
} from './approx.ts';
import { logSoftmax, softmax, softmaxCrossEntropy, unaryFormulas } from './formulas.ts';
import { clipScale, decayedBy, type UpdateKernel, updateFormulas } from './optimizers.ts';

/** An operand or a result in float64, and the error of each element. */
export interface Bounded {
  readonly shape: Shape;
  readonly float: boolean;
  readonly data: ArrayLike<number>;
  readonly error: ArrayLike<number>;
}

export interface BoundedCall<K extends KernelName> {
  /** As they were before the kernel ran. */
  readonly inputs: readonly Bounded[];
  /** What it wrote: its outputs, or its inputs where it works in place. Their errors are what a rule is for. */
  readonly results: readonly Omit<Bounded, 'error'>[];
  readonly attrs: KernelAttrs[K];
}

/** The errors of the results, in order; an absent list is one of zeros. */
type Rule<K extends KernelName> = (call: BoundedCall<K>) => ArrayLike<number>[];

const at = (x: Bounded, i: number): Approx => ({ exact: x.data[i]!, error: x.error[i]! });
const elements = (x: Bounded) => Array.from({ length: x.data.length }, (_, i) => at(x, i));
const errorsOf = (list: readonly Approx[]) => list.map(({ error }) => error);

/** The errors of a formula's results, once they are known to be what the reference computed in its own way. */
function agreed(kernel: string, formula: readonly Approx[], reference: ArrayLike<number>): number[] {
  formula.forEach(({ exact }, i) => {
    const value = reference[i]!;
    if (Object.is(exact, value) || Math.abs(exact - value) <= 1e-12 * Math.max(1, Math.abs(value))) return;
    throw new Error(`${kernel}: element ${i} is ${value} on the CPU, and ${exact} by its formula`);
  });
  return errorsOf(formula);
}

const magnitudes = (x: Bounded) => Array.from({ length: x.data.length }, (_, i) => Math.abs(x.data[i]!) + x.error[i]!);

const zero = exactly(0);

const machine = new CpuBackend('float64');

/** The kernel in float64 on other numbers of the same shapes. */
function evaluate<K extends KernelName>(
  kernel: K,
  inputs: readonly { shape: Shape; float: boolean; data: ArrayLike<number> }[],
  shape: Shape,
  attrs: KernelAttrs[K],
): ArrayLike<number> {
  const view = (of: Shape, float: boolean) => ({
    shape: of,
    dtype: float ? ('float64' as const) : ('int32' as const),
    storage: machine.allocate(8 * sizeOf(of)),
    byteOffset: 0,
  });
  const operands = inputs.map(({ shape: of, float, data }) => {
    const operand = view(of, float);
    machine.write(operand, float ? Float64Array.from(data) : Int32Array.from(data));
    return operand;
  });
  const result = view(shape, true);
  machine.run({ kernel, inputs: operands, outputs: [result], attrs });
  const values = machine.readSync(result);
  for (const { storage } of [...operands, result]) machine.free(storage);
  return values;
}

const withData = (x: Bounded, data: ArrayLike<number>) => ({ shape: x.shape, float: x.float, data });

/** Kernels that move elements about: errors move along. Indices are exact. */
function moves<K extends KernelName>(kernel: K): Rule<K> {
  return ({ inputs, results: [y], attrs }) => {
    if (!y!.float) return [];
    const errors = inputs.map((x) => withData(x, x.float ? x.error : x.data));
    return [evaluate(kernel, errors, y!.shape, attrs)];
  };
}

/** Sums of products of a and b, perhaps times a scale: what each brings times the size of the others, and `terms` roundings. */
function sumsOfProducts<K extends 'matmul' | 'conv2d' | 'conv2dGradInput' | 'conv2dGradKernel'>(
  kernel: K,
  terms: (call: BoundedCall<K>) => number,
): Rule<K> {
  return (call) => {
    const [a, b, bias, scale] = call.inputs as [Bounded, Bounded, Bounded?, Bounded?];
    const linear = { ...call.attrs, activation: 'linear' };
    type Of = (x: Bounded) => ArrayLike<number>;
    const sum = (left: ArrayLike<number>, right: ArrayLike<number>, shift: Of, factor: Of = magnitudes) => {
      const rest = [...(bias ? [withData(bias, shift(bias))] : []), ...(scale ? [withData(scale, factor(scale))] : [])];
      return evaluate(kernel, [withData(a, left), withData(b, right), ...rest], call.results[0]!.shape, linear);
    };
    const nothing: Of = ({ data }) => Array.from(data, () => 0);
    const ofError: Of = ({ error }) => error;
    const ofData: Of = ({ data }) => data;
    const values = sum(a.data, b.data, ofData, ofData);
    const byA = sum(a.error, Array.from(b.data, Math.abs), nothing);
    const byB = sum(magnitudes(a), b.error, ofError);
    const byScale = scale ? sum(magnitudes(a), magnitudes(b), nothing, ofError) : null;
    const whole = sum(magnitudes(a), magnitudes(b), magnitudes);
    const roundings = terms(call) + (bias ? 2 : 1) + (scale ? 1 : 0);
    const relu = 'activation' in call.attrs && call.attrs.activation === 'relu';
    const errors = Array.from(whole, (total, i) => {
      const error = byA[i]! + byB[i]! + (byScale?.[i] ?? 0) + roundings * ULP * total;
      return relu ? larger({ exact: values[i]!, error }, zero).error : error;
    });
    return [errors];
  };
}

/**
 * Kernels that are linear in their first input with weights that are not negative: what it brings goes the same way, and
 * each result is off by `roundings` units of the sum of its magnitudes.
 */
function linear<K extends KernelName>(kernel: K, roundings: (call: BoundedCall<K>) => number): Rule<K> {
  return (call) => {
    const [x, ...rest] = call.inputs;
    const others = rest.map((one) => withData(one, one.data));
    const along = (data: ArrayLike<number>) =>
      evaluate(kernel, [withData(x!, data), ...others], call.results[0]!.shape, call.attrs);
    const [brought, total] = [along(x!.error), along(magnitudes(x!))];
    return [Array.from(total, (sum, i) => brought[i]! + roundings(call) * ULP * sum)];
  };
}

/** Where the elements of an operand stand that broadcasts to `shape`. */
function broadcastPositions(x: Bounded, shape: Shape): number[] {
  const [strides, own] = [stridesOf(shape), broadcastStrides(x.shape, shape)];
  return Array.from({ length: sizeOf(shape) }, (_, i) =>
    shape.reduce((sum, length, d) => sum + (Math.floor(i / strides[d]!) % length) * own[d]!, 0),
  );
}

function undecided(what: string, a: Approx, b: Approx): never {
  throw new Error(`${what} of ${a.exact} (± ${a.error}) and ${b.exact} (± ${b.error}) is not decided`);
}

/** A comparison has no small error: it must hold or not hold whatever the errors. */
function compare(fn: string, a: Approx, b: Approx): Approx {
  const reach = a.error + b.error;
  if (reach > 0 && Math.abs(a.exact - b.exact) <= reach) undecided(fn, a, b);
  return exactly(0);
}

const pairs: Readonly<Record<BinaryFunction, (a: Approx, b: Approx) => Approx>> = {
  add: plus,
  sub: minus,
  mul: times,
  div: over,
  pow: power,
  maximum: larger,
  minimum: smaller,
  equal: (a, b) => compare('equal', a, b),
  notEqual: (a, b) => compare('notEqual', a, b),
  greater: (a, b) => compare('greater', a, b),
  greaterEqual: (a, b) => compare('greaterEqual', a, b),
  less: (a, b) => compare('less', a, b),
  lessEqual: (a, b) => compare('lessEqual', a, b),
  logicalAnd: (a, b) => plus(compare('logicalAnd', a, zero), compare('logicalAnd', b, zero)),
  logicalOr: (a, b) => plus(compare('logicalOr', a, zero), compare('logicalOr', b, zero)),
  reluGrad: (dy, y) => {
    compare('reluGrad', y, zero);
    return y.exact > 0 ? dy : zero;
  },
  addRelu: (a, b) => larger(plus(a, b), zero),
};

/** The members of each group of a reduction over the middle of [outer, reduced, inner]. */
function groupsOf(x: Bounded, { outer, reduced, inner }: { outer: number; reduced: number; inner: number }) {
  return Array.from({ length: outer * inner }, (_, g) =>
    Array.from({ length: reduced }, (_, r) => at(x, (Math.floor(g / inner) * reduced + r) * inner + (g % inner))),
  );
}

function rowsOf(x: Bounded): Approx[][] {
  const classes = x.shape[1]!;
  return Array.from({ length: x.shape[0]! }, (_, row) => elements(x).slice(row * classes, (row + 1) * classes));
}

function columnsOf(x: Bounded): Approx[][] {
  const [rows, channels] = x.shape as [number, number];
  return Array.from({ length: channels }, (_, c) => Array.from({ length: rows }, (_, r) => at(x, r * channels + c)));
}

/** In whatever order: one rounding a term, each of at most the sum of all magnitudes. */
function sumOf(terms: readonly Approx[]): Approx {
  const whole = terms.reduce((sum, { exact, error }) => sum + Math.abs(exact) + error, 0);
  const brought = terms.reduce((sum, { error }) => sum + error, 0);
  return { exact: terms.reduce((sum, { exact }) => sum + exact, 0), error: brought + terms.length * ULP * whole };
}

const meanOf = (terms: readonly Approx[]) => times(sumOf(terms), stored(1 / terms.length));

/** 1 / √(x + epsilon) */
const inverseRoot = (x: Approx, epsilon: number) => unaryFormulas.rsqrt(plus(x, stored(epsilon)));

function requireExact(kernel: string, x: Bounded): void {
  if (Array.from(x.error).some((error) => error > 0)) throw new Error(`${kernel}: which element wins is not decided`);
}

/** In every window the largest must be so whatever the errors; exact ties are decided by their order. */
function requireDecided(kernel: string, x: Bounded, y: Bounded, pool: PoolAttrs): void {
  const [, H, W, C] = x.shape as [number, number, number, number];
  Array.from(y.data).forEach((best, i) => {
    const [c, q] = [i % C, Math.floor(i / C) % pool.q];
    const [p, n] = [Math.floor(i / (C * pool.q)) % pool.p, Math.floor(i / (C * pool.q * pool.p))];
    const cells = Array.from({ length: pool.poolH * pool.poolW }, (_, cell) => {
      const h = p * pool.strideH + Math.floor(cell / pool.poolW);
      const w = q * pool.strideW + (cell % pool.poolW);
      return at(x, ((n * H + h) * W + w) * C + c);
    });
    const top = cells.find(({ exact }) => exact === best)!;
    for (const cell of cells) if (cell !== top) compare(kernel, top, cell);
  });
}

/** A float that becomes an integer must not lie at an edge. */
function requireWhole(v: Approx, whole: number): void {
  if (v.error === 0) return;
  for (const side of [v.exact - v.error, v.exact + v.error]) {
    if (Math.trunc(side) !== whole) undecided('cast', v, exactly(whole));
  }
}

const column = (rows: readonly (readonly Approx[])[], slot: number) => rows.map((row) => row[slot]!);

const noErrors = (): ArrayLike<number>[] => [];

export const rules: { readonly [K in KernelName]: Rule<K> } = {
  unary: ({ inputs: [x], results: [y], attrs: { fn, dtype } }) => {
    if (fn === 'identity' && x!.float && !isFloat(dtype)) {
      elements(x!).forEach((v, i) => {
        requireWhole(v, y!.data[i]!);
      });
    }
    const formula = elements(x!).map(unaryFormulas[fn]);
    if (!y!.float) return [];
    // an integer that float32 cannot hold is rounded
    const rounding = fn === 'identity' && !x!.float ? Array.from(x!.data, storedError) : null;
    return [agreed(fn, formula, y!.data).map((error, i) => error + (rounding?.[i] ?? 0))];
  },
  binary: ({ inputs: [a, b], results: [y], attrs: { fn } }) => {
    const [inA, inB] = [broadcastPositions(a!, y!.shape), broadcastPositions(b!, y!.shape)];
    const formula = inA.map((position, i) => pairs[fn](at(a!, position), at(b!, inB[i]!)));
    return y!.float ? [agreed(fn, formula, y!.data)] : [];
  },
  where: ({ inputs: [condition, a, b], results: [y] }) => {
    if (!y!.float) return [];
    const [inC, inA, inB] = [condition!, a!, b!].map((x) => broadcastPositions(x, y!.shape));
    return [inC!.map((c, i) => (condition!.data[c] ? a!.error[inA![i]!]! : b!.error[inB![i]!]!))];
  },
  fill: ({ results: [y], attrs: { value } }) => (y!.float ? [Array.from(y!.data, () => storedError(value))] : []),
  reduce: ({ inputs: [x], results: [y], attrs }) => {
    if (!y!.float) return [];
    const { fn, scale, reduced } = attrs;
    const errors = groupsOf(x!, attrs).map((group) => {
      const brought = group.reduce((sum, { error }) => sum + error, 0);
      switch (fn) {
        case 'sum': {
          const total = group.reduce((sum, { exact, error }) => sum + Math.abs(exact) + error, 0);
          // the additions, the scale itself, and the product with it
          return scale * (brought + (scale === 1 ? reduced : reduced + 2) * ULP * total);
        }
        case 'prod':
          return group.reduce(times, exactly(1)).error;
        default:
          return Math.max(0, ...errorsOf(group));
      }
    });
    return [errors];
  },
  argReduce: ({ inputs: [x], results: [winners], attrs }) => {
    groupsOf(x!, attrs).forEach((group, i) => {
      const best = group[winners!.data[i]!]!;
      for (const other of group) if (other !== best) compare('argReduce', best, other);
    });
    return [];
  },
  batchNormTraining: ({ inputs: [x, gamma, beta], results, attrs: { epsilon } }) => {
    const columns = columnsOf(x!);
    const means = columns.map(meanOf);
    const variances = columns.map((column, c) =>
      meanOf(
        column.map((value) => {
          const deviation = minus(value, means[c]!);
          return times(deviation, deviation);
        }),
      ),
    );
    const factors = variances.map((one, c) => times(at(gamma!, c), inverseRoot(one, epsilon)));
    const y = elements(x!).map((value, i) => {
      const c = i % columns.length;
      return plus(times(minus(value, means[c]!), factors[c]!), at(beta!, c));
    });
    return [y, means, variances].map((formula, i) => agreed('batchNormTraining', formula, results[i]!.data));
  },
  batchNormTrainingGrad: ({ inputs: [x, dy, gamma, mean, variance], results, attrs: { epsilon } }) => {
    const [columns, slopes] = [columnsOf(x!), columnsOf(dy!)];
    const factors = columns.map((_, c) => inverseRoot(at(variance!, c), epsilon));
    const centred = columns.map((column, c) => column.map((value) => minus(value, at(mean!, c))));
    const dbeta = slopes.map(sumOf);
    const dgamma = slopes.map((column, c) =>
      times(sumOf(column.map((slope, r) => times(slope, centred[c]![r]!))), factors[c]!),
    );
    const dx = elements(dy!).map((slope, i) => {
      const [r, c] = [Math.floor(i / columns.length), i % columns.length];
      const along = times(times(centred[c]![r]!, factors[c]!), dgamma[c]!);
      const common = times(plus(dbeta[c]!, along), stored(1 / x!.shape[0]!));
      return times(times(at(gamma!, c), factors[c]!), minus(slope, common));
    });
    return [dx, dgamma, dbeta].map((formula, i) => agreed('batchNormTrainingGrad', formula, results[i]!.data));
  },
  copy: moves('copy'),
  transpose: moves('transpose'),
  broadcastTo: moves('broadcastTo'),
  slice: moves('slice'),
  flip: moves('flip'),
  pad: ({ inputs: [x], results: [y], attrs }) =>
    y!.float
      ? [evaluate('pad', [withData(x!, x!.error)], y!.shape, { ...attrs, value: storedError(attrs.value) })]
      : [],
  concat: moves('concat'),
  gatherRows: moves('gatherRows'),
  scatterRows: linear('scatterRows', ({ inputs: [, indices] }) => indices!.data.length),
  gatherBatch: moves('gatherBatch'),
  oneHot: noErrors,
  randomUniform: noErrors,
  matmul: sumsOfProducts('matmul', ({ attrs }) => attrs.k),
  conv2d: sumsOfProducts('conv2d', ({ inputs: [, kernel] }) => sizeOf(kernel!.shape.slice(0, 3))),
  // the rows and columns of the kernel, and the output channels of one group
  conv2dGradInput: sumsOfProducts(
    'conv2dGradInput',
    ({ inputs: [, kernel], attrs }) => sizeOf(kernel!.shape) / kernel!.shape[2]! / attrs.groups,
  ),
  conv2dGradKernel: sumsOfProducts('conv2dGradKernel', ({ inputs: [, dy] }) => sizeOf(dy!.shape.slice(0, 3))),
  maxPool2d: ({ inputs: [x] }) => {
    requireExact('maxPool2d', x!);
    return [];
  },
  conv2dMaxPool2d: (call) => {
    const { pool, ...conv } = call.attrs;
    const [x, kernel] = call.inputs as [Bounded, Bounded];
    const [y, winner] = call.results as [Bounded, Bounded];
    const shape = [x.shape[0]!, conv.p, conv.q, kernel.shape[3]!];
    const z = { shape, float: true, data: evaluate('conv2d', call.inputs, shape, conv) };
    const cells = { ...z, error: rules.conv2d({ ...call, results: [z], attrs: conv })[0]! };
    requireDecided('conv2dMaxPool2d', cells, y, pool);
    return [evaluate('maxPool2dPick', [withData(cells, cells.error), winner], y.shape, pool)];
  },
  conv2dMaxPool2dGradKernel: (call) => {
    const { pool, relu, bias, ...conv } = call.attrs;
    const [x, given, winner, y] = call.inputs as [Bounded, Bounded, Bounded, Bounded?];
    const passes = (i: number) => {
      if (relu) compare('reluGrad', at(y!, i), zero);
      return !relu || y!.data[i]! > 0;
    };
    const masked = (data: ArrayLike<number>) => Array.from(data, (value, i) => (passes(i) ? value : 0));
    const dy = { ...given, data: masked(given.data), error: masked(given.error) };
    const shape = [x.shape[0]!, conv.p, conv.q, dy.shape[3]!];
    const spread = (data: ArrayLike<number>) =>
      evaluate('maxPool2dGrad', [withData(dy, data), winner], shape, { ...pool, shape });
    const dz = { shape, float: true, data: spread(dy.data), error: spread(dy.error) };
    const ofKernel = rules.conv2dGradKernel({ inputs: [x, dz], results: [call.results[0]!], attrs: conv });
    if (!bias) return ofKernel;
    const block = { outer: 1, reduced: dy.data.length / dy.shape[3]!, inner: dy.shape[3]! };
    const sum = { fn: 'sum', ...block, scale: 1 } as const;
    return [...ofKernel, ...rules.reduce({ inputs: [dy], results: [call.results[1]!], attrs: sum })];
  },
  maxPool2dGrad: linear('maxPool2dGrad', ({ attrs }) => attrs.poolH * attrs.poolW),
  maxPool2dPick: moves('maxPool2dPick'),
  // the sum of a window, and a division
  avgPool2d: linear('avgPool2d', ({ attrs }) => attrs.poolH * attrs.poolW + 2.5),
  avgPool2dGrad: linear('avgPool2dGrad', ({ attrs }) => attrs.poolH * attrs.poolW + 2.5),
  // along each axis: a weight that is a quotient, a product with it, and a sum of two
  resize2d: linear('resize2d', ({ attrs }) => (attrs.linear ? 2 * (2.5 + 1 + 1) : 0)),
  // two weights, their product, its product with dy, and a sum over all places
  resize2dGrad: linear('resize2dGrad', ({ attrs }) => (attrs.linear ? 2 * 3.5 + 2 : 0) + attrs.p * attrs.q),
  affineMatrices: ({ inputs: [parameters], results: [matrices], attrs }) => {
    const columns = parameters!.shape[1]!;
    const formula = Array.from({ length: parameters!.shape[0]! }, (_, n) =>
      affineMatrix((column) => at(parameters!, n * columns + attrs.columns[column]), attrs),
    );
    return [agreed('affineMatrices', formula.flat(), matrices!.data)];
  },
  affineResample: ({ inputs: [x, matrices], results: [y], attrs }) => {
    const [, H, W] = x!.shape as [number, number, number, number];
    const [, P, Q, C] = y!.shape as [number, number, number, number];
    const brought = Math.max(...Array.from(x!.error));
    const largest = Math.max(Math.abs(attrs.value), ...magnitudes(x!));
    const errors = Array.from(y!.data, (_, i) => {
      const [q, p, n] = [Math.floor(i / C) % Q, Math.floor(i / (C * Q)) % P, Math.floor(i / (C * Q * P))];
      const factors = Array.from({ length: 6 }, (_, k) => at(matrices!, 6 * n + k));
      const column = affinePlace(factors.slice(0, 3), q, p, W, attrs);
      const row = affinePlace(factors.slice(3), q, p, H, attrs);
      if (!attrs.linear) return brought;
      // neighbours differ by twice the largest at most; then two products and a sum along each axis
      return brought + 2 * largest * (column.error + row.error) + 8 * ULP * largest;
    });
    return [errors];
  },
  softmax: ({ inputs: [x], results: [y] }) => [agreed('softmax', rowsOf(x!).flatMap(softmax), y!.data)],
  logSoftmax: ({ inputs: [x], results: [y] }) => [agreed('logSoftmax', rowsOf(x!).flatMap(logSoftmax), y!.data)],
  softmaxCrossEntropy: ({ inputs: [logits, labels], results: [loss, slope] }) => {
    const rows = rowsOf(labels!);
    const found = rowsOf(logits!).map((row, i) => softmaxCrossEntropy(row, rows[i]!));
    return [
      agreed(
        'softmaxCrossEntropy',
        found.map((one) => one.loss),
        loss!.data,
      ),
      agreed(
        'softmaxCrossEntropy',
        found.flatMap((one) => one.slope),
        slope!.data,
      ),
    ];
  },
  classify: (call) => {
    const { inputs, results, attrs } = call;
    const [logits, labels] = inputs as [Bounded, Bounded];
    const found = rowsOf(labels).map((row, i) => softmaxCrossEntropy(rowsOf(logits)[i]!, row));
    const y = rowsOf(logits).map(softmax);
    // the answer is decided when its probability stands out
    for (const row of y) {
      const best = row.reduce((top, next) => (next.exact > top.exact ? next : top));
      for (const other of row) if (other !== best) compare('classify', best, other);
    }
    const slopes = found.flatMap(({ slope }) => slope.map((one) => times(one, stored(attrs.scale))));
    const formulas = [found.map(({ loss }) => loss), slopes, y.flat()];
    return formulas.map((formula, i) => agreed('classify', formula, results[i]!.data));
  },
  denseGrad: ({ inputs: [x, kernel, dy], results, attrs: { relu } }) => {
    const [, m, k] = x!.shape as [number, number, number];
    const n = dy!.shape[2]!;
    const plain = { batch: 1, broadcastA: false, broadcastB: false, activation: 'linear' } as const;
    const byInput = { ...plain, m, n: k, k: n, transposeA: false, transposeB: true };
    const [slopes] = rules.matmul({ inputs: [dy!, kernel!], results: [results[0]!], attrs: byInput });
    const byKernel = { ...plain, m: k, n, k: m, transposeA: true, transposeB: false };
    const [ofKernel] = rules.matmul({ inputs: [x!, dy!], results: [results[1]!], attrs: byKernel });
    const sum = { fn: 'sum', outer: 1, reduced: m, inner: n, scale: 1 } as const;
    const [ofBias] = rules.reduce({ inputs: [dy!], results: [results[2]!], attrs: sum });
    const passes = (i: number) => {
      if (relu) compare('reluGrad', at(x!, i), zero);
      return !relu || x!.data[i]! > 0;
    };
    return [Array.from(slopes!, (error, i) => (passes(i) ? error : 0)), ofKernel!, ofBias!];
  },
  accumulate: ({ inputs: [target, values], results: [after], attrs: { scale } }) => {
    const total = elements(values!).reduce((sum, { exact, error }) => sum + Math.abs(exact) + error, 0);
    const brought = Array.from(values!.error).reduce((sum, error) => sum + error, 0);
    const sum = Array.from(values!.data).reduce((all, value) => all + value, 0);
    const terms = { exact: sum, error: brought + values!.data.length * ULP * total };
    return [agreed('accumulate', [plus(at(target!, 0), times(terms, stored(scale)))], after!.data)];
  },
  pack: ({ inputs, results: [y], attrs: { offsets } }) => {
    const errors = new Float64Array(y!.data.length);
    inputs.forEach((x, i) => {
      errors.set(Array.from(x.error), offsets[i]);
    });
    return [errors];
  },
  assign: ({ inputs: [, value] }) => [value!.error],
  assignAdd: ({ inputs: [target, value], results: [after] }) => {
    const sums = elements(target!).map((v, i) => plus(v, at(value!, i)));
    return [target!.float ? agreed('assignAdd', sums, after!.data) : sums.map(() => 0)];
  },
  increment: () => [[0]],
  adam: (call) => updateRule('adam', call),
  amsgrad: (call) => updateRule('amsgrad', call),
  sgd: (call) => updateRule('sgd', call),
  rmsprop: (call) => updateRule('rmsprop', call),
  adagrad: (call) => updateRule('adagrad', call),
  adamax: (call) => updateRule('adamax', call),
  nadam: (call) => updateRule('nadam', call),
  accumulateGradient: ({ inputs: [sum, gradient, iteration], results: [after], attrs: { every } }) => {
    const ends = (iteration!.data[0]! + 1) % every === 0;
    const found = elements(sum!).map((before, i) => (ends ? zero : plus(before, at(gradient!, i))));
    return [agreed('accumulateGradient', found, after!.data)];
  },
  clipNorm: ({ inputs: [g], results: [y], attrs: { limit, together, offsets, sizes } }) => {
    const squares = offsets.map((first, part) => sumOfSquares(elements(g!).slice(first, first + sizes[part]!)));
    const all = squares.reduce(plus);
    const scales = squares.map((square) => clipScale(together ? all : square, limit));
    const found = elements(g!).map((v, i) => times(v, scales[offsets.findLastIndex((first) => first <= i)]!));
    return [agreed('clipNorm', found, y!.data)];
  },
  movingAverage: ({ inputs: [average, w, iteration], results: [mean, after], attrs }) => {
    const { momentum, every, overwrite } = attrs;
    const k = Math.floor(iteration!.data[0]! / every);
    const found = elements(w!).map((v, i) =>
      k === 0 ? v : plus(times(stored(momentum), at(average!, i)), times(stored(1 - momentum), v)),
    );
    const due = overwrite > 0 && (k + 1) % overwrite === 0;
    const weights = due ? found : elements(w!);
    return [agreed('movingAverage', found, mean!.data), agreed('movingAverage', weights, after!.data)];
  },
};

function updateRule<K extends UpdateKernel>(
  kernel: K,
  { inputs, results, attrs }: BoundedCall<K>,
): ArrayLike<number>[] {
  const [gradient, iteration, rate] = inputs.slice(-3) as [Bounded, Bounded, Bounded];
  const state = inputs.slice(0, -3);
  const { every = 1, decayed = 0 }: UpdateAttrs = attrs;
  const calls = iteration.data[0]! + 1;
  if (calls % every !== 0) return state.map(({ error }) => error);
  const lr = at(rate, 0);
  const found = elements(state[0]!).map((w, i) =>
    updateFormulas[kernel](
      {
        w: i < decayed ? decayedBy(w, lr, attrs) : w,
        // a number is the same for all elements
        slots: state.slice(1).map((slot) => at(slot, slot.data.length === 1 ? 0 : i)),
        ...{ g: at(gradient, i), rate: lr, t: calls / every },
      },
      attrs,
    ),
  );
  return state.map(({ data }, slot) => agreed(kernel, column(found, slot).slice(0, data.length), results[slot]!.data));
}

/** In any order. */
function sumOfSquares(list: readonly Approx[]): Approx {
  const squares = list.map((v) => times(v, v));
  const exact = squares.reduce((sum, square) => sum + square.exact, 0);
  const brought = squares.reduce((sum, { error }) => sum + error, 0);
  return { exact, error: brought + list.length * ULP * (exact + brought) };
}
