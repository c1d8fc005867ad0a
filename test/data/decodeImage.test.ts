// Picture files that are damaged, enormous, or of the formats that are decoded here.
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { crc32 } from '../../src/data/crc32.ts';
import { inColorMode } from '../../src/data/images/colorMode.ts';
import { decodeImage } from '../../src/data/images/decodeImage.ts';
import { FormatError } from '../../src/errors.ts';
import { damaged, joined } from './archives.ts';
import { noise, png } from './imageFiles.ts';

type Bytes = Uint8Array<ArrayBuffer>;
const text = (value: string) => new Uint8Array(new TextEncoder().encode(value));
const read = async (bytes: Bytes) => {
  const { data, ...size } = await decodeImage(bytes, 'a.img');
  return { ...size, data: [...data] };
};

function words(...values: readonly (readonly [bytes: 1 | 2 | 4, value: number])[]): Bytes {
  const out = new Uint8Array(values.reduce((sum, [size]) => sum + size, 0));
  const view = new DataView(out.buffer);
  let at = 0;
  for (const [size, value] of values) {
    if (size === 1) view.setUint8(at, value);
    else if (size === 2) view.setUint16(at, value, true);
    else view.setUint32(at, value, true);
    at += size;
  }
  return out;
}

interface Bitmap {
  readonly width?: number;
  readonly height?: number;
  readonly bits?: number;
  readonly compression?: number;
  readonly headerSize?: number;
  /** What stands between header and pixels: masks, a palette. */
  readonly between?: Bytes;
  readonly pixels: readonly number[];
}

function bmp({
  width = 2,
  height = 2,
  bits = 24,
  compression = 0,
  headerSize = 40,
  between = new Uint8Array(),
  pixels,
}: Bitmap): Bytes {
  const begin = 14 + headerSize + between.length - Math.max(0, headerSize - 40);
  const header =
    headerSize === 12
      ? words([4, 12], [2, width], [2, height], [2, 1], [2, bits])
      : words(
          [4, headerSize],
          [4, width],
          [4, height],
          [2, 1],
          [2, bits],
          [4, compression],
          [4, 0],
          [4, 0],
          [4, 0],
          [4, 0],
          [4, 0],
        );
  const all = headerSize === 12 ? 14 + 12 + between.length : begin;
  return joined([
    text('BM'),
    words([4, all + pixels.length], [4, 0], [4, all]),
    header,
    between,
    Uint8Array.from(pixels),
  ]);
}

const rgb24 = [1, 2, 3, 4, 5, 6, 0, 0, 11, 12, 13, 14, 15, 16, 0, 0];

