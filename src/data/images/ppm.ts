// The portable bitmaps of Netpbm: P1 to P3 as text, P4 to P6 as bytes; bits, grey, colour. Neither sharp nor browsers read them.
import type { RawImage } from '../../platform/index.ts';
import { type Reader, readerOf } from './bytesReader.ts';
import { requirePixels } from './limits.ts';

const isBlank = (byte: number) => byte === 32 || (byte >= 9 && byte <= 13);
const HASH = 35;
const LINE_END = 10;

/** The pixels of a .ppm, .pgm or .pbm file, grey or RGB. @throws FormatError with the byte offset of what is wrong */
export function decodePpm(bytes: Uint8Array<ArrayBuffer>, name: string): RawImage {
  const reader = readerOf(bytes, name);
  const kind = reader.u8(1) - 48;
  const isText = kind <= 3;
  const isBits = kind === 1 || kind === 4;
  const words = new Words(reader);
  const [width, height, most] = [words.number(), words.number(), isBits ? 1 : words.number()];
  if (width < 1 || height < 1) reader.fail(2, `a picture of ${width} x ${height}`);
  if (most < 1 || most > 65_535) reader.fail(2, `values up to ${most}; expected 1 to 65535`);
  requirePixels(name, width, height);

  const channels = kind === 3 || kind === 6 ? 3 : 1;
  const count = width * height * channels;
  // Every value takes half a byte at least: a header may not ask for memory that the file does not fill.
  if (count > 8 * bytes.length) reader.fail(bytes.length, `the file ends before its ${count} values`);
  const data = new Uint8Array(count);
  const next = isText ? textValues(words, isBits) : byteValues(reader, words.at + 1, kind, width, most);
  for (let i = 0; i < count; i++) {
    const value = next(i);
    if (value > most) reader.fail(words.at, `a value of ${value}, above ${most}`);
    // a bit that is set is black
    data[i] = Math.round(((isBits ? 1 - value : value) / most) * 255);
  }
  return { width, height, channels, data };
}

function textValues(words: Words, isBits: boolean): () => number {
  return isBits ? () => words.digit() : () => words.number();
}

/** Value i of the bytes from `begin` on: a bit of rows that begin with a byte each, a byte, or two with the higher first. */
function byteValues(reader: Reader, begin: number, kind: number, width: number, most: number): (i: number) => number {
  if (kind === 4) {
    const stride = Math.ceil(width / 8);
    return (i) =>
      (reader.u8(begin + Math.floor(i / width) * stride + ((i % width) >> 3)) >> (7 - ((i % width) & 7))) & 1;
  }
  if (most < 256) return (i) => reader.u8(begin + i);
  return (i) => 256 * reader.u8(begin + 2 * i) + reader.u8(begin + 2 * i + 1);
}

/** Whole numbers in text, blanks and comments passed over. */
class Words {
  at = 2;
  private readonly reader: Reader;

  constructor(reader: Reader) {
    this.reader = reader;
  }

  number(): number {
    this.toWord();
    let value = 0;
    const from = this.at;
    const { bytes } = this.reader;
    for (; this.at < bytes.length && !isBlank(bytes[this.at]!); this.at++) value = value * 10 + this.digitAt();
    if (this.at === from || this.at - from > 9) this.reader.fail(from, 'expected a number');
    return value;
  }

  /** One digit: bits may stand without blanks between them. */
  digit(): number {
    this.toWord();
    const value = this.digitAt();
    this.at++;
    return value;
  }

  private digitAt(): number {
    const value = this.reader.u8(this.at) - 48;
    return value >= 0 && value <= 9 ? value : this.reader.fail(this.at, 'expected a digit');
  }

  private toWord(): void {
    const { bytes } = this.reader;
    for (; isBlank(this.reader.u8(this.at)) || bytes[this.at] === HASH; this.at++) {
      if (bytes[this.at] === HASH) while (this.at < bytes.length && bytes[this.at] !== LINE_END) this.at++;
    }
  }
}
