import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { saveImg as saveImgOn } from '../../src/data/images/saveImg.ts';
import {
  arrayToImg,
  close,
  FormatError,
  imgToArray,
  init,
  loadImg,
  ResourceError,
  ShapeError,
  saveImg,
  smartResize,
  tensor,
  ValueError,
  zeros,
} from '../../src/index.ts';
import { platform as browser } from '../../src/platform/browser.ts';
import { expectClose, onEachBackend } from '../models/support.ts';
import { noise, plain, png } from './imageFiles.ts';
import { filesBelow, serve, temporaryFolder } from './support.ts';

describe('loadImg', () => {
  beforeAll(() => init({ backend: 'cpu' }));
  afterAll(() => close());

  test('takes a path, an address, bytes, a Blob and a data address', async () => {
    const file = await png(5, 4);
    const path = join(await temporaryFolder(), 'ünïcödé 图.png');
    await writeFile(path, file);
    const address = await serve((_, response) => response.end(file));
    const data = `data:image/png;base64,${Buffer.from(file).toString('base64')}`;
    for (const source of [path, `${address}a.png`, data, file, file.buffer, Buffer.from(file), new Blob([file])]) {
      const image = await loadImg(source);
      expect({ ...image, data: [...image.data] }).toEqual({ width: 5, height: 4, channels: 3, data: [...noise(60)] });
    }
  });

  test('does not turn a photograph as its camera says, nor change its colours by a profile', async () => {
    const made = sharp(noise(4 * 2 * 3), { raw: { width: 4, height: 2, channels: 3 } });
    const turned = await made.clone().withMetadata({ orientation: 6 }).withIccProfile('p3').png().toBuffer();
    const { width, height, data } = await loadImg(turned);
    expect([width, height]).toEqual([4, 2]);
    // written with a profile the bytes are other ones; read without it they must be those that were written
    const plainBytes = await sharp(turned, { ignoreIcc: true }).raw().toBuffer();
    expect([...data]).toEqual([...plainBytes]);
  });

  test('colours and sizes', async () => {
    const file = await png(6, 4, 4);
    expect(await loadImg(file, { colorMode: 'grayscale' })).toMatchObject({ width: 6, height: 4, channels: 1 });
    expect(await loadImg(file, { colorMode: 'rgba' })).toMatchObject({ channels: 4, data: noise(96) });
    expect(await loadImg(file, { targetSize: 3 })).toMatchObject({ width: 3, height: 3, channels: 3 });
    expect(await loadImg(file, { targetSize: null })).toMatchObject({ width: 6, height: 4 });
    // centres of a 2 x 3 grid on 4 x 6 pixels lie on rows 1, 3 and columns 1, 3, 5
    const { data } = await loadImg(file, { colorMode: 'rgba', targetSize: [2, 3] });
    const pixel = (row: number, column: number) => [
      ...noise(96).subarray((row * 6 + column) * 4, (row * 6 + column) * 4 + 4),
    ];
    expect([...data]).toEqual([1, 3].flatMap((row) => [1, 3, 5].flatMap((column) => pixel(row, column))));
  });

  test('keepAspectRatio cuts the middle out', async () => {
    // columns 0 ... 5 of a 3 x 6 picture have the values 0, 40, ... 200
    const columns = Uint8Array.from({ length: 18 }, (_, i) => (i % 6) * 40);
    const file = await png(6, 3, 1, columns);
    const options = { colorMode: 'grayscale', targetSize: [3, 3] } as const;
    expect([...(await loadImg(file, { ...options, keepAspectRatio: true })).data.subarray(0, 3)]).toEqual([
      40, 80, 120,
    ]);
    expect([...(await loadImg(file, options)).data.subarray(0, 3)]).toEqual([40, 120, 200]);
  });

  const small = new Uint8Array(3);
  const bad: readonly [string, () => Promise<unknown>, new (...args: never[]) => Error, RegExp][] = [
    [
      'a file that is not there',
      () => loadImg('/none/cat.png'),
      ResourceError,
      /loadImg: there is no file \/none\/cat\.png/,
    ],
    [
      'no source',
      () => loadImg(undefined as never),
      ValueError,
      /expected a path, an address, bytes or a Blob, got undefined/,
    ],
    ['an empty path', () => loadImg(''), ValueError, /expected a path.*got string ""/],
    ['a number', () => loadImg(3 as never), ValueError, /got number 3/],
    ['no bytes', () => loadImg(new Uint8Array()), FormatError, /the picture: the file is empty/],
    [
      'text',
      () => loadImg(new TextEncoder().encode('<svg/>')),
      FormatError,
      /the picture: no picture: it does not begin as PNG/,
    ],
    ['text in a named file', () => loadImg(new File(['hello'], 'cat.jpg')), FormatError, /^cat\.jpg: no picture/],
    [
      'an unknown option',
      () => loadImg(small, { size: 3 } as never),
      ValueError,
      /unknown option size; there are colorMode/,
    ],
    ['options that are none', () => loadImg(small, null as never), ValueError, /options must be an object, got null/],
    [
      'an unknown colour mode',
      () => loadImg(small, { colorMode: 'RGB' as never }),
      ValueError,
      /colorMode must be one of grayscale, rgb, rgba, got string "RGB"/,
    ],
    [
      'a size of 0',
      () => loadImg(small, { targetSize: [0, 3] }),
      ValueError,
      /targetSize must be a whole number of at least 1 or two/,
    ],
    ['three sizes', () => loadImg(small, { targetSize: [1, 2, 3] }), ValueError, /targetSize must be .* got \[1,2,3\]/],
    ['half a size', () => loadImg(small, { targetSize: 2.5 }), ValueError, /targetSize must be .* got 2\.5/],
    [
      'an unknown interpolation',
      () => loadImg(small, { interpolation: 'cubic' as never }),
      ValueError,
      /interpolation must be one of nearest, box, .*got string "cubic"/,
    ],
    [
      'a truth that is none',
      () => loadImg(small, { keepAspectRatio: 1 as never }),
      ValueError,
      /keepAspectRatio must be true or false, got number 1/,
    ],
  ];
  test.each(bad)('refuses %s', async (_, call, error, says) => {
    await expect(call()).rejects.toThrow(error);
    await expect(call()).rejects.toThrow(says);
  });

  test('an address that gives no picture, or nothing', async () => {
    const page = await serve((_, response) => response.end('<!DOCTYPE html>'));
    await expect(loadImg(`${page}cat.png`)).rejects.toThrow(`${page}cat.png: no picture`);
    const missing = await serve((_, response) => response.writeHead(404).end());
    await expect(loadImg(`${missing}cat.png`)).rejects.toThrow(ResourceError);
    await expect(loadImg(`${missing}cat.png`)).rejects.toThrow(/cannot download a file from .*cat\.png: HTTP 404/);
    await expect(loadImg(`${page}x`, { signal: AbortSignal.abort('stop') })).rejects.toBe('stop');
  });

  test('says what is missing where there is no sharp', async () => {
    vi.resetModules();
    vi.doMock('sharp', () => {
      throw new Error("Cannot find package 'sharp'");
    });
    try {
      const { sharpCodec } = await import('../../src/platform/sharpCodec.ts');
      const attempt = sharpCodec.decode(await plain(1), 'cat.png', 100);
      await expect(attempt).rejects.toThrow(/images need npm package "sharp" in Node.*npm install sharp/);
      await expect(attempt).rejects.toMatchObject({ name: 'ResourceError' });
    } finally {
      vi.doUnmock('sharp');
      vi.resetModules();
    }
  });
});