describe('bitmaps (.bmp)', () => {
  test.each<[string, Bytes, { channels: number; data: number[] }]>([
    [
      '24 bits, lowest row first',
      bmp({ pixels: rgb24 }),
      { channels: 3, data: [13, 12, 11, 16, 15, 14, 3, 2, 1, 6, 5, 4] },
    ],
    [
      '24 bits, highest row first',
      bmp({ height: -2, pixels: rgb24 }),
      { channels: 3, data: [3, 2, 1, 6, 5, 4, 13, 12, 11, 16, 15, 14] },
    ],
    [
      'an old header',
      bmp({ headerSize: 12, pixels: rgb24 }),
      { channels: 3, data: [13, 12, 11, 16, 15, 14, 3, 2, 1, 6, 5, 4] },
    ],
    [
      'an old header with a palette',
      bmp({ headerSize: 12, height: 1, bits: 1, between: Uint8Array.of(1, 2, 3, 4, 5, 6), pixels: [0x40, 0, 0, 0] }),
      { channels: 3, data: [3, 2, 1, 6, 5, 4] },
    ],
    [
      '4 bits',
      bmp({ height: 1, bits: 4, between: words([4, 0x010203], [4, 0x040506], [4, 0x070809]), pixels: [0x21, 0, 0, 0] }),
      { channels: 3, data: [7, 8, 9, 4, 5, 6] },
    ],
    [
      '16 bits of 5, 5 and 5',
      bmp({ height: 1, bits: 16, pixels: [0xff, 0x7f, 0x01, 0x04] }),
      { channels: 3, data: [255, 255, 255, 8, 0, 8] },
    ],
    [
      '16 bits of 5, 6 and 5',
      bmp({
        height: 1,
        bits: 16,
        compression: 3,
        between: words([4, 0xf800], [4, 0x7e0], [4, 0x1f]),
        pixels: [0xff, 0xff, 0x20, 0x08],
      }),
      { channels: 3, data: [255, 255, 255, 8, 4, 0] },
    ],
    [
      '32 bits without alpha',
      bmp({ width: 1, height: 1, bits: 32, pixels: [1, 2, 3, 4] }),
      { channels: 3, data: [3, 2, 1] },
    ],
    [
      '32 bits with alpha',
      bmp({
        width: 1,
        height: 1,
        bits: 32,
        compression: 6,
        between: words([4, 0xff], [4, 0xff00], [4, 0xff0000], [4, 0xff000000]),
        pixels: [1, 2, 3, 200],
      }),
      { channels: 4, data: [1, 2, 3, 200] },
    ],
    [
      'a long header with masks',
      bmp({
        width: 1,
        height: 1,
        bits: 32,
        compression: 3,
        headerSize: 56,
        between: words([4, 0xff], [4, 0xff00], [4, 0xff0000], [4, 0xff000000]),
        pixels: [1, 2, 3, 200],
      }),
      { channels: 4, data: [1, 2, 3, 200] },
    ],
  ])('%s', async (_, bytes, expected) => {
    expect(await read(bytes)).toMatchObject(expected);
  });

  test.each<[string, Bytes, string]>([
    ['a header of no known size', bmp({ headerSize: 20, pixels: rgb24 }), 'at byte 14: a header of 20 bytes'],
    ['no width', bmp({ width: 0, pixels: rgb24 }), 'at byte 18: a picture of 0 x 2'],
    [
      'run-length packing',
      bmp({ bits: 8, compression: 1, pixels: rgb24 }),
      '8 bits a pixel with compression 1, which is not read',
    ],
    ['2 bits', bmp({ bits: 2, pixels: rgb24 }), '2 bits a pixel; expected 1, 4 or 8'],
    [
      'a mask with gaps',
      bmp({ bits: 32, compression: 3, between: words([4, 5], [4, 1], [4, 2]), pixels: rgb24 }),
      'mask 5 has gaps',
    ],
    [
      'a colour outside',
      bmp({ height: 1, bits: 8, between: words([4, 1], [4, 2]), pixels: [0, 2, 0, 0] }),
      'colour 2 of 2',
    ],
    ['too few rows', bmp({ height: 3, pixels: rgb24 }), 'the file ends before its 3 rows of 8 bytes'],
    ['an end in the header', bmp({ pixels: rgb24 }).slice(0, 30), 'at byte 30: the file ends here'],
    [
      'an absurd size',
      bmp({ width: 100_000, height: 100_000, pixels: rgb24 }),
      '100000 x 100000 pixels; at most 89478485 are read',
    ],
  ])('refuses %s', async (_, bytes, says) => {
    await expect(read(bytes)).rejects.toThrow(FormatError);
    await expect(read(bytes)).rejects.toThrow(`a.img: `);
    await expect(read(bytes)).rejects.toThrow(says);
  });
});

describe('portable bitmaps (.ppm, .pgm, .pbm)', () => {
  test.each<[string, Bytes, { channels: number; data: number[] }]>([
    ['P1', text('P1 # bits\n3 2\n10 1\n0 1 0'), { channels: 1, data: [0, 255, 0, 255, 0, 255] }],
    ['P2', text('P2 2 1 15 0 15\n'), { channels: 1, data: [0, 255] }],
    ['P3', text('P3\n1 2\n# a comment\n255\n1 2 3 4 5 6'), { channels: 3, data: [1, 2, 3, 4, 5, 6] }],
    [
      'P4',
      joined([text('P4 9 2\n'), Uint8Array.of(0xff, 0, 0, 0x80)]),
      { channels: 1, data: [...Array(8).fill(0), 255, ...Array(8).fill(255), 0] },
    ],
    [
      'P5 of 16 bits',
      joined([text('P5 2 1 65535\n'), Uint8Array.of(255, 255, 128, 0)]),
      { channels: 1, data: [255, 128] },
    ],
    ['P6', joined([text('P6 1 2 255 '), Uint8Array.of(1, 2, 3, 4, 5, 6)]), { channels: 3, data: [1, 2, 3, 4, 5, 6] }],
    ['P6 of 100', joined([text('P6 1 1 100\n'), Uint8Array.of(0, 50, 100)]), { channels: 3, data: [0, 128, 255] }],
  ])('%s', async (_, bytes, expected) => {
    expect(await read(bytes)).toMatchObject(expected);
  });

  test.each<[string, Bytes, string]>([
    ['no size', text('P6 '), 'at byte 3: the file ends here'],
    ['a size that is none', text('P6 x 3 255\n'), 'at byte 3: expected a digit'],
    ['a size beyond all', text('P6 12345678901 3 255\n'), 'at byte 3: expected a number'],
    ['no rows', text('P6 3 0 255\n'), 'a picture of 3 x 0'],
    ['values of more than 16 bits', text('P6 1 1 65536\nabc'), 'values up to 65536; expected 1 to 65535'],
    ['a value above the highest', text('P2 1 1 7 8'), 'a value of 8, above 7'],
    ['a bit that is none', text('P1 1 1 7'), 'a value of 7, above 1'],
    ['too little data', joined([text('P6 2 2 255\n'), new Uint8Array(11)]), 'at byte 22: the file ends here'],
    [
      'far too little data',
      joined([text('P6 2000 2000 255\n'), new Uint8Array(11)]),
      'ends before its 12000000 values',
    ],
    ['an absurd size', text('P5 99999 99999 255\n'), '99999 x 99999 pixels; at most 89478485 are read'],
  ])('refuses %s', async (_, bytes, says) => {
    await expect(read(bytes)).rejects.toThrow(FormatError);
    await expect(read(bytes)).rejects.toThrow(says);
  });
});

