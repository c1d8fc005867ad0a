// Pooling and resizing of images.
import type { Shape } from '../../../src/backend/backend.ts';
import type { PoolAttrs, ResizeAttrs, Sampling } from '../../../src/backend/kernels.ts';
import { at, clamp, type DefinedCall, type Definitions, defined, sumOver, tabulate } from './definition.ts';

type Four = [number, number, number, number];

interface Cell {
  readonly h: number;
  readonly w: number;
  /** Its number in the window, padding counted: row * poolW + column. */
  readonly code: number;
}

/** The cells of window (p, q) that lie on an image of this shape, row by row. */
function cellsOf(p: number, q: number, [, H, W]: Shape, a: PoolAttrs): Cell[] {
  return tabulate([a.poolH, a.poolW], (r, s) => ({
    h: p * a.strideH + r - a.padTop,
    w: q * a.strideW + s - a.padLeft,
    code: r * a.poolW + s,
  })).filter(({ h, w }) => h >= 0 && h < H! && w >= 0 && w < W!);
}

/** The cell of each window with the largest value, the first of equals. */
function winners({ inputs: [x], results: [y], attrs }: DefinedCall<'maxPool2d'>) {
  return tabulate(y!.shape, (n, p, q, c) => {
    const cells = cellsOf(p, q, x!.shape, attrs).map((cell) => ({ ...cell, value: at(x, n, cell.h, cell.w, c) }));
    return cells.reduce((best, cell) => (cell.value > best.value ? cell : best));
  });
}

/** How much of cell h of an axis of `length` output i takes: at its place, or 1 less the distance to it. */
function share(i: number, h: number, length: number, { step, start, divisor }: Sampling, linear: boolean): number {
  const place = clamp((i * step + start) / divisor, 0, length - 1);
  return linear ? Math.max(0, 1 - Math.abs(place - h)) : Number(Math.floor(place) === h);
}

/** The part of pixel (h, w) in output (p, q). */
function weight(p: number, q: number, h: number, w: number, [, H, W]: Shape, a: ResizeAttrs): number {
  return share(p, h, H!, a.rows, a.linear) * share(q, w, W!, a.columns, a.linear);
}

type Windows =
  | 'maxPool2d'
  | 'maxPool2dGrad'
  | 'maxPool2dPick'
  | 'avgPool2d'
  | 'avgPool2dGrad'
  | 'resize2d'
  | 'resize2dGrad';

export const windows: Definitions<Windows> = {
  // y and winner of the largest cell
  maxPool2d: {
    measure: 'nothing',
    of: (call) => [winners(call).map(({ value }) => value), winners(call).map(({ code }) => code)],
  },

  // dx[n, h, w, c] = sum over the windows that (h, w) won of dy[n, p, q, c]
  maxPool2dGrad: defined('terms', ([dy, winner], attrs, dx) => {
    const [, P, Q] = dy!.shape as Four;
    return tabulate(dx.shape, (n, h, w, c) =>
      sumOver([P, Q], (p, q) => {
        const won = cellsOf(p, q, dx.shape, attrs).find(({ code }) => code === at(winner, n, p, q, c));
        return won?.h === h && won?.w === w ? at(dy, n, p, q, c) : 0;
      }),
    );
  }),

  // y[n, p, q, c] = x at the cell that won
  maxPool2dPick: defined('nothing', ([x, winner], attrs, y) =>
    tabulate(y.shape, (n, p, q, c) => {
      const { h, w } = cellsOf(p, q, x!.shape, attrs).find(({ code }) => code === at(winner, n, p, q, c))!;
      return at(x, n, h, w, c);
    }),
  ),

  // y[n, p, q, c] = the mean of the cells on the image
  avgPool2d: defined('terms', ([x], attrs, y) =>
    tabulate(y.shape, (n, p, q, c) => {
      const cells = cellsOf(p, q, x!.shape, attrs);
      return cells.reduce((sum, { h, w }) => sum + at(x, n, h, w, c), 0) / cells.length;
    }),
  ),

  // dx[n, h, w, c] = sum over the windows that hold (h, w) of dy[n, p, q, c] / cells of that window
  avgPool2dGrad: defined('terms', ([dy], attrs, dx) => {
    const [, P, Q] = dy!.shape as Four;
    return tabulate(dx.shape, (n, h, w, c) =>
      sumOver([P, Q], (p, q) => {
        const cells = cellsOf(p, q, dx.shape, attrs);
        return cells.some((cell) => cell.h === h && cell.w === w) ? at(dy, n, p, q, c) / cells.length : 0;
      }),
    );
  }),

  // y[n, p, q, c] = sum over h, w of weight * x[n, h, w, c]
  resize2d: defined('terms', ([x], attrs, y) => {
    const [, H, W] = x!.shape as Four;
    return tabulate(y.shape, (n, p, q, c) =>
      sumOver([H, W], (h, w) => weight(p, q, h, w, x!.shape, attrs) * at(x, n, h, w, c)),
    );
  }),

  // dx[n, h, w, c] = sum over p, q of weight * dy[n, p, q, c]
  resize2dGrad: defined('terms', ([dy], attrs, dx) => {
    const [, P, Q] = dy!.shape as Four;
    return tabulate(dx.shape, (n, h, w, c) =>
      sumOver([P, Q], (p, q) => weight(p, q, h, w, dx.shape, attrs) * at(dy, n, p, q, c)),
    );
  }),
};
