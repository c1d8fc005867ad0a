import { FormatError } from '../../errors.ts';

/** Numbers of a picture file by their places; a place outside is a FormatError, as is whatever `fail` is called for. */
export interface Reader {
  readonly bytes: Uint8Array<ArrayBuffer>;
  u8(at: number): number;
  u16(at: number): number;
  u32(at: number): number;
  i32(at: number): number;
  fail(at: number, what: string): never;
}

/** Little-endian. */
export function readerOf(bytes: Uint8Array<ArrayBuffer>, name: string): Reader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const fail = (at: number, what: string): never => {
    throw new FormatError(`${name}: at byte ${at}: ${what}`);
  };
  const read = (at: number, size: number, get: () => number) =>
    at + size <= bytes.length ? get() : fail(at, 'the file ends here');
  return {
    bytes,
    u8: (at) => read(at, 1, () => view.getUint8(at)),
    u16: (at) => read(at, 2, () => view.getUint16(at, true)),
    u32: (at) => read(at, 4, () => view.getUint32(at, true)),
    i32: (at) => read(at, 4, () => view.getInt32(at, true)),
    fail,
  };
}
