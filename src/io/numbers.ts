// Numbers as files keep them -> arrays of ours.
import type { TypedArray } from '../backend/backend.ts';
import { FormatError } from '../errors.ts';

/** How a number is kept. */
export interface NumberType {
  readonly kind: 'float' | 'bfloat' | 'int' | 'uint';
  readonly bytes: number;
  readonly littleEndian: boolean;
}

export function little(kind: NumberType['kind'], bytes: number): NumberType {
  return { kind, bytes, littleEndian: true };
}

/**
 * The first `size` numbers of `bytes`, in an array of their own. Floats of 16 bits become float32, whole numbers of up to 16 bits int32
 * (bytes stay uint8). Those of 64 bits, and unsigned ones of 32, become float64.
 *
 * @throws FormatError for a whole number beyond 2^53, which a float64 does not have
 */
export function decodeNumbers(bytes: Uint8Array, size: number, type: NumberType, where: string): TypedArray {
  if (bytes.length < size * type.bytes)
    throw new FormatError(`${where}: ${size} numbers take ${size * type.bytes} bytes, there are ${bytes.length}`);
  // a copy: what lies in a file need not begin where an array may
  const raw = bytes.slice(0, size * type.bytes);
  if (!type.littleEndian && type.bytes > 1) swap(raw, type.bytes);
  switch (`${type.kind}${8 * type.bytes}`) {
    case 'float16':
      return Float32Array.from(new Uint16Array(raw.buffer), half);
    case 'bfloat16':
      return new Float32Array(Uint32Array.from(new Uint16Array(raw.buffer), (bits) => bits << 16).buffer);
    case 'float32':
      return new Float32Array(raw.buffer);
    case 'float64':
      return new Float64Array(raw.buffer);
    case 'int8':
      return Int32Array.from(new Int8Array(raw.buffer));
    case 'int16':
      return Int32Array.from(new Int16Array(raw.buffer));
    case 'int32':
      return new Int32Array(raw.buffer);
    case 'int64':
      return exact(new BigInt64Array(raw.buffer), where);
    case 'uint8':
      return raw;
    case 'uint16':
      return Int32Array.from(new Uint16Array(raw.buffer));
    case 'uint32':
      return Float64Array.from(new Uint32Array(raw.buffer));
    case 'uint64':
      return exact(new BigUint64Array(raw.buffer), where);
    default:
      throw new FormatError(`${where}: numbers of ${8 * type.bytes} bits are not read`);
  }
}

function swap(raw: Uint8Array, each: number): void {
  for (let at = 0; at < raw.length; at += each) raw.subarray(at, at + each).reverse();
}

function exact(values: BigInt64Array | BigUint64Array, where: string): Float64Array {
  return Float64Array.from(values, (value) => {
    const number = Number(value);
    if (Number.isSafeInteger(number)) return number;
    throw new FormatError(`${where}: ${value} has more digits than a float64 keeps`);
  });
}

/** The value of a float of 16 bits (IEEE 754 binary16). */
export function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
