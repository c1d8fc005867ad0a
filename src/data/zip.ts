// Zip files as numpy writes them (PKWARE's APPNOTE 6.3): members stored or deflated, no encryption, below 4 GB.
import { FormatError } from '../errors.ts';
import { crc32 } from './crc32.ts';
import { gunzip } from './gzip.ts';

export interface ZipMember {
  readonly name: string;
  /** Bytes once unpacked. */
  readonly size: number;
  readonly crc: number;
  readonly deflated: boolean;
  readonly packed: Uint8Array<ArrayBuffer>;
}

const END = 0x06054b50;
const END_BYTES = 22;
const LONGEST_COMMENT = 0xffff;
const CENTRAL = 0x02014b50;
const CENTRAL_BYTES = 46;
const LOCAL = 0x04034b50;
const LOCAL_BYTES = 30;

/**
 * The members that the directory of a zip file lists.
 *
 * @param file what an error calls it
 * @throws FormatError with the byte offset of what is wrong
 */
export function listZip(bytes: Uint8Array<ArrayBuffer>, file: string): ZipMember[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const fail = (offset: number, what: string): never => {
    throw new FormatError(`${file}: at byte ${offset}: ${what}`);
  };
  const requireSignature = (at: number, length: number, signature: number, what: string) => {
    if (at + length > bytes.length) fail(at, `the file ends inside ${what}`);
    if (view.getUint32(at, true) !== signature) fail(at, `expected ${what}`);
  };

  const end = endOf(view);
  if (end < 0) return fail(bytes.length, 'not a whole zip file: it has no end of a directory');
  const count = view.getUint16(end + 10, true);
  const members: ZipMember[] = [];
  let left = bytes.length;
  let at = view.getUint32(end + 16, true);
  for (let i = 0; i < count; i++) {
    requireSignature(at, CENTRAL_BYTES, CENTRAL, `entry ${i} of the directory`);
    const [flags, method] = [view.getUint16(at + 8, true), view.getUint16(at + 10, true)];
    const [crc, packedSize, size] = [16, 20, 24].map((place) => view.getUint32(at + place, true)) as [
      number,
      number,
      number,
    ];
    const lengths = [28, 30, 32].map((place) => view.getUint16(at + place, true)) as [number, number, number];
    const next = at + CENTRAL_BYTES + lengths[0] + lengths[1] + lengths[2];
    if (next > end) fail(at, `entry ${i} of the directory runs past its end`);
    const name = new TextDecoder().decode(bytes.subarray(at + CENTRAL_BYTES, at + CENTRAL_BYTES + lengths[0]));
    if (flags & 1) fail(at, `${name} is encrypted`);
    if (method !== 0 && method !== 8) fail(at, `${name} is packed by method ${method}; expected 0 or 8 (deflate)`);
    const local = view.getUint32(at + 42, true);
    requireSignature(local, LOCAL_BYTES, LOCAL, `the header of ${name}`);
    const begin = local + LOCAL_BYTES + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
    if (begin + packedSize > bytes.length) fail(local, `${name} has ${packedSize} bytes, which run past the end`);
    left -= packedSize;
    if (left < 0) fail(local, `${name} lies where other members do`);
    members.push({ name, size, crc, deflated: method === 8, packed: bytes.subarray(begin, begin + packedSize) });
    at = next;
  }
  return members;
}

/** Where the record at the end of a zip file begins, or -1: behind it there may only be a comment. */
function endOf(view: DataView): number {
  const first = Math.max(0, view.byteLength - END_BYTES - LONGEST_COMMENT);
  for (let at = view.byteLength - END_BYTES; at >= first; at--) {
    const isEnd =
      view.getUint32(at, true) === END && at + END_BYTES + view.getUint16(at + 20, true) === view.byteLength;
    if (isEnd) return at;
  }
  return -1;
}

/** Unpacks a member; its length and check sum are those of the directory, or a FormatError. */
export async function unzip(member: ZipMember, file: string, limit: number): Promise<Uint8Array<ArrayBuffer>> {
  const { name, size, crc, deflated, packed } = member;
  const path = `${file}: ${name}`;
  if (size > limit) throw new FormatError(`${path}: unpacks to ${size} bytes; at most ${limit} are allowed`);
  // Browsers inflate gzip, and Node 20 deflate without a frame from 20.12 on only. With the frame of gzip around it
  // length and check sum are looked at as well.
  if (deflated) return gunzip(framed(packed, crc, size), path, size);
  if (packed.length !== size || crc32(packed) !== crc) throw new FormatError(`${path}: length or check sum are wrong`);
  return packed;
}

function framed(packed: Uint8Array, crc: number, size: number): Uint8Array<ArrayBuffer> {
  const gzip = new Uint8Array(18 + packed.length);
  gzip.set([0x1f, 0x8b, 8]);
  gzip.set(packed, 10);
  const view = new DataView(gzip.buffer);
  view.setUint32(10 + packed.length, crc, true);
  view.setUint32(14 + packed.length, size, true);
  return gzip;
}
