// Every kernel that a backend must have: its inputs, outputs and attributes. The type checker holds both backends to it.
import type { DType, Shape, View } from './backend.ts';
import { type OptimizerKernelAttrs, overwrittenByOptimizers } from './optimizerKernels.ts';

export type { MomentAttrs, UpdateAttrs } from './optimizerKernels.ts';

/** Where the windows of a convolution or pooling lie: input row h = p * strideH + r * dilationH - padTop, columns likewise. */
export interface WindowAttrs {
  /** Output rows and columns. */
  readonly p: number;
  readonly q: number;
  readonly strideH: number;
  readonly strideW: number;
  readonly dilationH: number;
  readonly dilationW: number;
  readonly padTop: number;
  readonly padLeft: number;
}

export interface ConvAttrs extends WindowAttrs {
  readonly groups: number;
}

export interface PoolAttrs extends WindowAttrs {
  readonly poolH: number;
  readonly poolW: number;
}

/** Where output i of one axis lies on the input: (i * step + start) / divisor, all whole, so that both backends agree to the bit. */
export interface Sampling {
  readonly step: number;
  readonly start: number;
  readonly divisor: number;
}

export interface ResizeAttrs {
  /** Output rows and columns. */
  readonly p: number;
  readonly q: number;
  readonly rows: Sampling;
  readonly columns: Sampling;
  /** Between the two nearest cells of each axis; else the one at or below the place. */
  readonly linear: boolean;
}

/**
 * Which quantity of a transformation stands in which column of the parameters of an image. The same column may stand for two.
 * Angles are in degrees, shifts in pixels of the input; a flip takes place below 1/2, so that its column may be a plain draw.
 */
export interface AffineColumns {
  readonly theta: number;
  readonly tx: number;
  readonly ty: number;
  readonly shear: number;
  readonly zx: number;
  readonly zy: number;
  readonly flipHorizontal: number;
  readonly flipVertical: number;
}

/**
 * What is seen at place t of n samples where t lies outside 0 ... n - 1.
 * - `nearest`: the end. `reflect`: the mirror image about the outer edge of the end, period 2n. `wrap`: the other end, period n.
 * - `wrapEnds`: as SciPy's old wrap, where first and last sample are the same one, period n - 1.
 * - `constant`: a value, as soon as one of the two coordinates lies outside.
 * - `blend`: a value in the place of each neighbour outside, so that edges fade into it.
 */
export const fillModes = ['nearest', 'reflect', 'wrap', 'wrapEnds', 'constant', 'blend'] as const;
export type FillMode = (typeof fillModes)[number];

export interface AffineAttrs {
  /** Output rows and columns. */
  readonly p: number;
  readonly q: number;
  readonly fill: FillMode;
  /** Of `constant` and `blend`. */
  readonly value: number;
  /** Between the four nearest cells; else the nearest one, of halves the one after. */
  readonly linear: boolean;
}

/** The activations that matmul and convolution apply while they write their result. */
export type FusedActivation = 'linear' | 'relu';

// biome-ignore format: a table
export const unaryFunctions = [
  'neg', 'abs', 'exp', 'log', 'log1p', 'sqrt', 'rsqrt', 'square', 'sign', 'floor', 'ceil', 'round', 'sin', 'cos', 'tanh',
  'sigmoid', 'erf', 'relu', 'softplus', 'logicalNot', 'identity',
] as const;
export type UnaryFunction = (typeof unaryFunctions)[number];

// biome-ignore format: a table
export const binaryFunctions = [
  'add', 'sub', 'mul', 'div', 'pow', 'maximum', 'minimum',
  'equal', 'notEqual', 'greater', 'greaterEqual', 'less', 'lessEqual', 'logicalAnd', 'logicalOr',
  'reluGrad', 'addRelu',
] as const;
export type BinaryFunction = (typeof binaryFunctions)[number];

export type ReduceFunction = 'sum' | 'max' | 'min' | 'prod';

