// A page decodes pictures by itself, and gets the pixels that Node has from sharp.
import { readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { relative, resolve } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { close, init, loadImg } from 'wgslgrad';
import { bundle } from '../../build/bundle.ts';
import { chromiumPath, describeBrowser } from '../setup/adapters.ts';
import { opened, serve, startChromium } from './page.ts';

const html = `<!doctype html><meta charset="utf-8"><title>pictures</title>
<script type="module">import * as wgslgrad from '/dist/browser/index.js'; globalThis.wgslgrad = wgslgrad;</script>`;

interface PictureFile {
  readonly name: string;
  readonly file: string;
}
const files: readonly PictureFile[] = JSON.parse(readFileSync('test/data/pillow/expected.json', 'utf8')).files;

const fromBase64 = 'const bytes = (text) => Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));';

describeBrowser('pictures in headless Chromium', () => {
  let server: Server | undefined;
  let browser: Browser | undefined;
  let page: Page;

  beforeAll(async () => {
    await init({ backend: 'cpu' });
    const { outputFiles } = await bundle('browser', resolve('dist/browser'));
    const served = await serve(
      new Map([['/', html], ...outputFiles.map(({ path, text }) => [`/${relative('.', path)}`, text] as const)]),
    );
    server = served.server;
    browser = await startChromium(chromiumPath);
    page = await browser.newPage();
    await opened(page, served.url, 'wgslgrad');
    await page.evaluate(`(async () => { await wgslgrad.init({ backend: 'cpu' }); })()`);
  });
  afterAll(async () => {
    await browser?.close();
    server?.close();
    await close();
  });

  async function inPage(file: string, colorMode: string): Promise<unknown> {
    return page.evaluate(`(async () => {
      ${fromBase64}
      const { data, ...size } = await wgslgrad.loadImg(bytes('${file}'), { colorMode: '${colorMode}' });
      return { ...size, data: Array.from(data) };
    })()`);
  }

  // Inks are mixed by each browser as it likes, and TIFF is not read.
  const same = files.filter(({ name }) => !/\.tif$|^cmyk/.test(name));
  test.each(same.map(({ name }) => name))('%s has the pixels that Node has', async (name) => {
    const { file } = same.find((one) => one.name === name)!;
    for (const colorMode of ['rgba', 'grayscale'] as const) {
      const { data, ...size } = await loadImg(Buffer.from(file, 'base64'), { colorMode });
      expect(await inPage(file, colorMode)).toEqual({ ...size, data: [...data] });
    }
  });

  test('a photograph is not turned as its camera says, nor coloured by its profile', async () => {
    const pixels = Uint8Array.from({ length: 4 * 2 * 3 }, (_, i) => i * 10);
    const made = sharp(pixels, { raw: { width: 4, height: 2, channels: 3 } }).withIccProfile('p3');
    const file = await made
      .withMetadata({ orientation: 6 })
      .jpeg({ quality: 100, chromaSubsampling: '4:4:4' })
      .toBuffer();
    const { data, ...size } = await loadImg(file);
    expect(size).toEqual({ width: 4, height: 2, channels: 3 });
    expect(await inPage(file.toString('base64'), 'rgb')).toEqual({ ...size, data: [...data] });
  });

  test('what cannot be decoded is a FormatError with its name', async () => {
    const refused = await page.evaluate(`(async () => {
      const names = [];
      for (const begin of [[0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0], [0x49, 0x49, 42, 0], [1, 2, 3]]) {
        const file = new File([Uint8Array.from(begin)], 'broken');
        await wgslgrad.loadImg(file).catch((error) => names.push([error.name, error.message.split(':')[0]]));
      }
      await wgslgrad.saveImg('/x.png', [[[1]]]).catch((error) => names.push([error.name]));
      return names;
    })()`);
    expect(refused).toEqual([
      ['FormatError', 'broken'],
      ['FormatError', 'broken'],
      ['FormatError', 'broken'],
      ['ResourceError'],
    ]);
  });

  test('a picked folder is a data set', async () => {
    const file = files.find(({ name }) => name === 'rgb.png')!.file;
    const found = await page.evaluate(`(async () => {
      ${fromBase64}
      const picked = ['pets/dogs/1.png', 'pets/cats/1.png'].map((path) => {
        return Object.defineProperty(new File([bytes('${file}')], '1.png'), 'webkitRelativePath', { value: path });
      });
      const data = await wgslgrad.imageDatasetFromDirectory(picked, { imageSize: [3, 4], shuffle: false, verbose: false });
      const [x, y] = await data.get(0);
      return { classNames: data.classNames, filePaths: data.filePaths, x: x.shape, y: Array.from(await y.data()) };
    })()`);
    expect(found).toEqual({
      classNames: ['cats', 'dogs'],
      filePaths: ['pets/cats/1.png', 'pets/dogs/1.png'],
      x: [2, 3, 4, 3],
      y: [0, 1],
    });
  });
});
