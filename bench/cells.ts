// The products and convolutions that networks are made of, as data: what each computes, on which shapes, at what cost.
import { windowGeometry } from '../src/ops/window.ts';

/** A product of two matrices, [m, k] times [k, n]; a transposed operand is stored the other way round. */
export interface MatmulCell {
  readonly kernel: 'matmul';
  readonly m: number;
  readonly k: number;
  readonly n: number;
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

/** A convolution (images nhwc, kernels rsck), or one of its two gradients. */
export interface ConvCell {
  readonly kernel: 'conv2d' | 'conv2dGradInput' | 'conv2dGradKernel';
  readonly image: readonly [n: number, h: number, w: number, c: number];
  readonly weights: readonly [r: number, s: number, c: number, k: number];
  readonly stride: number;
  readonly padding: 'valid' | 'same';
}

export type Cell = MatmulCell | ConvCell;

type Shape4 = readonly [number, number, number, number];

export function matmul(m: number, k: number, n: number, transposeA = false, transposeB = false): MatmulCell {
  return { kernel: 'matmul', m, k, n, transposeA, transposeB };
}

export function conv2d(image: Shape4, weights: Shape4, stride: number, padding: 'valid' | 'same'): ConvCell {
  return { kernel: 'conv2d', image, weights, stride, padding };
}

function withGradients(forward: ConvCell): ConvCell[] {
  return (['conv2d', 'conv2dGradInput', 'conv2dGradKernel'] as const).map((kernel) => ({ ...forward, kernel }));
}

/** What every engine is compared on. */
export const comparedCells: readonly Cell[] = [
  ...withGradients(conv2d([32, 28, 28, 1], [3, 3, 1, 32], 1, 'valid')),
  ...withGradients(conv2d([8, 32, 32, 32], [3, 3, 32, 64], 1, 'same')),
  ...withGradients(conv2d([1, 56, 56, 64], [3, 3, 64, 64], 1, 'same')),
  ...withGradients(conv2d([1, 14, 14, 256], [3, 3, 256, 256], 1, 'same')),
  ...withGradients(conv2d([1, 56, 56, 64], [1, 1, 64, 256], 1, 'same')),
  ...withGradients(conv2d([1, 224, 224, 3], [7, 7, 3, 64], 2, 'same')),
  ...[matmul(256, 256, 256), matmul(512, 512, 512), matmul(32, 5408, 10)],
];

/** The products of a dense layer's gradients. */
const denseGradients: readonly Cell[] = [matmul(32, 10, 5408, false, true), matmul(5408, 32, 10, true)];

/**
 * Every distinct convolution of ResNet50 (He et al. 2015, table 1) on one image of 224x224, as Keras builds it: the stride
 * sits in the first convolution of a block, and the image comes padded to 230x230.
 */
export function resnet50Cells(): ConvCell[] {
  const stages = [
    { width: 64, side: 56, stride: 1 },
    { width: 128, side: 56, stride: 2 },
    { width: 256, side: 28, stride: 2 },
    { width: 512, side: 14, stride: 2 },
  ];
  const cells = [conv2d([1, 230, 230, 3], [7, 7, 3, 64], 2, 'valid')];
  let channels = 64;
  for (const { width, side, stride } of stages) {
    const wide = 4 * width;
    const inner = side / stride;
    const before: Shape4 = [1, side, side, channels];
    cells.push(
      conv2d(before, [1, 1, channels, width], stride, 'same'),
      conv2d(before, [1, 1, channels, wide], stride, 'same'),
      conv2d([1, inner, inner, width], [3, 3, width, width], 1, 'same'),
      conv2d([1, inner, inner, width], [1, 1, width, wide], 1, 'same'),
      conv2d([1, inner, inner, wide], [1, 1, wide, width], 1, 'same'),
    );
    channels = wide;
  }
  return [...new Map(cells.map((cell) => [nameOf(cell), cell])).values()];
}

/** All that is timed alone, each once. */
export function allCells(): Cell[] {
  const cells = [...comparedCells, ...denseGradients, ...resnet50Cells()];
  return [...new Map(cells.map((cell) => [nameOf(cell), cell])).values()];
}

export function nameOf(cell: Cell): string {
  if (cell.kernel === 'matmul') {
    const { m, k, n, transposeA, transposeB } = cell;
    return `matmul ${m}x${k}x${n}${transposeA ? ', aᵀ' : ''}${transposeB ? ', bᵀ' : ''}`;
  }
  const { kernel, image, weights, stride, padding } = cell;
  const strides = stride === 1 ? '' : ` stride ${stride}`;
  return `${kernel} ${image.join('x')} -> ${weights[3]}, ${weights[0]}x${weights[1]}${strides} ${padding}`;
}

export function geometryOf({ image, weights, stride, padding }: ConvCell) {
  const options = { window: [weights[0], weights[1]], strides: [stride, stride], dilation: [1, 1], padding } as const;
  return windowGeometry('bench', [image[1], image[2]], options);
}

/** Shape of the convolution's result, n p q k. */
export function convolvedShape(cell: ConvCell): Shape4 {
  const { p, q } = geometryOf(cell);
  return [cell.image[0], p, q, cell.weights[3]];
}

/** The two operands and the result, as our kernels take them. */
export function shapesOf(cell: Cell): { readonly a: readonly number[]; b: readonly number[]; y: readonly number[] } {
  switch (cell.kernel) {
    case 'matmul': {
      const { m, k, n, transposeA, transposeB } = cell;
      return { a: [1, ...(transposeA ? [k, m] : [m, k])], b: [1, ...(transposeB ? [n, k] : [k, n])], y: [1, m, n] };
    }
    case 'conv2d':
      return { a: cell.image, b: cell.weights, y: convolvedShape(cell) };
    case 'conv2dGradInput':
      return { a: convolvedShape(cell), b: cell.weights, y: cell.image };
    case 'conv2dGradKernel':
      return { a: cell.image, b: convolvedShape(cell), y: cell.weights };
  }
}

/** Multiplications and additions, those with padding included: it is what the definition asks for. */
export function flopsOf(cell: Cell): number {
  if (cell.kernel === 'matmul') return 2 * cell.m * cell.k * cell.n;
  const [r, s, c] = cell.weights;
  return 2 * product(convolvedShape(cell)) * r * s * c;
}

/** Bytes that must at least be moved: each operand read once, the result written once. */
export function bytesOf(cell: Cell): number {
  const { a, b, y } = shapesOf(cell);
  return 4 * (product(a) + product(b) + product(y));
}

export function product(shape: readonly number[]): number {
  return shape.reduce((all, length) => all * length, 1);
}