export interface KernelAttrs extends OptimizerKernelAttrs {
  /** [x] -> [y], same shape; any dtype in, any out (`identity` is a cast: to bool x != 0, float to integer truncates, NaN to 0). */
  unary: { readonly fn: UnaryFunction; readonly dtype: DType };
  /** [a, b] -> [y], broadcast to y's shape. Computed in float when a or b is a float or fn is div, else in int32. NaN is the larger and the smaller of two, and true. */
  binary: { readonly fn: BinaryFunction };
  /** [condition, a, b] -> [y], broadcast: condition ? a : b. */
  where: Record<string, never>;
  /** [] -> [y]: every element `value`. */
  fill: { readonly value: number; readonly shape: Shape; readonly dtype: DType };
  /** [x] -> [y] over the middle of [outer, reduced, inner]: y[o, i] = scale * fn over r of x[o, r, i]. Max and min of ties are equal anyway; of NaN they are NaN. */
  reduce: {
    readonly fn: ReduceFunction;
    readonly outer: number;
    readonly reduced: number;
    readonly inner: number;
    readonly scale: number;
  };
  /** [x] -> [int32 y] over the middle of [outer, reduced, inner]; the first NaN wins, ties go to the lowest index. */
  argReduce: { readonly fn: 'max' | 'min'; readonly outer: number; readonly reduced: number; readonly inner: number };
  /** [x] -> [y]: the same elements in the same order, perhaps under another shape. */
  copy: { readonly shape: Shape };
  /** [x] -> [y]: y's axis d is x's axis permutation[d]. */
  transpose: { readonly permutation: readonly number[] };
  /** [x] -> [y]: x stretched to y's shape. */
  broadcastTo: { readonly shape: Shape };
  /** [x] -> [y]: the box of x that begins at `begin` (one index an axis) and has y's shape. */
  slice: { readonly begin: readonly number[]; readonly shape: Shape };
  /** [x] -> [y]: x with these axes reversed. */
  flip: { readonly axes: readonly number[] };
  /** [x] -> [y]: y is `value` but for the box of x's shape that begins at `before`. */
  pad: { readonly before: readonly number[]; readonly shape: Shape; readonly value: number };
  /** [a, b, ...] (elements of 32 bits or wider) -> [y], side by side along `axis`. */
  concat: { readonly axis: number };
  /** [x, indices int32 [m]] -> [y [m, ...]]: rows of x. Indices outside are the caller's error and clamp. */
  gatherRows: { readonly blocks: number };
  /**
   * [dy [m, ...], indices int32 [m]] -> [dx [rows, ...]]: dx[i] = sum of the rows of dy whose index (clamped) is i, in their order.
   * The indices are `blocks` runs of one length, and run b points into the b-th of as many equal blocks of rows: none other is searched for it.
   */
  scatterRows: { readonly rows: number; readonly blocks: number };
  /** [x, order int32, cursor int32 [1]] -> [y [rows, ...]]: y[i] = x[order[start + cursor * stride + i]]. How a training step finds its batch without an upload. */
  gatherBatch: { readonly start: number; readonly stride: number; readonly rows: number };
  /** [indices any shape] -> [y [..., depth]]: float one-hot rows; an index outside gives a row of zeros. */
  oneHot: { readonly depth: number };
  /** [draw int32, one number] -> [y float in [0, 1)]: Threefry-2x32-20 of (key, (element index, draw)), top 24 bits. The same bits on every backend. */
  randomUniform: { readonly key: readonly [number, number]; readonly shape: Shape };

  /** [a [batch, m, k] , b [batch, k, n], bias? [n]] -> [y [batch, m, n]]; transposes swap the last two axes of a or b. Batch 1 broadcasts. */
  matmul: {
    readonly batch: number;
    readonly m: number;
    readonly n: number;
    readonly k: number;
    readonly transposeA: boolean;
    readonly transposeB: boolean;
    readonly broadcastA: boolean;
    readonly broadcastB: boolean;
    readonly activation: FusedActivation;
  };
  /** [x nhwc, kernel rsck, bias? [k], scale? [k]] -> [y npqk]: activation(scale * the sum + bias). */
  conv2d: ConvAttrs & { readonly activation: FusedActivation };
  /** [dy npqk, kernel rsck] -> [dx nhwc]. */
  conv2dGradInput: ConvAttrs & { readonly shape: Shape };
  /** [x nhwc, dy npqk] -> [dkernel rsck]. */
  conv2dGradKernel: ConvAttrs & { readonly shape: Shape };
  /** [x nhwc] -> [y npqc, winner int32 npqc]: winner is r * poolW + s of the first NaN or maximum; padding never wins. */
  maxPool2d: PoolAttrs;
  /** [dy npqc, winner npqc] -> [dx nhwc]. */
  maxPool2dGrad: PoolAttrs & { readonly shape: Shape };
  /** [x nhwc, winner npqc] -> [y npqc]: the cell of x that won each window. */
  maxPool2dPick: PoolAttrs;
  /**
   * [x nhwc, kernel rsck, bias [k]?] -> [y npqk, winner int32 npqk]: conv2d, and maxPool2d of its result. The windows of the
   * pool do not overlap and lie inside, so that each cell of the convolution is computed once.
   */
  conv2dMaxPool2d: ConvAttrs & { readonly activation: FusedActivation; readonly pool: PoolAttrs };
  /**
   * [x nhwc, dy npqk, winner npqk, y npqk if relu] -> [dkernel rsck, dbias [1, k] if bias], behind such a pool. With dz = dy, or
   * reluGrad(dy, y): dkernel = conv2dGradKernel(x, maxPool2dGrad(dz, winner)), dbias = the sum of dz over n, p, q.
   */
  conv2dMaxPool2dGradKernel: ConvAttrs & {
    readonly pool: PoolAttrs;
    readonly shape: Shape;
    readonly relu: boolean;
    readonly bias: boolean;
  };
  /** [x nhwc] -> [y npqc]: the mean of the cells of each window; padding counts neither above nor below the line. */
  avgPool2d: PoolAttrs;
  /** [dy npqc] -> [dx nhwc]. */
  avgPool2dGrad: PoolAttrs & { readonly shape: Shape };
  /** [x nhwc] -> [y npqc]: x sampled at other places, to the nearest cell below or linearly between four. */
  resize2d: ResizeAttrs;
  /** [dy npqc] -> [dx nhwc]. */
  resize2dGrad: ResizeAttrs & { readonly shape: Shape };