test.each([
  { channels: 1, grayscale: [9, 200], rgb: [9, 9, 9, 200, 200, 200] },
  { channels: 2, grayscale: [9], rgb: [9, 9, 9] },
  {
    channels: 3,
    data: [255, 0, 0, 0, 255, 0, 0, 0, 255],
    grayscale: [76, 150, 29],
    rgb: [255, 0, 0, 0, 255, 0, 0, 0, 255],
  },
  { channels: 4, data: [10, 20, 30, 0], grayscale: [18], rgb: [10, 20, 30] },
])('colour modes of $channels channels', ({ channels, data = [9, 200], grayscale, rgb }) => {
  const image = { width: data.length / channels, height: 1, channels, data: Uint8Array.from(data) };
  expect([...inColorMode(image, 'grayscale').data]).toEqual(grayscale);
  expect([...inColorMode(image, 'rgb').data]).toEqual(rgb);
  const alpha = inColorMode(image, 'rgba').data.filter((_, i) => i % 4 === 3);
  expect([...alpha]).toEqual(channels === 4 ? [0] : channels === 2 ? [200] : grayscale.map(() => 255));
});

test('a picture with more pixels than are read is refused by its header', async () => {
  const huge = await png(2, 2);
  const view = new DataView(huge.buffer);
  view.setUint32(16, 20_000);
  view.setUint32(20, 10_000);
  // IHDR with its 13 bytes, then their check sum
  view.setUint32(29, crc32(huge.subarray(12, 29)));
  await expect(decodeImage(huge, 'huge.png')).rejects.toThrow(FormatError);
  await expect(decodeImage(huge, 'huge.png')).rejects.toThrow(
    'huge.png: 20000 x 10000 pixels; at most 89478485 are read',
  );
});

test('samples that are no bytes are refused', async () => {
  const floats = await sharp(new Float32Array(27).fill(0.5), { raw: { width: 3, height: 3, channels: 3 } })
    .toColourspace('scrgb')
    .tiff({ compression: 'none' })
    .toBuffer();
  expect((await sharp(floats).metadata()).depth).toBe('float');
  await expect(decodeImage(new Uint8Array(floats), 'a.tif')).rejects.toThrow('a.tif: samples of type float');
});

describe('damaged files are read, or refused with a FormatError that names them', () => {
  const smooth = Uint8Array.from({ length: 40 * 30 * 3 }, (_, i) => ((i % 120) + Math.floor(i / 120)) % 256);
  const picture = () => sharp(smooth, { raw: { width: 40, height: 30, channels: 3 } });
  const files: Readonly<Record<string, () => Promise<Uint8Array>>> = {
    png: () => png(20, 10, 3, noise(600)),
    jpeg: () => picture().jpeg().toBuffer(),
    progressive: () => picture().jpeg({ progressive: true }).toBuffer(),
    gif: () => picture().gif().toBuffer(),
    webp: () => picture().webp().toBuffer(),
    tiff: () => picture().tiff({ compression: 'lzw' }).toBuffer(),
    bmp: async () => bmp({ width: 20, height: 10, pixels: [...noise(600)] }),
    'bmp with palette': async () => bmp({ width: 8, height: 8, bits: 4, between: noise(64), pixels: [...noise(32)] }),
    ppm: async () => joined([text('P6 20 10 255\n'), noise(600)]),
    'ppm as text': async () => text(`P3 2 2 255\n${[...noise(12)].join(' ')}`),
  };
  test.each(Object.keys(files))('%s', async (kind) => {
    const whole = new Uint8Array(await files[kind]!());
    let [refused, readable] = [0, 0];
    for (let i = 0; i < 200; i++) {
      const outcome = await decodeImage(damaged(whole, i), 'broken').catch((error: unknown) => error);
      if (outcome instanceof Error) {
        expect(outcome).toBeInstanceOf(FormatError);
        expect(outcome.message).toMatch(/^broken: /);
        refused++;
      } else {
        const { width, height, channels, data } = outcome as Awaited<ReturnType<typeof decodeImage>>;
        expect(data.length).toBe(width * height * channels);
        readable++;
      }
    }
    expect(refused).toBeGreaterThan(20);
    expect(refused + readable).toBe(200);
  });

  test.each(Object.keys(files))('%s cut off is refused', async (kind) => {
    const whole = new Uint8Array(await files[kind]!());
    for (const share of [0.02, 0.2, 0.5, 0.8]) {
      const part = whole.slice(0, Math.max(1, Math.floor(share * whole.length)));
      await expect(decodeImage(part, 'broken'), `${share}`).rejects.toThrow(FormatError);
    }
  });
});
