// What the tuner measures in a page is there when the page is opened again: IndexedDB.
import type { Server } from 'node:http';
import { relative, resolve } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bundle } from '../../build/bundle.ts';
import { chromiumPath, describeBrowser } from '../setup/adapters.ts';
import { isReady, opened, serve, startChromium } from './page.ts';

const html = `<!doctype html><meta charset="utf-8"><title>tuner</title>
<script type="module">import * as wgslgrad from '/dist/browser/index.js'; globalThis.wgslgrad = wgslgrad;</script>`;

const tune = `(async () => {
  const { init, matmul, ones, tuner } = wgslgrad;
  await init({ backend: 'webgpu' });
  const known = tuner.report().length;
  const { tuned } = await tuner.tune((a, b) => matmul(a, b), [ones([9, 12]), ones([12, 16])]);
  return { known, tuned };
})()`;

describeBrowser('the tuner in headless Chromium', () => {
  let server: Server | undefined;
  let browser: Browser | undefined;
  let page: Page;

  beforeAll(async () => {
    const { outputFiles } = await bundle('browser', resolve('dist/browser'));
    const files = outputFiles.map(({ path, text }) => [`/${relative('.', path)}`, text] as const);
    const served = await serve(new Map([['/', html], ...files]));
    server = served.server;
    browser = await startChromium(chromiumPath);
    page = await browser.newPage();
    await opened(page, served.url, 'wgslgrad');
  });
  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  async function run(): Promise<{ known: number; tuned: readonly { key: string; timings: readonly unknown[] }[] }> {
    return page.evaluate(tune);
  }

  test('finds what it measured before the page was loaded again', async () => {
    const first = await run();
    expect(first.known).toBe(0);
    expect(first.tuned).toHaveLength(1);
    expect(first.tuned[0]!.timings.length).toBeGreaterThan(1);
    await page.reload();
    await isReady(page, 'wgslgrad');
    expect(await run()).toEqual({ known: 1, tuned: first.tuned });
  });
});
