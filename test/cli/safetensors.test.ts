import { expect, test } from 'vitest';
import { FormatError, ValueError } from '../../src/errors.ts';
import { decodeSafetensors, encodeSafetensors } from '../../src/io/safetensors.ts';

const arrays = [
  { name: 'a/kernel', shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, -6.5) },
  { name: 'b', shape: [], data: Float32Array.of(0.25) },
  { name: 'empty', shape: [0, 4], data: new Float32Array(0) },
  { name: 'größe/__proto__', shape: [1], data: Float32Array.of(-1) },
  { name: '__proto__', shape: [1], data: Float32Array.of(-2) },
];

/** A file with this header, and `room` bytes after it. */
function file(header: unknown, room = 8): Uint8Array {
  const text = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + text.length + room);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  return bytes;
}

test('what is written is read again', () => {
  expect(decodeSafetensors(encodeSafetensors(arrays))).toEqual({ arrays, metadata: {} });
});

test('the elements begin at a multiple of 8 bytes, whatever the names', () => {
  const header = new DataView(encodeSafetensors(arrays).buffer).getBigUint64(0, true);
  expect(header % 8n).toBe(0n);
});

test('two arrays of one name are refused', () => {
  expect(() => encodeSafetensors([arrays[1]!, arrays[1]!])).toThrow(ValueError);
});

const entry = { dtype: 'F32', shape: [2], data_offsets: [0, 8] };
test.each([
  ['too short', new Uint8Array(3), /3 bytes are too few/],
  ['a header longer than the file', file({ a: entry }).subarray(0, 20), /at byte 0 the header claims/],
  ['an absurd length', new Uint8Array(16).fill(255), /at byte 0 the header claims/],
  ['no JSON', file('{"a":'), /no JSON/],
  ['a list for a header', file([1]), /no object/],
  ['another dtype', file({ a: { ...entry, dtype: 'BF16' } }), /dtype "BF16" is not read/],
  ['no entry at all', file({ a: null }), /dtype undefined/],
  ['offsets past the end', file({ a: { ...entry, data_offsets: [8, 16] } }), /the file holds 8 bytes/],
  ['offsets backwards', file({ a: { ...entry, data_offsets: [8, 0] } }), /elements at 8 to 0/],
  ['a shape that does not fit', file({ a: { ...entry, shape: [3] } }), /takes 12 bytes, not 8/],
  ['a negative length', file({ a: { ...entry, shape: [-2] } }), /whole numbers/],
])('a file with %s is a FormatError', (_, bytes, says) => {
  expect(() => decodeSafetensors(bytes)).toThrow(FormatError);
  expect(() => decodeSafetensors(bytes)).toThrow(says);
});

test('a thousand damaged files are read or refused, and nothing else', () => {
  const good = encodeSafetensors(arrays);
  for (let i = 0; i < 1000; i++) {
    const bytes = good.slice(0, i % 3 === 0 ? (i * 7) % good.length : good.length);
    if (bytes.length > 0) bytes[(i * 31) % bytes.length]! ^= 1 << (i % 8);
    try {
      decodeSafetensors(bytes);
    } catch (error) {
      expect(error).toBeInstanceOf(FormatError);
    }
  }
});