onEachBackend((place) => {
  test('imgToArray is float [h, w, c]', async () => {
    const x = imgToArray(await loadImg(await png(5, 4)));
    expect(x.shape).toEqual([4, 5, 3]);
    expect(x.dtype).toMatch(/^float/);
    expect([...(await x.data())]).toEqual([...noise(60)]);
  });

  test('arrayToImg stretches to 0 ... 255, or cuts off', async () => {
    const x = tensor([-2, -1, 0, 3, 1, 8], [2, 1, 3]);
    expect([...(await arrayToImg(x)).data]).toEqual([0, 25, 51, 127, 76, 255]);
    const y = tensor([-2, 0.9, 3.7, 255, 255.4, 400], [1, 2, 3]);
    expect(await arrayToImg(y, { scale: false })).toEqual({
      width: 2,
      height: 1,
      channels: 3,
      data: Uint8Array.of(0, 0, 3, 255, 255, 255),
    });
    expect([...(await arrayToImg(tensor([7, 7], [2, 1, 1]))).data]).toEqual([0, 0]);
    expect([...(await arrayToImg([[[1], [2]]])).data]).toEqual([0, 255]);
  });

  test.each([
    { interpolation: undefined, expected: [4.5, 6.5, 16.5, 18.5] },
    { interpolation: 'nearest', expected: [8, 10, 20, 22] },
  ] as const)('smartResize cuts and resizes ($interpolation)', async ({ interpolation, expected }) => {
    // rows of 0 ... 5, 6 ... 11, 12 ... 17, 18 ... 23; the middle four columns are resized to 2 x 2
    const x = tensor(
      Float32Array.from({ length: 24 }, (_, i) => i),
      [4, 6, 1],
    );
    const options = interpolation ? { interpolation } : {};
    const y = smartResize(x, [2, 2], options);
    expect(y.shape).toEqual([2, 2, 1]);
    expectClose(await y.data(), expected, place);
    const many = smartResize(x.reshape([1, 4, 6, 1]), 2, options);
    expect(many.shape).toEqual([1, 2, 2, 1]);
    expectClose(await many.data(), expected, place);
  });

  test.each<[string, () => unknown, new (...args: never[]) => Error, RegExp]>([
    [
      'arrayToImg of a batch',
      () => arrayToImg(zeros([1, 2, 2, 3])),
      ShapeError,
      /\[height, width, 1, 3 or 4\], got \[1, 2, 2, 3\]/,
    ],
    ['arrayToImg of two channels', () => arrayToImg(zeros([2, 2, 2])), ShapeError, /got \[2, 2, 2\]/],
    ['arrayToImg of nothing', () => arrayToImg(zeros([0, 2, 3])), ShapeError, /got \[0, 2, 3\]/],
    ['arrayToImg of NaN', () => arrayToImg([[[1], [Number.NaN]]]), ValueError, /values must be finite, got NaN at 1/],
    [
      'arrayToImg with an unknown option',
      () => arrayToImg(zeros([1, 1, 1]), { dtype: 1 } as never),
      ValueError,
      /unknown option dtype/,
    ],
    [
      'arrayToImg with a scale that is none',
      () => arrayToImg(zeros([1, 1, 1]), { scale: 2 as never }),
      ValueError,
      /scale must be true or false/,
    ],
    [
      'imgToArray of a tensor',
      () => imgToArray(zeros([2, 2, 3]) as never),
      ValueError,
      /expected a picture as loadImg gives it, got a tensor/,
    ],
    [
      'imgToArray of too few bytes',
      () => imgToArray({ width: 2, height: 2, channels: 3, data: new Uint8Array(3) }),
      FormatError,
      /needs 12 bytes/,
    ],
    ['smartResize of a list', () => smartResize([[1]] as never, 2), ValueError, /x must be a tensor, got a list/],
    ['smartResize of a matrix', () => smartResize(zeros([2, 2]), 2), ShapeError, /got \[2, 2\]/],
    [
      'smartResize to nothing',
      () => smartResize(zeros([2, 2, 1]), [0, 2]),
      ValueError,
      /size must be a whole number of at least 1/,
    ],
    [
      'smartResize by bicubic',
      () => smartResize(zeros([2, 2, 1]), 2, { interpolation: 'bicubic' as never }),
      ValueError,
      /interpolation must be 'bilinear' or 'nearest', got string "bicubic"/,
    ],
    [
      'smartResize with an unknown option',
      () => smartResize(zeros([2, 2, 1]), 2, { method: 1 } as never),
      ValueError,
      /unknown option method/,
    ],
  ])('refuses %s', async (_, call, error, says) => {
    const attempt = (async () => call())();
    await expect(attempt).rejects.toThrow(error);
    await expect(attempt).rejects.toThrow(says);
  });
});

