import { type AffineAttrs, type FillMode, fillModes } from '../../../src/backend/kernels.ts';
import * as w from '../../../src/index.ts';
import { affineMatrices, affineResample } from '../../../src/ops/affine.ts';
import { bytes, type Case, distinct, of, x } from './case.ts';

const columns = { theta: 0, tx: 1, ty: 2, shear: 3, zx: 4, zy: 5, flipHorizontal: 6, flipVertical: 7 };
const shared = { ...columns, zx: 5, flipVertical: 6 };
const picture = { width: 6, height: 5 };

const sampled = (fill: FillMode, rest: Partial<AffineAttrs> & { title?: string } = {}): Case => {
  const { title = fill, ...attrs } = rest;
  return of('affineResample', {
    title: `affineResample ${title}`,
    inputs: [x(2, 5, 6, 3), x(2, 6)],
    run: (image, matrices) =>
      affineResample(image!, matrices!, { p: 4, q: 7, fill, value: 0.75, linear: true, ...attrs }),
  });
};

export const affineCases: readonly Case[] = [
  of('affineMatrices', { inputs: [x(5, 8)], run: (t) => affineMatrices(t!, { columns, ...picture }) }),
  of('affineMatrices', {
    title: 'affineMatrices of large angles',
    inputs: [distinct(20, 8)],
    run: (t) => affineMatrices(w.mul(t!, 64), { columns, ...picture }),
  }),
  of('affineMatrices', {
    title: 'affineMatrices of shared columns about another point',
    inputs: [x(3, 9)],
    run: (t) => affineMatrices(t!, { columns: shared, ...picture, center: [2, -1.5] }),
  }),
  ...fillModes.map((fill) => sampled(fill)),
  sampled('nearest', { title: 'nearest cell', linear: false }),
  sampled('reflect', { title: 'nearest cell, reflect', linear: false }),
  sampled('blend', { title: 'nearest cell, blend', linear: false }),
  of('affineResample', {
    title: 'affineResample of bytes',
    inputs: [bytes(2, 3, 5, 3), x(2, 6)],
    run: (image, matrices) =>
      affineResample(image!, matrices!, { p: 3, q: 5, fill: 'reflect', value: 0, linear: true }),
  }),
  of('affineResample', {
    title: 'affineResample of four channels',
    inputs: [x(1, 4, 4, 4), x(1, 6)],
    run: (image, matrices) => affineResample(image!, matrices!, { p: 4, q: 4, fill: 'wrap', value: 0, linear: true }),
  }),
];
