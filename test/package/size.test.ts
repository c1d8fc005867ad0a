// What a browser downloads may grow only on purpose: whoever adds a feature raises the bound, and sees what it cost.
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { bundle } from '../../build/bundle.ts';
import { gzippedTotal, programSizes, r1Sizes, sizes, tensorProgram } from '../../build/sizes.ts';

/** Bytes, minified and gzipped. What they are made of, and what was tried, stands in docs/decisions.md. */
const MOST_WHOLE = 212_500;
const MOST_R1 = 104_000;
const MOST_OF_TENSORS = 77_000;

test('the whole browser bundle, each file for itself', async () => {
  const { outputFiles } = await bundle('browser', resolve('dist/browser'), { minify: true });
  expect(
    outputFiles.map(({ path }) => path).filter((path) => /(?:index|cpuBackend.*|webgpuBackend.*)\.js$/.test(path)),
  ).toHaveLength(3);
  expect(gzippedTotal(sizes(outputFiles))).toBeLessThanOrEqual(MOST_WHOLE);
});

test('the program of the README, with the WebGPU backend and without the other', async () => {
  const { loaded, others } = await r1Sizes(await bundle('browser', resolve('dist/browser')));
  expect(loaded.filter(({ file }) => /^(?:r1\.js|webgpuBackend-)/.test(file))).toHaveLength(2);
  // test/browser/trainR1.test.ts sees that none of these is asked for
  expect(others.map(({ file }) => file.replace(/-.*/, '')).sort()).toEqual([
    'canvasDecode',
    'chunk',
    'cifarBytes',
    'cpuBackend',
    'export',
    'files',
    'measuring',
    'optimizers',
    'pictures',
    'seldom',
    'sharing',
    'staging',
    'windows',
  ]);
  expect(gzippedTotal(loaded)).toBeLessThanOrEqual(MOST_R1);
});

test('a program of tensors alone has no layers to download', async () => {
  const { loaded } = await programSizes(await bundle('browser', resolve('dist/browser')), tensorProgram);
  expect(gzippedTotal(loaded)).toBeLessThanOrEqual(MOST_OF_TENSORS);
});
