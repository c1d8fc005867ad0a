// Files of models in a page: the example of docs/files.md, and what it loads and saves beside what Node does.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { applications, close, init, loadModel, type Model, tensor } from 'wgslgrad';
import { bundle } from '../../build/bundle.ts';
import { encodeModel, encodeWeights } from '../../src/io/save.ts';
import { wave } from '../models/numbers.ts';
import { chromiumPath, describeBrowser } from '../setup/adapters.ts';
import { opened, serve, startChromium } from './page.ts';

const fixture = (name: string) => readFileSync(`test/io/fixtures/${name}`);
const quiet = { verbose: 0 } as const;
const shape = [2, 8, 8, 3];
const values = wave(2 * 8 * 8 * 3);

/** The page of docs/files.md, and what a test asks of it. */
function html(): string {
  const [, example] = /```html\n([\s\S]*?)```/.exec(readFileSync('docs/files.md', 'utf8')) ?? [];
  return `${example}<script type="module">
    import * as wgslgrad from 'wgslgrad';
    import * as io from 'wgslgrad/io';
    Object.assign(globalThis, wgslgrad, { io });
    globalThis.predicted = async (model, shape, values) => {
      const result = await model.predict(tensor(values, shape), { verbose: 0 });
      return Array.from(await result.data());
    };
    globalThis.isReady = true;
  </script>`;
}

const small = { alpha: 0.35, inputShape: [32, 32, 3], includeTop: false, pooling: 'avg' } as const;

