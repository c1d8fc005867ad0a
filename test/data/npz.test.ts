import { describe, expect, test } from 'vitest';
import { crc32 } from '../../src/data/crc32.ts';
import { parseNpy } from '../../src/data/npy.ts';
import { decodeNpz } from '../../src/data/npz.ts';
import { listZip, unzip } from '../../src/data/zip.ts';
import { FormatError } from '../../src/errors.ts';
import { damaged, joined, npyOf, zipOf } from './archives.ts';

const text = (value: string) => new TextEncoder().encode(value);
const count = (size: number) => Uint8Array.from({ length: size }, (_, i) => i % 251);

test('crc32 of the text that everybody tries', () => {
  expect(crc32(text('123456789'))).toBe(0xcbf43926);
  expect(crc32(new Uint8Array())).toBe(0);
});

describe('parseNpy', () => {
  test.each([
    { shape: [5], major: 1 },
    { shape: [2, 3, 4], major: 1 },
    { shape: [2, 3], major: 2 },
    { shape: [0, 28, 28], major: 1 },
  ])('reads version $major of shape $shape', ({ shape, major }) => {
    const data = count(shape.reduce((a, b) => a * b, 1));
    const file = npyOf(shape, data, '|u1', 'False', major);
    const { dataOffset, ...array } = parseNpy(file, 'a.npy');
    expect(array).toEqual({ shape, data });
    expect(dataOffset).toBe(file.length - data.length);
  });

  const good = npyOf([2, 3], count(6));
  test.each([
    { what: 'nothing', file: new Uint8Array(), says: 'a.npy: at byte 0: not an .npy file' },
    { what: 'another file', file: text('hello there'), says: 'at byte 0: not an .npy file' },
    { what: 'a version of tomorrow', file: good.with(6, 9), says: 'at byte 6: expected version 1, 2 or 3, got 9' },
    { what: 'a file that ends in its version', file: good.slice(0, 9), says: 'ends inside its header' },
    { what: 'a header longer than the file', file: good.with(9, 1), says: /the header ends at \d+, after the end/ },
    { what: 'no dictionary', file: joined([good.slice(0, 10), text('x'.repeat(good.length - 10))]), says: 'no header' },
    { what: 'floats', file: npyOf([2], count(8), '<f4'), says: "at byte 10: expected bytes ('|u1'), got <f4" },
    { what: 'objects', file: npyOf([2], count(8), '|O'), says: 'got |O' },
    { what: 'columns first', file: npyOf([2, 3], count(6), '|u1', 'True'), says: 'got Fortran order' },
    {
      what: 'too little data',
      file: npyOf([2, 3], count(5)),
      says: 'expected 6 bytes of data for shape [2, 3], got 5',
    },
    { what: 'too much data', file: npyOf([2, 3], count(7)), says: 'expected 6 bytes of data for shape [2, 3], got 7' },
  ])('refuses $what', ({ file, says }) => {
    expect(() => parseNpy(file, 'a.npy')).toThrow(FormatError);
    expect(() => parseNpy(file, 'a.npy')).toThrow(says);
  });
});

