import { readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { relative, resolve } from 'node:path';
import { transform } from 'esbuild';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bundle } from '../../build/bundle.ts';
import { type Training, trainR1 } from '../package/trainR1.ts';
import { chromiumPath, describeBrowser } from '../setup/adapters.ts';
import { serve, startChromium } from './page.ts';

const html = `<!doctype html><meta charset="utf-8"><title>R1</title>
<script type="importmap">{"imports":{"wgslgrad":"/dist/browser/index.js"}}</script>
<script type="module">import { trainR1 } from '/trainR1.js'; globalThis.trainR1 = trainR1;</script>`;

/** The page, the training program and the browser bundle, minified as a site would, by their paths on the server. */
async function files(): Promise<Map<string, string>> {
  const { outputFiles } = await bundle('browser', resolve('dist/browser'), { minify: true });
  const program = await transform(readFileSync('test/package/trainR1.ts', 'utf8'), { loader: 'ts' });
  const bundled = outputFiles.map(({ path, text }) => [`/${relative('.', path)}`, text] as const);
  return new Map([['/', html], ['/trainR1.js', program.code], ...bundled]);
}

function expectSameLosses(one: Training, other: Training): void {
  expect(one.losses).toHaveLength(5);
  other.losses.forEach((loss, step) => {
    expect(Math.abs((one.losses[step] ?? Number.NaN) / loss - 1), `step ${step}`).toBeLessThan(1e-5);
  });
}

describeBrowser('R1 in headless Chromium', () => {
  let server: Server | undefined;
  let browser: Browser | undefined;
  let page: Page;
  const errors: string[] = [];

  beforeAll(async () => {
    const served = await serve(await files());
    server = served.server;
    browser = await startChromium(chromiumPath);
    page = await browser.newPage();
    page.on('pageerror', (error) => errors.push(error.message));
    await page.goto(served.url);
    await page.waitForFunction('globalThis.trainR1', undefined, { timeout: 20_000 });
  });
  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  test('trains on WebGPU with the losses that Node has', async () => {
    const inPage: Training = await page.evaluate("trainR1('webgpu')");
    expect(inPage.backend).toBe('webgpu');
    expectSameLosses(inPage, await trainR1('auto'));
    expect(errors).toEqual([]);
  });

  test('trains on the CPU with the losses that Node has', async () => {
    const inPage: Training = await page.evaluate("trainR1('cpu')");
    expect(inPage.backend).toBe('cpu');
    expectSameLosses(inPage, await trainR1('cpu'));
    expect(errors).toEqual([]);
  });
});