describeBrowser('files of models in headless Chromium', () => {
  let folder: string;
  let server: Server | undefined;
  let browser: Browser | undefined;
  let page: Page;
  let chain: Model;
  let tfjs: ReadonlyMap<string, Uint8Array>;
  let mobile: Model;
  const errors: string[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'wgslgrad-page-'));
    await init({ backend: 'cpu' });
    chain = await loadModel(fixture('chain.keras'));
    tfjs = await encodeModel(chain, 'model.json');
    mobile = await applications.MobileNetV2({ ...small, weights: null });
    mobile.setWeights(
      mobile.weights.map(({ size, name }, i) =>
        wave(size, 1 + i).map((v) => (name.endsWith('variance') ? 1 + 0.5 * v : 0.3 * v)),
      ),
    );
    const [weights] = (await encodeWeights(mobile, 'm.h5')).values();
    const entries = { index: resolve('src/index.ts'), io: resolve('src/io/index.ts') };
    const { outputFiles } = await bundle('browser', resolve('dist/browser'), { entries, minify: true });
    const packages = [
      'h5wasm/dist/esm/hdf5_hl.js',
      'h5wasm/dist/esm/hdf5_util.js',
      'h5wasm/dist/esm/file_handlers.js',
      'fflate/esm/browser.js',
    ];
    const served = await serve(
      new Map<string, string | Uint8Array>([
        ['/', html()],
        ...outputFiles.map(
          ({ path, contents }) => [`/node_modules/wgslgrad/${relative('.', path)}`, contents] as const,
        ),
        ...packages.map((path) => [`/node_modules/${path}`, readFileSync(`node_modules/${path}`)] as const),
        ...['chain.keras', 'chain.h5', 'chain.weights.h5'].map((name) => [`/${name}`, fixture(name)] as const),
        ['/model.keras', fixture('chain.keras')],
        ...[...tfjs].map(([name, bytes]) => [`/tfjs/${name}`, bytes] as const),
        ['/mobilenet.h5', weights!],
      ]),
    );
    server = served.server;
    browser = await startChromium(chromiumPath);
    page = await browser.newPage();
    page.on('pageerror', (error) => errors.push(error.message));
    await opened(page, served.url, 'isReady');
  });
  afterAll(async () => {
    await browser?.close();
    server?.close();
    rmSync(folder, { recursive: true });
    await close();
  });

  /** What a model of the page says, `code` giving it. */
  function predicted(code: string, of = shape, from: ArrayLike<number> = values): Promise<number[]> {
    return page.evaluate(
      `(async () => predicted(await (async () => ${code})(), ${JSON.stringify(of)}, ${JSON.stringify(Array.from(from))}))()`,
    );
  }

  async function expectSame(
    model: Model,
    found: readonly number[],
    of = shape,
    from: ArrayLike<number> = values,
  ): Promise<void> {
    const expected = await (await model.predict(tensor(Array.from(from), of), quiet)).data();
    expect(found).toHaveLength(expected.length);
    expected.forEach((value, i) => {
      expect(Math.abs(found[i]! - value), `element ${i}`).toBeLessThan(2e-6 * Math.max(1, Math.abs(value)));
    });
  }

  const bytesOf = (path: string) => `new Uint8Array(await (await fetch('${path}')).arrayBuffer())`;
  test.each([
    ['.keras', `loadModel('chain.keras')`],
    ['.h5', `loadModel('/chain.h5')`],
    ['model.json and its shard', `loadModel(new URL('tfjs/model.json', location))`],
    ['bytes', `{ const bytes = ${bytesOf('chain.h5')}; return loadModel(bytes.buffer); }`],
    ['a File', `{ const bytes = ${bytesOf('chain.keras')}; return loadModel(new File([bytes], 'chain.keras')); }`],
    [
      'weights',
      `{ const model = io.modelFromJSON((await loadModel('chain.keras')).toJSON()); await model.loadWeights('chain.weights.h5'); return model; }`,
    ],
  ])('a model from %s predicts what it does in Node', async (_, code) => {
    await expectSame(chain, await predicted(code));
  });

  test('published networks take their weights from an address', async () => {
    const code = `applications.MobileNetV2({ ...${JSON.stringify(small)}, weights: '/mobilenet.h5' })`;
    const picture = wave(32 * 32 * 3);
    await expectSame(mobile, await predicted(code, [1, 32, 32, 3], picture), [1, 32, 32, 3], picture);
  });

  test('the example of the page: picked files are loaded, and the model is downloaded', async () => {
    const picked = [...tfjs].map(([name, bytes]) => ({ name, mimeType: '', buffer: Buffer.from(bytes) }));
    await page.setInputFiles('input', picked);
    const [download] = await Promise.all([page.waitForEvent('download'), page.click('button')]);
    expect(download.suggestedFilename()).toBe('model.keras');
    const path = join(folder, 'model.keras');
    await download.saveAs(path);
    const again = await loadModel(path);
    expect(again.layers.map(({ name }) => name)).toEqual(chain.layers.map(({ name }) => name));
    await expectSame(chain, Array.from(await (await again.predict(tensor(values, shape), quiet)).data()));
  });

  test('a model.json is downloaded with its shards', async () => {
    const names: string[] = [];
    page.on('download', (download) => names.push(download.suggestedFilename()));
    await page.evaluate(`(async () => (await loadModel('chain.keras')).save('folder/model.json'))()`);
    await expect.poll(() => names.toSorted(), { timeout: 60_000 }).toEqual(['group1-shard1of1.bin', 'model.json']);
  });

  test('bytes go around in the page, of .h5, .keras and .npz, by the packages that write them', async () => {
    const found = await page.evaluate(`(async () => {
      const model = await loadModel('chain.keras');
      const names = [];
      for (const path of ['m.h5', 'm.keras', 'm.onnx']) {
        for (const [name, bytes] of await io.encodeModel(model, path)) {
          if (!name.endsWith('.onnx')) names.push((await loadModel(bytes)).layers.length);
          else names.push(bytes.length > 1000);
        }
      }
      const arrays = await io.decodeNpz(await io.encodeNpz([{ name: 'a', shape: [2], data: Float32Array.of(1, 2) }]));
      return [...names, Array.from(arrays[0].data)];
    })()`);
    expect(found).toEqual([9, 9, true, [1, 2]]);
  });

  test('what is not there, or damaged, is said by name', async () => {
    const found = await page.evaluate(`(async () => {
      const bytes = ${bytesOf('chain.keras')};
      const errors = [];
      for (const from of ['gone.keras', bytes.slice(0, 1000), new File([new Uint8Array(9)], 'nothing.h5')]) {
        await loadModel(from).catch((error) => errors.push([error.name, error.message]));
      }
      return errors;
    })()`);
    expect(found).toEqual([
      ['ResourceError', expect.stringMatching(/gone\.keras: HTTP 404/)],
      ['FormatError', expect.stringMatching(/not a whole zip file/)],
      ['FormatError', expect.stringMatching(/^nothing\.h5: is none of \.keras, \.h5 and model\.json/)],
    ]);
    expect(errors).toEqual([]);
  });
});
