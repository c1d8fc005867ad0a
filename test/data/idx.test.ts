import { describe, expect, test } from 'vitest';
import { encodeIdx, parseIdx } from '../../src/data/idx.ts';
import { FormatError, ShapeError } from '../../src/errors.ts';

const bytes = (...values: number[]) => Uint8Array.from(values);

describe('parseIdx', () => {
  test('reads shape and data of a file written by hand', () => {
    const file = bytes(0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 10, 20, 30, 40, 50, 60);
    expect(parseIdx(file, 'a')).toEqual({ shape: [2, 3], data: bytes(10, 20, 30, 40, 50, 60) });
  });

  test('reads a file that starts in the middle of its buffer', () => {
    const file = bytes(9, 9, 9, 0, 0, 8, 1, 0, 0, 0, 2, 7, 8).subarray(3);
    expect(parseIdx(file, 'a')).toEqual({ shape: [2], data: bytes(7, 8) });
  });

  test.each([
    { shape: [5] },
    { shape: [0] },
    { shape: [3, 4] },
    { shape: [2, 28, 28] },
    { shape: [2, 3, 4, 5] },
    { shape: [0, 4_294_967_295] },
    { shape: [300, 2] },
  ])('reads back what encodeIdx wrote: $shape', ({ shape }) => {
    const size = shape.reduce((a, b) => a * b, 1);
    const array = { shape, data: Uint8Array.from({ length: size }, (_, i) => (7 * i) % 256) };
    expect(parseIdx(encodeIdx(array), 'a')).toEqual(array);
  });

  const max = [255, 255, 255, 255];
  test.each([
    { what: 'an empty file', file: bytes(), at: 0, says: /ends inside the 4 magic bytes.*0 bytes/ },
    { what: 'a file of 3 bytes', file: bytes(0, 0, 8), at: 3, says: /ends inside the 4 magic bytes/ },
    { what: 'another format', file: bytes(0x89, 0x50, 0x4e, 0x47), at: 0, says: /expected 00 00, got 89 50/ },
    { what: 'a second byte that is not 0', file: bytes(0, 1, 8, 1, 0, 0, 0, 0), at: 0, says: /got 00 01/ },
    {
      what: 'float32 elements',
      file: bytes(0, 0, 0x0d, 1, 0, 0, 0, 0),
      at: 2,
      says: /08 \(uint8\), got 0d \(float32\)/,
    },
    { what: 'an unknown type', file: bytes(0, 0, 7, 1, 0, 0, 0, 0), at: 2, says: /got 07 \(unknown\)/ },
    { what: 'rank 0', file: bytes(0, 0, 8, 0, 1), at: 3, says: /rank of 1 to 4, got 0/ },
    { what: 'rank 255', file: bytes(0, 0, 8, 255), at: 3, says: /rank of 1 to 4, got 255/ },
    {
      what: 'an end inside the dimensions',
      file: bytes(0, 0, 8, 3, 0, 0, 0, 1),
      at: 8,
      says: /inside its 3 dimensions/,
    },
    { what: 'data cut short', file: bytes(0, 0, 8, 1, 0, 0, 0, 3, 1, 2), at: 10, says: /3 bytes.*shape \[3\], got 2/ },
    {
      what: 'bytes after the data',
      file: bytes(0, 0, 8, 1, 0, 0, 0, 1, 1, 2),
      at: 9,
      says: /1 bytes.*shape \[1\], got 2/,
    },
    {
      what: 'dimensions whose product is far beyond 2^53',
      file: bytes(0, 0, 8, 4, ...max, ...max, ...max, ...max, 1),
      at: 21,
      says: /shape \[4294967295, 4294967295, 4294967295, 4294967295\], got 1/,
    },
    {
      what: 'dimensions whose product is 0 modulo 2^32',
      file: bytes(0, 0, 8, 2, 0, 1, 0, 0, 0, 1, 0, 0),
      at: 12,
      says: /4294967296 bytes.*shape \[65536, 65536\], got 0/,
    },
  ])('refuses $what, naming file and byte', ({ file, at, says }) => {
    const parse = () => parseIdx(file, 'digits.idx');
    expect(parse).toThrow(FormatError);
    expect(parse).toThrow(`digits.idx: at byte ${at}: `);
    expect(parse).toThrow(says);
  });
});

describe('encodeIdx', () => {
  test.each([
    { what: 'rank 0', shape: [], size: 1 },
    { what: 'rank 5', shape: [1, 1, 1, 1, 1], size: 1 },
    { what: 'a fraction', shape: [0.5, 2], size: 1 },
    { what: 'negative sizes', shape: [-1, -2], size: 2 },
    { what: 'a size above uint32', shape: [4_294_967_296, 0], size: 0 },
    { what: 'NaN', shape: [Number.NaN], size: 0 },
    { what: 'a product that is not the length', shape: [2, 2], size: 3 },
  ])('refuses $what', ({ shape, size }) => {
    expect(() => encodeIdx({ shape, data: new Uint8Array(size) })).toThrow(ShapeError);
  });
});
