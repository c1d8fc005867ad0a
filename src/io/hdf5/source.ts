import { FormatError } from '../../errors.ts';
import { MOST_TEXT, MOST_UNPACKED } from '../limits.ts';

/** Where a file says that there is nothing. */
const NOWHERE = 2n ** 64n - 1n;

/**
 * The bytes of an HDF5 file, handed out piece by piece. In a whole file each byte belongs to one structure, so no more bytes are
 * handed out than there are: a damaged file, whose structures point at each other or back, ends in an error and not in a loop.
 */
export class Hdf5Source {
  readonly file: string;
  private readonly bytes: Uint8Array<ArrayBuffer>;
  private left: number;
  private unpacked = 0;
  private texts = 0;

  constructor(bytes: Uint8Array<ArrayBuffer>, file: string) {
    this.bytes = bytes;
    this.file = file;
    this.left = bytes.length;
  }

  get length(): number {
    return this.bytes.length;
  }

  /** A reader of the `length` bytes at `at`. `what` is what they are. */
  claim(at: number, length: number, what: string): Hdf5Reader {
    if (at + length > this.bytes.length) this.fail(at, `${what} of ${length} bytes runs past the end of the file`);
    this.left -= length;
    if (this.left < 0) this.fail(at, `${what} lies where something else does`);
    return new Hdf5Reader(this, this.bytes.subarray(at, at + length), at, what);
  }

  /** Counts what chunks take in memory, where a few bytes may stand for many. All of a file together may take its own length and MOST_UNPACKED. */
  unpack(length: number, what: string): void {
    this.unpacked += length;
    if (this.unpacked > this.length + MOST_UNPACKED)
      throw new FormatError(`${this.file}: ${what}: unpacks to more than the ${MOST_UNPACKED} bytes allowed`);
  }

  /** Text up to its first zero byte. Names may lie in each other, so they are counted as well. */
  text(bytes: Uint8Array): string {
    const end = bytes.indexOf(0);
    const length = end < 0 ? bytes.length : end;
    this.texts += length;
    if (this.texts > MOST_TEXT)
      throw new FormatError(`${this.file}: has more than the ${MOST_TEXT} bytes of text allowed`);
    return new TextDecoder().decode(bytes.subarray(0, length));
  }

  fail(at: number, what: string): never {
    throw new FormatError(`${this.file}: at byte ${at}: ${what}`);
  }
}

/** Numbers one after another, little-endian, and never one past the end. */
export class Hdf5Reader {
  readonly what: string;
  private readonly source: Hdf5Source;
  private readonly bytes: Uint8Array<ArrayBuffer>;
  private readonly view: DataView;
  private readonly base: number;
  private next = 0;

  constructor(source: Hdf5Source, bytes: Uint8Array<ArrayBuffer>, base: number, what: string) {
    this.source = source;
    this.bytes = bytes;
    this.base = base;
    this.what = what;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get left(): number {
    return this.bytes.length - this.next;
  }

  /** Where in the file the next byte is. */
  get at(): number {
    return this.base + this.next;
  }

  /** The next bytes as a text, which may end before them by a zero byte. */
  text(length: number): string {
    return this.source.text(this.take(length));
  }

  u8(): number {
    return this.view.getUint8(this.step(1));
  }

  u16(): number {
    return this.view.getUint16(this.step(2), true);
  }

  u32(): number {
    return this.view.getUint32(this.step(4), true);
  }

  /** A count or length of 8 bytes. */
  u64(): number {
    const value = this.view.getBigUint64(this.step(8), true);
    return value <= Number.MAX_SAFE_INTEGER ? Number(value) : this.fail(`${value} is more than a file can hold`);
  }

  /** A place in the file, or null for nowhere. */
  address(): number | null {
    const value = this.view.getBigUint64(this.step(8), true);
    if (value === NOWHERE) return null;
    return value < this.source.length ? Number(value) : this.fail(`there is no byte ${value} in the file`);
  }

  /** A place that must be one. */
  somewhere(): number {
    return this.address() ?? this.fail('an address is missing');
  }

  take(length: number): Uint8Array<ArrayBuffer> {
    const at = this.step(length);
    return this.bytes.subarray(at, at + length);
  }

  /** Part of this as a reader of its own. */
  part(length: number, what: string): Hdf5Reader {
    const { at } = this;
    return new Hdf5Reader(this.source, this.take(length), at, what);
  }

  skip(length: number): void {
    this.step(length);
  }

  /** Refuses anything but that number. */
  expect(found: number, ...allowed: readonly number[]): number {
    return allowed.includes(found) ? found : this.fail(`expected ${allowed.join(' or ')}, got ${found}`);
  }

  signature(text: string): void {
    const found = String.fromCharCode(...this.take(text.length));
    if (found !== text) this.fail(`expected the signature ${text}`);
  }

  fail(what: string): never {
    return this.source.fail(this.at, `${this.what}: ${what}`);
  }

  private step(length: number): number {
    if (length > this.left) this.fail(`needs ${length} more bytes, has ${this.left}`);
    const at = this.next;
    this.next += length;
    return at;
  }
}
