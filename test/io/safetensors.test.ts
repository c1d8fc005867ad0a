import { expect, test } from 'vitest';
import { FormatError, ValueError } from '../../src/errors.ts';
import { decodeSafetensors, encodeSafetensors } from '../../src/io/safetensors.ts';
import { sizeOf } from '../../src/tensor/shape.ts';
import { damaged, damagedJson, expectReadOrRefused } from './damage.ts';

const arrays = [
  { name: 'a/kernel', shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, -6.5) },
  { name: 'b', shape: [], data: Float32Array.of(0.25) },
  { name: 'empty', shape: [0, 4], data: new Float32Array(0) },
  { name: 'größe/__proto__', shape: [1], data: Float32Array.of(-1) },
  { name: '__proto__', shape: [1], data: Float32Array.of(-2) },
];

/** A file with this header, and `room` bytes after it. */
function file(header: unknown, room = 8): Uint8Array<ArrayBuffer> {
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
  ['a list for a header', file([1]), /expected a JSON object/],
  ['another dtype', file({ a: { ...entry, dtype: 'F8' } }), /dtype "F8" is not read/],
  ['no entry at all', file({ a: null }), /dtype undefined/],
  ['offsets past the end', file({ a: { ...entry, data_offsets: [8, 16] } }), /the file holds 8 bytes/],
  ['offsets backwards', file({ a: { ...entry, data_offsets: [8, 0] } }), /elements at 8 to 0/],
  ['a shape that does not fit', file({ a: { ...entry, shape: [3] } }), /takes 12 bytes, not 8/],
  ['two arrays in one place', file({ a: entry, b: entry }), /lie where those of others do/],
  ['more elements than there are numbers for', file({ a: { ...entry, shape: [2 ** 40, 2 ** 40] } }), /is no shape/],
  ['a negative length', file({ a: { ...entry, shape: [-2] } }), /whole numbers/],
])('a file with %s is a FormatError', (_, bytes, says) => {
  expect(() => decodeSafetensors(bytes)).toThrow(FormatError);
  expect(() => decodeSafetensors(bytes)).toThrow(says);
});

test.each([
  ['F16', new Uint16Array([0x3c00, 0xc500, 0x0001, 0xfc00]), Float32Array.of(1, -5, 2 ** -24, -Infinity)],
  ['BF16', new Uint16Array([0x3f80, 0xc0a0]), Float32Array.of(1, -5)],
  ['I64', new BigInt64Array([-3n, 2n ** 53n - 1n]), Float64Array.of(-3, 2 ** 53 - 1)],
  ['U32', new Uint32Array([2 ** 32 - 1]), Float64Array.of(2 ** 32 - 1)],
  ['I16', new Int16Array([-7]), Int32Array.of(-7)],
  ['I8', new Int8Array([-7]), Int32Array.of(-7)],
  ['BOOL', new Uint8Array([1, 0]), Uint8Array.of(1, 0)],
])('numbers of type %s are read', (dtype, kept, expected) => {
  const bytes = file({ a: { dtype, shape: [kept.length], data_offsets: [0, kept.byteLength] } }, kept.byteLength);
  bytes.set(new Uint8Array(kept.buffer), bytes.length - kept.byteLength);
  expect(decodeSafetensors(bytes).arrays[0]?.data).toEqual(expected);
});

test('a whole number that a float64 does not have is refused', () => {
  const kept = new BigInt64Array([2n ** 60n + 1n]);
  const bytes = file({ a: { dtype: 'I64', shape: [1], data_offsets: [0, 8] } });
  bytes.set(new Uint8Array(kept.buffer), bytes.length - 8);
  expect(() => decodeSafetensors(bytes)).toThrow(/more digits than a float64 keeps/);
});

test('damaged files are read or refused, and nothing else', async () => {
  const good = encodeSafetensors(arrays, { said: 'so' });
  const room = arrays.reduce((size, { data }) => size + data.byteLength, 0);
  const header = new TextDecoder().decode(good.subarray(8, good.length - room));
  const read = await expectReadOrRefused(
    // every other copy has its length right
    (i) => (i % 2 === 0 ? damaged(good, i) : file(damagedJson(header, i), room)),
    (bytes) => decodeSafetensors(bytes),
    (found) => {
      for (const { shape, data } of found.arrays) expect(data.length).toBe(sizeOf(shape));
    },
  );
  expect(read).toBeGreaterThan(0);
});
