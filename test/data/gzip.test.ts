import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { gunzip, isGzip } from '../../src/data/gzip.ts';
import { FormatError } from '../../src/errors.ts';
import { gzipped } from './support.ts';

// Incompressible enough that there is a middle to damage, long enough for several chunks.
const content = Uint8Array.from({ length: 200_000 }, (_, i) => (Math.imul(i, 2_654_435_761) >>> 13) & 255);
const packed = gzipped(content);

function flipped(bytes: Uint8Array, at: number): Uint8Array<ArrayBuffer> {
  const copy = Uint8Array.from(bytes);
  copy[at] = (copy[at] ?? 0) ^ 0xff;
  return copy;
}

describe('gunzip', () => {
  test('gives back what was packed', async () => {
    expect(Buffer.compare(await gunzip(packed, 'a.gz', content.length), content)).toBe(0);
  });

  test('unpacks a file with a name in its header, as the official data sets have', async () => {
    const plain = gzipSync(content);
    const header = Buffer.from([0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 3]);
    const named = Uint8Array.from(Buffer.concat([header, Buffer.from('a-file\0'), plain.subarray(10)]));
    expect(Buffer.compare(await gunzip(named, 'a.gz', content.length), content)).toBe(0);
  });

  test.each([
    { what: 'an empty file', file: packed.slice(0, 0) },
    { what: 'an end inside the header', file: packed.slice(0, 6) },
    { what: 'an end in the middle', file: packed.slice(0, packed.length >> 1) },
    { what: 'a missing trailer', file: packed.slice(0, -8) },
    { what: 'a missing last byte', file: packed.slice(0, -1) },
    { what: 'a damaged middle', file: flipped(packed, packed.length >> 1) },
    { what: 'a wrong CRC', file: flipped(packed, packed.length - 5) },
    { what: 'a wrong length', file: flipped(packed, packed.length - 1) },
    { what: 'bytes that are not gzip', file: content.slice(0, 100) },
  ])('refuses $what', async ({ file }) => {
    const attempt = gunzip(file, 'a.gz', content.length);
    await expect(attempt).rejects.toThrow(FormatError);
    await expect(attempt).rejects.toThrow(/a\.gz: the gzip data \(\d+ bytes\) is damaged or truncated/);
  });

  test('stops at the limit when a small file unpacks to a large one', async () => {
    const bomb = gzipped(new Uint8Array(50_000_000));
    const attempt = gunzip(bomb, 'bomb.gz', 1_000_000);
    await expect(attempt).rejects.toThrow(FormatError);
    await expect(attempt).rejects.toThrow(/bomb\.gz: \d+ bytes of gzip unpack to more than the 1000000 bytes allowed/);
  });

  test('allows exactly the limit and not a byte less', async () => {
    await expect(gunzip(packed, 'a.gz', content.length)).resolves.toHaveLength(content.length);
    await expect(gunzip(packed, 'a.gz', content.length - 1)).rejects.toThrow(FormatError);
  });
});

describe('isGzip', () => {
  test.each([
    { bytes: [0x1f, 0x8b, 8], is: true },
    { bytes: [0, 0, 8, 3], is: false },
    { bytes: [0x1f], is: false },
    { bytes: [], is: false },
  ])('$bytes: $is', ({ bytes, is }) => {
    expect(isGzip(Uint8Array.from(bytes))).toBe(is);
  });
});
