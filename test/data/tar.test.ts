import { spawnSync } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseTar } from '../../src/data/tar.ts';
import { FormatError } from '../../src/errors.ts';
import { damaged, joined, tarHeader, tarMember, tarOf } from './archives.ts';
import { temporaryFolder } from './support.ts';

const text = (value: string) => new TextEncoder().encode(value);
const end = new Uint8Array(1024);
const listed = (bytes: Uint8Array<ArrayBuffer>) =>
  parseTar(bytes, 'a.tar').map(({ path, data }) => [path, Buffer.from(data).toString()]);

describe('parseTar', () => {
  test.each(['v7', 'ustar', 'gnu', 'pax'])(
    'reads what tar --format=%s wrote, links and folders passed over',
    async (format) => {
      const folder = await temporaryFolder();
      const deep = join(folder, 'set', format === 'v7' ? 'short' : 'long'.repeat(22));
      await mkdir(deep, { recursive: true });
      await writeFile(join(folder, 'set', 'one.txt'), 'one');
      await writeFile(join(deep, `${'n'.repeat(20)}.txt`), 'x'.repeat(700));
      const links = spawnSync('ln', ['-s', 'one.txt', join(folder, 'set', 'link')]);
      expect(links.status).toBe(0);
      const made = spawnSync('tar', [`--format=${format}`, '-cf', join(folder, 'a.tar'), '-C', folder, 'set'], {
        encoding: 'utf8',
      });
      expect(made.stderr).toBe('');
      const found = listed(new Uint8Array(await readFile(join(folder, 'a.tar'))));
      expect(Object.fromEntries(found)).toEqual({
        'set/one.txt': 'one',
        [`set/${format === 'v7' ? 'short' : 'long'.repeat(22)}/${'n'.repeat(20)}.txt`]: 'x'.repeat(700),
      });
    },
  );

  test('says where the data of a member begins', () => {
    expect(parseTar(tarOf({ a: text('1'), b: text('22') }), 'a.tar').map(({ offset }) => offset)).toEqual([512, 1536]);
  });

  test('takes a size in base 256 and a check sum of signed bytes', () => {
    const size = new Uint8Array(12);
    size.set([0x80], 0);
    size.set([3], 11);
    const base256 = tarHeader('a', 0, { 124: size });
    expect(listed(joined([base256, text('abc'), new Uint8Array(509), end]))).toEqual([['a', 'abc']]);
    const signed = tarHeader('\u00e9', 0);
    const sum = signed.reduce(
      (total, byte, i) => total + (i >= 148 && i < 156 ? 32 : byte > 127 ? byte - 256 : byte),
      0,
    );
    signed.set(text(sum.toString(8).padStart(6, '0')), 148);
    expect(listed(joined([signed, end]))).toEqual([['\u00e9', '']]);
  });

  const good = tarMember('a', text('abc'));
  test.each([
    { what: 'nothing', bytes: new Uint8Array(0), says: 'a.tar: at byte 0: the tar file ends without its end mark' },
    { what: 'no end mark', bytes: good, says: 'at byte 1024: the tar file ends without' },
    { what: 'a header cut off', bytes: joined([good, good.subarray(0, 100)]), says: 'at byte 1024: the tar file ends' },
    { what: 'text', bytes: text('x'.repeat(600)), says: 'at byte 0: the check sum of a tar header is wrong' },
    {
      what: 'a changed header',
      bytes: joined([good.with(3, 7), end]),
      says: 'at byte 0: the check sum',
    },
    {
      what: 'a size that is no number',
      bytes: joined([good, tarHeader('b', 0, { 124: text('12x') }), end]),
      says: 'at byte 1148: the size in a tar header is no number',
    },
    {
      what: 'a size in base 256 beyond all numbers',
      bytes: joined([tarHeader('b', 0, { 124: new Uint8Array(12).fill(255).with(0, 0x80) }), end]),
      says: 'at byte 124: the size in a tar header is no number',
    },
    {
      what: 'a member longer than the file',
      bytes: joined([tarHeader('big', 5000), end]),
      says: 'at byte 0: big has 5000 bytes, which run past the end',
    },
  ])('refuses $what', ({ bytes, says }) => {
    expect(() => parseTar(bytes, 'a.tar')).toThrow(FormatError);
    expect(() => parseTar(bytes, 'a.tar')).toThrow(says);
  });

  test('reads damaged files or refuses them with a FormatError', () => {
    const whole = tarOf({ 'x/one': text('one'), 'x/two': new Uint8Array(600).fill(7) });
    let refused = 0;
    for (let i = 0; i < 300; i++) {
      try {
        for (const { path, data } of parseTar(damaged(whole, i), 'a.tar')) expect([path, data.length]).toBeDefined();
      } catch (error) {
        expect(error).toBeInstanceOf(FormatError);
        refused++;
      }
    }
    // Bytes of the data and of the padding may change unseen; a header may not.
    expect(refused).toBeGreaterThan(100);
    expect(refused).toBeLessThan(300);
  });
});
