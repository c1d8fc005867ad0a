// What the platform does for those who write files bit by bit.
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ResourceError } from 'wgslgrad';
import { platform } from '../../src/platform/index.ts';
import { temporaryFolder } from './support.ts';

const files = platform.files!;
const bytes = (text: string) => new TextEncoder().encode(text);

test('append makes folder and file, and goes on after what is there', async () => {
  const path = join(await temporaryFolder(), 'deep', 'er', 'file');
  await files.append(path, bytes('a'));
  await files.append(path, bytes(''));
  await files.append(path, bytes('bc'));
  expect(await readFile(path, 'utf8')).toBe('abc');
});

test('create makes folder and file, and leaves one that is there alone', async () => {
  const path = join(await temporaryFolder(), 'deep', 'file');
  expect(await files.create(path, bytes('first'))).toBe(true);
  expect(await files.create(path, bytes('second'))).toBe(false);
  expect(await readFile(path, 'utf8')).toBe('first');
});

test('makeFolderOf makes the folder, once or again, and no file', async () => {
  const folder = await temporaryFolder();
  await files.makeFolderOf(join(folder, 'a', 'b', 'file'));
  await files.makeFolderOf(join(folder, 'a', 'b', 'file'));
  expect(await readdir(folder, { recursive: true })).toEqual(['a', 'a/b']);
});

test('a file where the folder should be is an error that names the path, not a file that is there already', async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'file'), '');
  const path = join(folder, 'file', 'below');
  const attempts = [
    () => files.append(path, bytes('a')),
    () => files.create(path, bytes('a')),
    () => files.makeFolderOf(path),
  ];
  for (const attempt of attempts) {
    await expect(attempt()).rejects.toThrow(ResourceError);
    await expect(attempt()).rejects.toThrow(`cannot make the folder of ${path}`);
  }
});

test('a folder where the file should be is an error, or there already', async () => {
  const path = join(await temporaryFolder(), 'folder');
  await mkdir(path);
  await expect(files.append(path, bytes('abc'))).rejects.toThrow(`cannot write ${path} (3 bytes): EISDIR`);
  expect(await files.create(path, bytes('a'))).toBe(false);
});

test('the machine has a name', () => {
  expect(files.hostName()).toMatch(/^[^/\s]+$/);
});