describe('saveImg', () => {
  beforeAll(() => init({ backend: 'cpu' }));
  afterAll(() => close());

  test.each(['png', 'tiff', 'webp', 'gif', 'jpg', 'jpeg', 'tif'])(
    'writes %s files that loadImg reads',
    async (ending) => {
      const path = join(await temporaryFolder(), 'new', `a.${ending}`);
      const values = new Uint8Array(8 * 8 * 3).fill(100).fill(200, 96);
      await saveImg(path, tensor(values, [8, 8, 3]), { scale: false });
      const { width, height, data } = await loadImg(path);
      expect([width, height]).toEqual([8, 8]);
      const off = data.reduce((most, value, i) => Math.max(most, Math.abs(value - values[i]!)), 0);
      expect(off).toBeLessThanOrEqual(/jp|webp/.test(ending) ? 3 : 0);
    },
  );

  test('grey, alpha, pictures, and a format that the path does not say', async () => {
    const folder = await temporaryFolder();
    await saveImg(join(folder, 'grey.png'), tensor(noise(12), [3, 4, 1]), { scale: false });
    expect((await sharp(await readFile(join(folder, 'grey.png'))).metadata()).channels).toBe(1);
    const rgba = await loadImg(await png(4, 3, 4), { colorMode: 'rgba' });
    await saveImg(join(folder, 'alpha.png'), rgba);
    expect((await loadImg(join(folder, 'alpha.png'), { colorMode: 'rgba' })).data).toEqual(rgba.data);
    await saveImg(join(folder, 'alpha'), rgba, { fileFormat: 'JPG' });
    expect((await sharp(await readFile(join(folder, 'alpha'))).metadata()).format).toBe('jpeg');
    // stretched as arrayToImg does
    await saveImg(join(folder, 'scaled.png'), tensor([0, 1, 2, 4], [2, 2, 1]));
    expect([...(await loadImg(join(folder, 'scaled.png'), { colorMode: 'grayscale' })).data]).toEqual([
      0, 63, 127, 255,
    ]);
  });

  const x = new Uint8Array(3);
  test.each<[string, () => Promise<void>, new (...args: never[]) => Error, RegExp]>([
    ['no path', () => saveImg(3 as never, [[[1]]]), ValueError, /path must be a string, got number 3/],
    [
      'a path without ending',
      () => saveImg('/tmp/x', [[[1]]]),
      ValueError,
      /the format must be one of png, .*got undefined for \/tmp\/x/,
    ],
    [
      'an unknown ending',
      () => saveImg('/tmp/x.bmp', [[[1]]]),
      ValueError,
      /the format must be one of png, .*got string "bmp"/,
    ],
    [
      'an unknown format',
      () => saveImg('/tmp/x.png', [[[1]]], { fileFormat: 'heic' }),
      ValueError,
      /got string "heic"/,
    ],
    [
      'a format that is no text',
      () => saveImg('/tmp/x.png', [[[1]]], { fileFormat: 3 as never }),
      ValueError,
      /got number 3/,
    ],
    [
      'an unknown option',
      () => saveImg('/tmp/x.png', [[[1]]], { quality: 3 } as never),
      ValueError,
      /unknown option quality/,
    ],
    ['a vector', () => saveImg('/tmp/x.png', x), ShapeError, /got \[3\]/],
    [
      'a folder that cannot be',
      () => saveImg('/dev/null/x.png', [[[1]]]),
      ResourceError,
      /cannot write \/dev\/null\/x\.png/,
    ],
    ['a browser', () => saveImgOn('/x.png', [[[1]]], {}, browser), ResourceError, /no file system to write to/],
  ])('refuses %s', async (_, call, error, says) => {
    const attempt = call();
    await expect(attempt).rejects.toThrow(error);
    await expect(attempt).rejects.toThrow(says);
  });

  test('a picture that cannot be written leaves nothing behind', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'file'), 'x');
    await expect(saveImg(join(folder, 'file', 'a.png'), [[[1]]])).rejects.toThrow(ResourceError);
    expect(await filesBelow(folder)).toEqual(['file']);
  });
});
