// The three convolutions of ops/conv2d.ts, in its letters: n p q over outputs, r s over the window, c over input and
// k over output channels of one group. The cells under one window, in the order r s c, are its patch. With t for a place
// in the patch:
//
//   y[q, k]       = sum over t of patch[q, t] * kernel[t, k]
//   dpatch[q, t]  = sum over k of dy[q, k] * kernel[t, k], added to where the patch came from
//   dkernel[t, k] = sum over all windows of patch[q, t] * dy[q, k]
//
// TILE windows side by side share every load of the kernel, which is what makes this fast; sums are kept in float64.
import type { Shape, TypedArray } from '../backend.ts';
import type { ConvAttrs } from '../kernels.ts';
import type { CpuKernels } from './cpuKernel.ts';

const TILE = 4;

type Four = [number, number, number, number];

function geometry(x: Shape, kernel: Shape, attrs: ConvAttrs) {
  const [N, H, W, C] = x as Four;
  const [R, S, Cg, K] = kernel as Four;
  const { groups: G, p: P, q: Q } = attrs;
  return { N, H, W, C, R, S, Cg, K, G, Kg: K / G, P, Q, T: R * S * Cg, attrs };
}

type Geometry = ReturnType<typeof geometry>;

/** Input row or column of each window and tap of one axis, or -1 in the padding: [window * taps + tap]. */
function tapPlaces(
  windows: number,
  taps: number,
  length: number,
  stride: number,
  dilation: number,
  pad: number,
): Int32Array {
  return Int32Array.from({ length: windows * taps }, (_, i) => {
    const h = Math.floor(i / taps) * stride + (i % taps) * dilation - pad;
    return h >= 0 && h < length ? h : -1;
  });
}

/** Where the cells of a tile of patches lie in x: places[t * TILE + i] for window q + i, -1 in the padding or past the edge. */
class PatchPlaces {
  readonly places: Int32Array;
  private readonly geometry: Geometry;
  private readonly rows: Int32Array;
  private readonly columns: Int32Array;

  constructor(geometry: Geometry) {
    const { H, W, R, S, P, Q, T, attrs } = geometry;
    this.geometry = geometry;
    this.places = new Int32Array(T * TILE);
    this.rows = tapPlaces(P, R, H, attrs.strideH, attrs.dilationH, attrs.padTop);
    this.columns = tapPlaces(Q, S, W, attrs.strideW, attrs.dilationW, attrs.padLeft);
  }

  move(n: number, p: number, q: number, g: number): void {
    const { H, W, C, R, S, Cg, Q } = this.geometry;
    for (let i = 0; i < TILE; i++) {
      for (let r = 0; r < R; r++) {
        const h = this.rows[p * R + r]!;
        for (let s = 0; s < S; s++) {
          const w = q + i < Q ? this.columns[(q + i) * S + s]! : -1;
          const first = ((n * H + h) * W + w) * C + g * Cg;
          const t = (r * S + s) * Cg;
          for (let c = 0; c < Cg; c++) this.places[(t + c) * TILE + i] = h < 0 || w < 0 ? -1 : first + c;
        }
      }
    }
  }

  gather(x: TypedArray, patch: Float64Array): void {
    for (let j = 0; j < patch.length; j++) {
      const place = this.places[j]!;
      patch[j] = place < 0 ? 0 : x[place]!;
    }
  }

  scatterAdd(patch: Float64Array, x: Float64Array): void {
    for (let j = 0; j < patch.length; j++) {
      const place = this.places[j]!;
      if (place >= 0) x[place]! += patch[j]!;
    }
  }
}

/** Calls visit for every tile of windows of every group; `at` is where y[n, p, q, first channel of the group] lies. */
function forEachTile(
  { N, P, Q, K, G, Kg }: Geometry,
  visit: (n: number, p: number, q: number, g: number, at: number) => void,
): void {
  for (let n = 0; n < N; n++) {
    for (let p = 0; p < P; p++) {
      for (let q = 0; q < Q; q += TILE) {
        for (let g = 0; g < G; g++) visit(n, p, q, g, ((n * P + p) * Q + q) * K + g * Kg);
      }
    }
  }
}

/**
 * Calls visit for every single product, with its places in x, kernel and y. Slow, and needed where an operand is infinite or
 * NaN: tiles multiply it by the zeros they hold for the padding, which takes no part.
 */
function forEachTerm(shapes: Geometry, visit: (inX: number, inKernel: number, inY: number) => void): void {
  const { K, Kg } = shapes;
  const patch = new PatchPlaces(shapes);
  forEachTile(shapes, (n, p, q, g, at) => {
    patch.move(n, p, q, g);
    patch.places.forEach((place, j) => {
      if (place < 0) return;
      const [t, i] = [Math.floor(j / TILE), j % TILE];
      for (let k = 0; k < Kg; k++) visit(place, t * K + g * Kg + k, at + i * K + k);
    });
  });
}

/** The rows dy[q ... q + TILE - 1] of one group as [k * TILE + i]; rows past the edge are zero. */
function loadRows(dy: TypedArray, at: number, rows: Float64Array, q: number, { Q, K, Kg }: Geometry): void {
  for (let i = 0; i < TILE; i++) {
    for (let k = 0; k < Kg; k++) rows[k * TILE + i] = q + i < Q ? dy[at + i * K + k]! : 0;
  }
}

/**
 * sums[a * TILE + i] = sum over b of tile(b, i) * matrix[a * byA + b * byB]: a tile of four columns times a matrix.
 * A function of its own, since its variables must be locals for the compiler to keep them in registers.
 */
