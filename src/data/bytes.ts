import { ValueError } from '../errors.ts';
import { kindOf } from '../tensor/options.ts';

/** What may be given for the bytes of a file. */
export type BytesLike = Uint8Array | ArrayBuffer;

export function isBytes(value: unknown): value is BytesLike {
  return value instanceof Uint8Array || value instanceof ArrayBuffer;
}

/** The bytes of a Uint8Array, Buffer or ArrayBuffer: a view of them where that is possible. */
export function asBytes(who: string, value: unknown): Uint8Array<ArrayBuffer> {
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  if (!(value instanceof Uint8Array))
    throw new ValueError(`${who} must be a Uint8Array or ArrayBuffer, got ${kindOf(value)}`);
  return value.buffer instanceof ArrayBuffer
    ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
    : new Uint8Array(value);
}
