// Tar files: 512-byte headers, each followed by the file it describes (POSIX ustar; long names as GNU and pax write them).
import { FormatError } from '../errors.ts';

export interface TarMember {
  readonly path: string;
  readonly data: Uint8Array<ArrayBuffer>;
  /** Where the data begins in the tar file. */
  readonly offset: number;
}

const BLOCK = 512;
const SIZE = { at: 124, length: 12 };
const CHECKSUM = { at: 148, length: 8 };

/**
 * The regular files of a tar file, as views of `bytes`; folders and links are passed over.
 *
 * @param name what an error calls the file
 * @throws FormatError with the byte offset of what is wrong
 */
export function parseTar(bytes: Uint8Array<ArrayBuffer>, name: string): TarMember[] {
  const fail = (offset: number, what: string): never => {
    throw new FormatError(`${name}: at byte ${offset}: ${what}`);
  };
  const members: TarMember[] = [];
  let longPath: string | undefined;
  for (let at = 0; ; ) {
    const header = bytes.subarray(at, at + BLOCK);
    if (header.length < BLOCK) return fail(at, 'the tar file ends without its end mark');
    if (header.every((byte) => byte === 0)) return members;
    const sum = octal(header, CHECKSUM);
    if (sum === null || !checksums(header).includes(sum)) return fail(at, 'the check sum of a tar header is wrong');
    const size = octal(header, SIZE);
    if (size === null) return fail(at + SIZE.at, 'the size in a tar header is no number');
    const offset = at + BLOCK;
    const path = longPath ?? pathOf(header);
    if (offset + size > bytes.length) return fail(at, `${path} has ${size} bytes, which run past the end`);
    const data = bytes.subarray(offset, offset + size);
    const type = String.fromCharCode(header[156]!);
    longPath = type === 'L' ? text(data) : type === 'x' ? paxPath(data) : undefined;
    if (type === '0' || type === '\0') members.push({ path, data, offset });
    at = offset + Math.ceil(size / BLOCK) * BLOCK;
  }
}

/** A number in octal digits, or in base 256 behind a first bit that is set; null when it is neither. */
function octal(header: Uint8Array, { at, length }: typeof SIZE): number | null {
  const field = header.subarray(at, at + length);
  if (field[0] === 0x80) {
    const value = field.subarray(1).reduce((sum, byte) => sum * 256 + byte, 0);
    return Number.isSafeInteger(value) ? value : null;
  }
  const digits = /^ *([0-7]+)[ \0]*$/.exec(ascii(field))?.[1];
  return digits === undefined ? null : Number.parseInt(digits, 8);
}

/** The sum of the header's bytes with its own field as blanks. Old programs took the bytes as signed. */
function checksums(header: Uint8Array): number[] {
  const sums = [0, 0];
  header.forEach((byte, i) => {
    const value = i >= CHECKSUM.at && i < CHECKSUM.at + CHECKSUM.length ? 32 : byte;
    sums[0]! += value;
    sums[1]! += value > 127 ? value - 256 : value;
  });
  return sums;
}

function pathOf(header: Uint8Array): string {
  const [path, prefix] = [text(header.subarray(0, 100)), text(header.subarray(345, 500))];
  const isUstar = ascii(header.subarray(257, 263)) === 'ustar\0';
  return isUstar && prefix ? `${prefix}/${path}` : path;
}

/** The path among the records "length key=value\n" of a pax header. */
function paxPath(data: Uint8Array): string | undefined {
  return /^\d+ path=(.*)$/m.exec(text(data))?.[1];
}

const text = (field: Uint8Array) => new TextDecoder().decode(field).replace(/\0.*$/s, '');
const ascii = (field: Uint8Array) => new TextDecoder().decode(field);