describe('zip files', () => {
  test.each([
    { deflate: true, comment: '' },
    { deflate: false, comment: '' },
    { deflate: true, comment: 'a comment with PK\x05\x06 in it, long enough to hold a record' },
  ])('are read (deflated: $deflate, comment: $comment)', async ({ deflate, comment }) => {
    const members = { 'a.npy': count(5000), empty: new Uint8Array() };
    const found = listZip(zipOf(members, deflate, comment), 'a.zip');
    expect(found.map(({ name, size }) => [name, size])).toEqual([
      ['a.npy', 5000],
      ['empty', 0],
    ]);
    expect(await unzip(found[0]!, 'a.zip', 5000)).toEqual(members['a.npy']);
    expect(await unzip(found[1]!, 'a.zip', 0)).toEqual(members.empty);
  });

  test('a member that unpacks to more than is allowed is refused', async () => {
    const [member] = listZip(zipOf({ bomb: new Uint8Array(100_000) }), 'a.zip');
    await expect(unzip(member!, 'a.zip', 99_999)).rejects.toThrow(
      'a.zip: bomb: unpacks to 100000 bytes; at most 99999',
    );
    // A directory that lies about it is found out by the limit of inflating.
    await expect(unzip({ ...member!, size: 10 }, 'a.zip', 99_999)).rejects.toThrow(FormatError);
  });

  test.each([true, false])('a wrong check sum is a FormatError (deflated: %s)', async (deflate) => {
    const [member] = listZip(zipOf({ a: count(100) }, deflate), 'a.zip');
    await expect(unzip({ ...member!, crc: 1 }, 'a.zip', 1000)).rejects.toThrow(FormatError);
  });

  const whole = zipOf({ a: count(10) });
  const directory = whole.lastIndexOf(0x50, whole.length - 23);
  test.each([
    { what: 'nothing', bytes: new Uint8Array(), says: 'a.zip: at byte 0: not a whole zip file' },
    { what: 'the end cut off', bytes: whole.slice(0, -1), says: 'not a whole zip file' },
    { what: 'a directory outside', bytes: whole.with(whole.length - 5, 9), says: 'ends inside entry 0' },
    { what: 'no directory', bytes: whole.with(whole.length - 6, 3), says: 'expected entry 0 of the directory' },
    { what: 'an encrypted member', bytes: whole.with(directory + 8, 1), says: 'a is encrypted' },
    { what: 'another method', bytes: whole.with(directory + 10, 12), says: 'packed by method 12' },
    { what: 'a header elsewhere', bytes: whole.with(directory + 42, 1), says: 'at byte 1: expected the header of a' },
    { what: 'a length past the end', bytes: whole.with(directory + 22, 1), says: 'which run past the end' },
    { what: 'a name past the end', bytes: whole.with(directory + 29, 9), says: 'entry 0 of the directory runs past' },
  ])('refuses $what', ({ bytes, says }) => {
    expect(() => listZip(bytes, 'a.zip')).toThrow(FormatError);
    expect(() => listZip(bytes, 'a.zip')).toThrow(says);
  });
});

const arrays = {
  'x_train.npy': npyOf([3, 28, 28], count(3 * 784)),
  'y_train.npy': npyOf([3], Uint8Array.of(1, 2, 3)),
  'x_test.npy': npyOf([2, 28, 28], count(2 * 784)),
  'y_test.npy': npyOf([2], Uint8Array.of(4, 5)),
};

describe('mnist.npz', () => {
  test('gives the four parts', async () => {
    const parts = await decodeNpz(zipOf(arrays), 'mnist.npz');
    expect([...parts].map(([key, { array }]) => [key, array.shape])).toEqual([
      ['trainImages', [3, 28, 28]],
      ['trainLabels', [3]],
      ['testImages', [2, 28, 28]],
      ['testLabels', [2]],
    ]);
    expect(parts.get('testLabels')!.array.data).toEqual(Uint8Array.of(4, 5));
  });

  test('lacks an array', async () => {
    const { 'y_test.npy': _, ...others } = arrays;
    await expect(decodeNpz(zipOf(others), 'm.npz')).rejects.toThrow('m.npz: lacks y_test.npy; it has x_train, y_train');
  });

  test('damaged is right or refused with a FormatError', async () => {
    const whole = zipOf(arrays);
    const right = JSON.stringify([...(await decodeNpz(whole, 'm.npz')).values()].map(({ array }) => array));
    let refused = 0;
    for (let i = 0; i < 300; i++) {
      const outcome = await decodeNpz(damaged(whole, i), 'm.npz').catch((error: unknown) => error);
      if (outcome instanceof Map) expect(JSON.stringify([...outcome.values()].map(({ array }) => array))).toBe(right);
      else {
        expect(outcome).toBeInstanceOf(FormatError);
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(200);
  });
});
