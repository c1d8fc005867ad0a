import { readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { relative, resolve } from 'node:path';
import { transform } from 'esbuild';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bundle } from '../../build/bundle.ts';
import { type Training, trainR1 } from '../package/trainR1.ts';
import { chromiumPath, describeBrowser } from '../setup/adapters.ts';
import { opened, serve, startChromium } from './page.ts';

const html = `<!doctype html><meta charset="utf-8"><title>R1</title>
<script type="importmap">{"imports":{"wgslgrad":"/dist/browser/index.js"}}</script>
<script type="module">import { trainR1 } from '/trainR1.js'; globalThis.trainR1 = trainR1;</script>`;

/** The program of the README from its data on: `fit` with all that it does by default. */
const fit = `import('wgslgrad').then(async ({ close, Conv2D, Dense, Flatten, init, MaxPooling2D, Sequential, tensor, toCategorical }) => {
  await init({ backend: 'webgpu' });
  const x = tensor(Uint8Array.from({ length: 200 * 784 }, (_, i) => (i * 7) % 256), [200, 28, 28, 1]).div(255);
  const y = toCategorical(tensor(Uint8Array.from({ length: 200 }, (_, i) => i % 10)), 10);
  const model = new Sequential([
    Conv2D(32, [3, 3], { activation: 'relu', inputShape: [28, 28, 1] }),
    MaxPooling2D([2, 2]),
    Flatten(),
    Dense(10, { activation: 'softmax' }),
  ]);
  model.compile({ optimizer: 'adam', loss: 'categorical_crossentropy', metrics: ['accuracy'] });
  await model.fit(x, y, { epochs: 2, validationSplit: 0.2 });
  await close();
})`;

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
  const asked: string[] = [];

  beforeAll(async () => {
    const served = await serve(await files());
    server = served.server;
    browser = await startChromium(chromiumPath);
    page = await browser.newPage();
    page.on('request', (request) => request.url().endsWith('.js') && asked.push(request.url()));
    page.on('pageerror', (error) => errors.push(error.message));
    await opened(page, served.url, 'trainR1');
  });
  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  test('downloads no kernel, file or data set that it does not use', async () => {
    await page.evaluate(fit);
    const files = asked.map((url) => url.replace(/.*\/|-\w+\.js$/g, ''));
    expect(files.filter((file) => file !== 'chunk').sort()).toEqual(['index.js', 'trainR1.js', 'webgpuBackend']);
    expect(errors).toEqual([]);
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
