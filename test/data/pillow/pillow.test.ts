// Pictures as Pillow, and so Keras, reads and resizes them: expected.json is what make.py had from it.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { inColorMode } from '../../../src/data/images/colorMode.ts';
import { decodeImage } from '../../../src/data/images/decodeImage.ts';
import { type Interpolation, resample } from '../../../src/data/images/resample.ts';
import type { RawImage } from '../../../src/platform/index.ts';

interface Resizing {
  readonly interpolation: Interpolation;
  readonly channels: number;
  readonly size: readonly [width: number, height: number];
  readonly box: readonly [left: number, top: number, right: number, bottom: number] | null;
  readonly out: string;
}

interface PictureFile {
  readonly name: string;
  readonly mode: string;
  readonly file: string;
  readonly width: number;
  readonly height: number;
  readonly grayscale: string;
  readonly rgb: string;
  readonly rgba: string;
}

interface Expected {
  readonly resizing: readonly Resizing[];
  readonly nearest: readonly { readonly n: number; readonly m: number; readonly out: readonly number[] }[];
  readonly files: readonly PictureFile[];
}

const expected: Expected = JSON.parse(readFileSync(new URL('expected.json', import.meta.url), 'utf8'));
const bytes = (base64: string) => new Uint8Array(Buffer.from(base64, 'base64'));

function picture(width: number, height: number, channels: number): RawImage {
  const data = Uint8Array.from({ length: width * height * channels }, (_, i) => (i * i * 7 + i * 13) % 256);
  return { width, height, channels, data };
}

describe('resizing', () => {
  test.each(expected.resizing)('by $interpolation, $channels channels, to $size, of $box', (its) => {
    const [width, height] = its.size;
    const box = its.box && {
      left: its.box[0],
      top: its.box[1],
      width: its.box[2] - its.box[0],
      height: its.box[3] - its.box[1],
    };
    const resized = resample(picture(7, 5, its.channels), [height, width], its.interpolation, box ?? undefined);
    expect({ ...resized, data: [...resized.data] }).toEqual({
      width,
      height,
      channels: its.channels,
      data: [...bytes(its.out)],
    });
  });

  test.each(expected.nearest)('from $n pixels the same $m, where rounding decides', ({ n, m, out }) => {
    const row = { width: n, height: 1, channels: 1, data: Uint8Array.from({ length: n }, (_, i) => i) };
    expect([...resample(row, [1, m], 'nearest').data]).toEqual(out);
  });
});

describe('files', () => {
  // Greys of 16 bits stay as they are in Pillow, and become 255 where they are converted; here they are cut to 8 bits.
  const same = expected.files.filter(({ mode }) => mode !== 'I;16');

  test.each(same)('$name ($mode)', async ({ name, file, width, height, ...modes }) => {
    const decoded = await decodeImage(bytes(file), name);
    for (const mode of ['grayscale', 'rgb', 'rgba'] as const) {
      const { data, ...size } = inColorMode(decoded, mode);
      expect(size).toEqual({ width, height, channels: { grayscale: 1, rgb: 3, rgba: 4 }[mode] });
      expect([...data], mode).toEqual([...bytes(modes[mode])]);
    }
  });

  test('greys of 16 bits lose their lower 8', async () => {
    const { file } = expected.files.find(({ mode }) => mode === 'I;16')!;
    const { data } = inColorMode(await decodeImage(bytes(file), 'wide.png'), 'grayscale');
    expect([...data]).toEqual(Array.from({ length: 54 }, (_, i) => ((i * 1237 + 200) % 65536) >> 8));
  });
});
