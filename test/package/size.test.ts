// What a browser downloads may grow only on purpose: whoever adds a feature raises the bound, and sees what it cost.
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { bundle } from '../../build/bundle.ts';
import { gzippedTotal, r1Sizes, sizes } from '../../build/sizes.ts';

/**
 * Bytes, minified and gzipped. The aims are 50,000 for the whole and 30,000 for R1. They are not reached: 154,000 and 101,000 are missing.
 * What keeps them from it, and what was tried, stands in docs/decisions.md.
 */
const MOST_WHOLE = 204_500;
const MOST_R1 = 131_500;

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
  expect(others.map(({ file }) => file.replace(/-.*/, '')).sort()).toEqual([
    'calibrate',
    'canvasDecode',
    'chunk',
    'cpuBackend',
    'export',
    'files',
    'tune',
  ]);
  expect(gzippedTotal(loaded)).toBeLessThanOrEqual(MOST_R1);
});