function timesMatrix(
  sums: Float64Array,
  countA: number,
  tile: Float64Array,
  countB: number,
  matrix: Float64Array,
  first: number,
  byA: number,
  byB: number,
): void {
  for (let a = 0; a < countA; a++) {
    let sum0 = 0;
    let sum1 = 0;
    let sum2 = 0;
    let sum3 = 0;
    for (let b = 0; b < countB; b++) {
      const weight = matrix[first + a * byA + b * byB]!;
      sum0 += tile[b * 4]! * weight;
      sum1 += tile[b * 4 + 1]! * weight;
      sum2 += tile[b * 4 + 2]! * weight;
      sum3 += tile[b * 4 + 3]! * weight;
    }
    sums[a * 4] = sum0;
    sums[a * 4 + 1] = sum1;
    sums[a * 4 + 2] = sum2;
    sums[a * 4 + 3] = sum3;
  }
}

/** matrix[a * byA + b] += sum over i of left[a, i] * right[b, i]: the products of two tiles. */
function addProducts(
  matrix: Float64Array,
  first: number,
  byA: number,
  left: Float64Array,
  countA: number,
  right: Float64Array,
  countB: number,
): void {
  for (let a = 0; a < countA; a++) {
    const left0 = left[a * 4]!;
    const left1 = left[a * 4 + 1]!;
    const left2 = left[a * 4 + 2]!;
    const left3 = left[a * 4 + 3]!;
    const row = first + a * byA;
    for (let b = 0; b < countB; b++) {
      matrix[row + b]! +=
        left0 * right[b * 4]! + left1 * right[b * 4 + 1]! + left2 * right[b * 4 + 2]! + left3 * right[b * 4 + 3]!;
    }
  }
}

/** y[q + i, k] = max(rows[k, i] * scale[k] + bias[k], lowest), for the windows of a tile that exist. */
function storeRows(
  rows: Float64Array,
  y: TypedArray,
  at: number,
  q: number,
  g: number,
  { Q, K, Kg }: Geometry,
  bias: TypedArray | null,
  scale: TypedArray | null,
  lowest: number,
): void {
  for (let i = 0; i < Math.min(TILE, Q - q); i++) {
    for (let k = 0; k < Kg; k++) {
      const channel = g * Kg + k;
      const sum = rows[k * TILE + i]! * (scale ? scale[channel]! : 1) + (bias ? bias[channel]! : 0);
      y[at + i * K + k] = Math.max(sum, lowest);
    }
  }
}

export const convKernels: CpuKernels<'conv2d' | 'conv2dGradInput' | 'conv2dGradKernel'> = {
  conv2d({ inputs: [x, kernel, bias, scale], outputs: [y], attrs }) {
    const shapes = geometry(x!.shape, kernel!.shape, attrs);
    const { K, Kg, T } = shapes;
    const places = new PatchPlaces(shapes);
    const patch = new Float64Array(T * TILE);
    const rows = new Float64Array(Kg * TILE);
    const weights = Float64Array.from(kernel!.data);
    const lowest = attrs.activation === 'relu' ? 0 : -Infinity;
    if (!weights.every(Number.isFinite)) {
      const sums = new Float64Array(y!.data.length);
      forEachTerm(shapes, (inX, inKernel, inY) => {
        sums[inY]! += x!.data[inX]! * weights[inKernel]!;
      });
      const factor = (i: number) => (scale ? scale.data[i % K]! : 1);
      y!.data.set(sums.map((sum, i) => Math.max(sum * factor(i) + (bias ? bias.data[i % K]! : 0), lowest)));
      return;
    }
    forEachTile(shapes, (n, p, q, g, at) => {
      places.move(n, p, q, g);
      places.gather(x!.data, patch);
      timesMatrix(rows, Kg, patch, T, weights, g * Kg, 1, K);
      storeRows(rows, y!.data, at, q, g, shapes, bias?.data ?? null, scale?.data ?? null, lowest);
    });
  },

  conv2dGradInput({ inputs: [dy, kernel], outputs: [dx], attrs }) {
    const shapes = geometry(dx!.shape, kernel!.shape, attrs);
    const { K, Kg, T } = shapes;
    const places = new PatchPlaces(shapes);
    const patch = new Float64Array(T * TILE);
    const rows = new Float64Array(Kg * TILE);
    const weights = Float64Array.from(kernel!.data);
    const sums = new Float64Array(dx!.data.length);
    forEachTile(shapes, (n, p, q, g, at) => {
      loadRows(dy!.data, at, rows, q, shapes);
      timesMatrix(patch, T, rows, Kg, weights, g * Kg, K, 1);
      places.move(n, p, q, g);
      places.scatterAdd(patch, sums);
    });
    dx!.data.set(sums);
  },

  conv2dGradKernel({ inputs: [x, dy], outputs: [dkernel], attrs }) {
    const shapes = geometry(x!.shape, dkernel!.shape, attrs);
    const { K, Kg, T } = shapes;
    const places = new PatchPlaces(shapes);
    const patch = new Float64Array(T * TILE);
    const rows = new Float64Array(Kg * TILE);
    const sums = new Float64Array(T * K);
    const slopes = Float64Array.from(dy!.data);
    if (slopes.every(Number.isFinite)) {
      forEachTile(shapes, (n, p, q, g, at) => {
        places.move(n, p, q, g);
        places.gather(x!.data, patch);
        loadRows(slopes, at, rows, q, shapes);
        addProducts(sums, g * Kg, K, patch, T, rows, Kg);
      });
    } else {
      forEachTerm(shapes, (inX, inKernel, inY) => {
        sums[inKernel]! += x!.data[inX]! * slopes[inY]!;
      });
    }
    dkernel!.data.set(sums);
  },
};