  /**
   * [parameters [n, k]] -> [matrices [n, 6] = (a0 a1 a2 b0 b1 b2)]: output pixel (x, y) = (column, row) lies at column
   * a0 x + a1 y + a2 and row b0 x + b1 y + b2 of the input. They are R(theta) T(tx, ty) H(shear) Z(zx, zy) about the centre, behind
   * the flips of a picture of that width and height: R turns the picture counter-clockwise, H = [[1, -sin], [0, cos]].
   */
  affineMatrices: {
    readonly columns: AffineColumns;
    readonly width: number;
    readonly height: number;
    readonly centerX: number;
    readonly centerY: number;
  };
  /** [x nhwc (float or uint8), matrices [n, 6]] -> [float y npqc]: x sampled at the places that the matrix of its image gives. */
  affineResample: AffineAttrs;

  /**
   * [x [rows, c], gamma [c], beta [c]] -> [y [rows, c], mean [c], variance [c]]: y = (x - mean) gamma / √(variance + epsilon) + beta, with
   * the mean over the rows and the mean squared distance from it.
   */
  batchNormTraining: { readonly epsilon: number };
  /**
   * [x [rows, c], dy [rows, c], gamma [c], mean [c], variance [c]] -> [dx [rows, c], dgamma [c], dbeta [c]]: the gradients of such a y,
   * those by way of the statistics included.
   */
  batchNormTrainingGrad: { readonly epsilon: number };

  /** [x [rows, c]] -> [y [rows, c]]. */
  softmax: Record<string, never>;
  logSoftmax: Record<string, never>;
  /** [logits [rows, c], labels [rows, c]] -> [loss [rows], gradient [rows, c]]: loss = sum_c -labels * log_softmax(logits); gradient = softmax * sum(labels) - labels. */
  softmaxCrossEntropy: Record<string, never>;

  /**
   * [logits [rows, c], labels [rows, c]] -> [loss [rows], slope [rows, c], y [rows, c], hit [rows]]: softmaxCrossEntropy, its slope
   * times `scale`; y = softmax(logits); hit is 1 where labels and y are largest at the same class, the first of equals, else 0.
   */
  classify: { readonly scale: number };
  /**
   * [x [1, m, k], kernel [1, k, n], dy [1, m, n]] -> [dx [1, m, k], dkernel [1, k, n], dbias [1, n]]: the gradients of
   * y = x kernel + bias; dx is 0 where not x > 0 if `relu`, as it is when x is the result of one. Made for few n; n and k are even.
   */
  denseGrad: { readonly relu: boolean };
  /** [target [1] (in place), values]: target += scale * the sum of all values. */
  accumulate: { readonly scale: number };

  /** [a, b, ...] -> [y [size]]: flattened, each from its offset (in elements) on; gaps may hold anything. */
  pack: { readonly offsets: readonly number[]; readonly size: number };
  /** [target (in place), value]: target = value. */
  assign: Record<string, never>;
  /** [target (in place), value]: target += value. */
  assignAdd: Record<string, never>;
  /** [target int32 [1] (in place)]: target += by. */
  increment: { readonly by: number };
}

export type KernelName = keyof KernelAttrs;

/** The inputs that a kernel overwrites: those of the kernels that work in place. */
export const overwritten: { readonly [K in KernelName]?: readonly number[] } = {
  accumulate: [0],
  assign: [0],
  assignAdd: [0],
  increment: [0],
  ...overwrittenByOptimizers,
};

/** One kernel with its operands. Kernels that work in place have their targets among the inputs and no outputs. */
export interface KernelCall<K extends KernelName = KernelName> {
  readonly kernel: K;
  readonly inputs: readonly View[];
  readonly outputs: readonly View[];
  readonly attrs: KernelAttrs[K];
}
