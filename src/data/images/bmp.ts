// Windows bitmaps. sharp does not read them, and Keras' folders of images may hold them. Not the run-length packed ones.
import type { RawImage } from '../../platform/index.ts';
import { type Reader, readerOf } from './bytesReader.ts';
import { requirePixels } from './limits.ts';

interface Bitmap {
  readonly reader: Reader;
  readonly width: number;
  readonly height: number;
  /** The first row of the file is the lowest of the picture. */
  readonly bottomUp: boolean;
  readonly bits: number;
  readonly begin: number;
  /** Bytes of a row: whole words of four. */
  readonly stride: number;
}

const UNPACKED = 0;
const MASKS = 3;
const MASKS_WITH_ALPHA = 6;

/** The pixels of a .bmp file, RGB or, where it has masks with alpha, RGBA. @throws FormatError with the byte offset of what is wrong */
export function decodeBmp(bytes: Uint8Array<ArrayBuffer>, name: string): RawImage {
  const reader = readerOf(bytes, name);
  const { u16, u32, i32, fail } = reader;
  const headerSize = u32(14);
  const isOld = headerSize === 12;
  if (!isOld && headerSize < 40) fail(14, `a header of ${headerSize} bytes; expected 12, or 40 and more`);
  const [width, signedHeight, bits] = isOld ? [u16(18), u16(20), u16(24)] : [i32(18), i32(22), u16(28)];
  const compression = isOld ? UNPACKED : u32(30);
  const height = Math.abs(signedHeight);
  if (width < 1 || height < 1) fail(18, `a picture of ${width} x ${height}`);
  requirePixels(name, width, height);
  const stride = 4 * Math.ceil((width * bits) / 32);
  const bitmap: Bitmap = { reader, width, height, bottomUp: signedHeight > 0, bits, begin: u32(10), stride };
  if (bits <= 8 && compression === UNPACKED) return withPalette(bitmap, headerSize);
  if (bits === 24 && compression === UNPACKED) return withMasks(bitmap, [0xff0000, 0xff00, 0xff]);
  if (bits === 16 || bits === 32) {
    if (compression === UNPACKED)
      return withMasks(bitmap, bits === 16 ? [0x7c00, 0x3e0, 0x1f] : [0xff0000, 0xff00, 0xff]);
    if (compression === MASKS || compression === MASKS_WITH_ALPHA) {
      const alpha = headerSize >= 56 || compression === MASKS_WITH_ALPHA ? u32(66) : 0;
      return withMasks(bitmap, [u32(54), u32(58), u32(62), ...(alpha ? [alpha] : [])]);
    }
  }
  return fail(28, `${bits} bits a pixel with compression ${compression}, which is not read here`);
}

/** Pixels are numbers of colours, the leftmost in the highest bits of a byte. */
function withPalette(bitmap: Bitmap, headerSize: number): RawImage {
  const { reader, bits, stride } = bitmap;
  if (bits !== 1 && bits !== 4 && bits !== 8) reader.fail(28, `${bits} bits a pixel; expected 1, 4 or 8`);
  const entry = headerSize === 12 ? 3 : 4;
  const first = 14 + headerSize;
  const colors = Math.min(2 ** bits, Math.floor((bitmap.begin - first) / entry));
  const perByte = 8 / bits;
  return rows(bitmap, 3, (row, column, pixels, to) => {
    const at = row * stride + Math.floor(column / perByte) + bitmap.begin;
    const index = (reader.bytes[at]! >> (8 - bits - bits * (column % perByte))) & (2 ** bits - 1);
    if (index >= colors) reader.fail(at, `colour ${index} of ${colors}`);
    for (let c = 0; c < 3; c++) pixels[to + c] = reader.u8(first + index * entry + 2 - c);
  });
}

/** Each channel is what its mask leaves of a pixel, stretched to 0 ... 255. */
function withMasks(bitmap: Bitmap, masks: readonly number[]): RawImage {
  const { reader, bits, begin, stride } = bitmap;
  const parts = masks.map((mask) => {
    const shift = mask ? 31 - Math.clz32(mask & -mask) : 0;
    const most = mask >>> shift;
    // one run of bits
    if (mask && (most & (most + 1)) !== 0) reader.fail(54, `mask ${mask.toString(16)} has gaps`);
    return { mask, shift, most };
  });
  return rows(bitmap, masks.length, (row, column, pixels, to) => {
    const at = begin + row * stride + (column * bits) / 8;
    const { bytes } = reader;
    let value = bytes[at]! | (bytes[at + 1]! << 8);
    if (bits >= 24) value |= bytes[at + 2]! << 16;
    if (bits === 32) value |= bytes[at + 3]! << 24;
    parts.forEach(({ mask, shift, most }, c) => {
      pixels[to + c] = most ? Math.floor((((value & mask) >>> shift) * 255) / most) : 0;
    });
  });
}

/** Calls `write` for each pixel with its row and column in the file, and where it belongs. */
function rows(
  { reader, width, height, bottomUp, begin, stride }: Bitmap,
  channels: number,
  write: (row: number, column: number, pixels: Uint8Array, to: number) => void,
): RawImage {
  if (begin + stride * height > reader.bytes.length)
    reader.fail(reader.bytes.length, `the file ends before its ${height} rows of ${stride} bytes`);
  const data = new Uint8Array(width * height * channels);
  for (let y = 0; y < height; y++) {
    const row = bottomUp ? height - 1 - y : y;
    for (let x = 0; x < width; x++) write(row, x, data, (y * width + x) * channels);
  }
  return { width, height, channels, data };
}
