import { spawnSync } from 'node:child_process';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { byCodePoint, datasetRules, generatorRules, listImageFolder, listImages } from '../../src/data/imageFolder.ts';
import { decodeImages } from '../../src/data/images/decodeImages.ts';
import { inParallel } from '../../src/data/inParallel.ts';
import { FormatError, ResourceError, ValueError } from '../../src/errors.ts';
import { platform as browser } from '../../src/platform/browser.ts';
import { plain, png, writeFiles } from './imageFiles.ts';
import { temporaryFolder } from './support.ts';

const none = new Uint8Array();
const empty = (...paths: string[]) => Object.fromEntries(paths.map((path) => [path, none]));

async function folderOf(...paths: string[]): Promise<string> {
  const root = await temporaryFolder();
  await writeFiles(root, empty(...paths));
  return root;
}

/** A File as a browser gives it for a picked folder. */
function picked(path: string, bytes: Uint8Array<ArrayBuffer> = none): File {
  const file = new File([bytes], path.split('/').at(-1)!);
  Object.defineProperty(file, 'webkitRelativePath', { value: path });
  return file;
}

describe('classes and files', () => {
  const paths = [
    'dogs/b.png',
    'dogs/a.jpg',
    'cats/10.png',
    'cats/9.png',
    'cats/young/1.png',
    'cats/Zed.PNG',
    'root.png',
    'dogs/notes.txt',
  ];

  test.each(['on a disk', 'picked in a browser'])('are sorted as Python does, %s', async (where) => {
    const root = await folderOf(...paths);
    const source = where === 'on a disk' ? root : paths.map((path) => picked(`pets/${path}`));
    const { classNames, files } = await listImageFolder('list', source, datasetRules);
    expect(classNames).toEqual(['cats', 'dogs']);
    expect(files.map(({ name, label }) => [label, name])).toEqual([
      [0, 'cats/10.png'],
      [0, 'cats/9.png'],
      [0, 'cats/Zed.PNG'],
      [0, 'cats/young/1.png'],
      [1, 'dogs/a.jpg'],
      [1, 'dogs/b.png'],
    ]);
    expect(files[0]!.path).toBe(where === 'on a disk' ? join(root, 'cats/10.png') : 'pets/cats/10.png');
    const all = await listImages('list', source, datasetRules);
    expect(all.map(({ name }) => name)).toEqual(['root.png', ...files.map(({ name }) => name)]);
    expect(all.every(({ label }) => label === -1)).toBe(true);
  });

  test('a name without a relative path may hold one itself', async () => {
    const list = [new File([none], 'cats/1.png'), new File([none], 'dogs/2.png'), new File([none], '3.png')];
    const { classNames, files } = await listImageFolder('list', list, datasetRules, {}, browser);
    expect(classNames).toEqual(['cats', 'dogs']);
    expect(files.map(({ path }) => path)).toEqual(['cats/1.png', 'dogs/2.png']);
  });

  test('folders sort by their whole path, not part by part', async () => {
    const root = await folderOf('c/a/1.png', 'c/a-b/1.png', 'c/a.b/1.png');
    const { files } = await listImageFolder('list', root, datasetRules);
    // '-' and '.' come before '/', but a folder is compared before the '/' that would follow it
    expect(files.map(({ name }) => name)).toEqual(['c/a/1.png', 'c/a-b/1.png', 'c/a.b/1.png']);
  });

  test('the rules of image_dataset_from_directory and of flow_from_directory', async () => {
    const names = [
      'a.bmp',
      'a.gif',
      'a.jpeg',
      'a.jpg',
      'a.png',
      'a.ppm',
      'a.tif',
      'a.tiff',
      'a.webp',
      '.png',
      '.x.png',
      'png',
      'a.PNG.txt',
    ];
    const root = await folderOf(...names.map((name) => `c/${name}`), '.hidden/a.png');
    const dataset = await listImageFolder('list', root, datasetRules);
    expect(dataset.classNames).toEqual(['c']);
    expect(dataset.files.map(({ name }) => name.slice(2))).toEqual([
      '.png',
      '.x.png',
      'a.bmp',
      'a.gif',
      'a.jpeg',
      'a.jpg',
      'a.png',
    ]);
    const generator = await listImageFolder('list', root, generatorRules);
    expect(generator.classNames).toEqual(['.hidden', 'c']);
    expect(generator.files.map(({ name, label }) => `${label} ${name}`)).toEqual([
      '0 .hidden/a.png',
      ...['.x.png', 'a.bmp', 'a.jpeg', 'a.jpg', 'a.png', 'a.ppm', 'a.tif', 'a.tiff'].map((name) => `1 c/${name}`),
    ]);
  });

  test('a list of classes has its own order, and leaves the others out', async () => {
    const root = await folderOf(...paths, 'birds/1.png');
    const { classNames, files } = await listImageFolder('list', root, datasetRules, { classNames: ['dogs', 'birds'] });
    expect(classNames).toEqual(['dogs', 'birds']);
    expect(files.map(({ name, label }) => `${label} ${name}`)).toEqual([
      '0 dogs/a.jpg',
      '0 dogs/b.png',
      '1 birds/1.png',
    ]);
    const attempt = listImageFolder('list', root, datasetRules, { classNames: ['dogs', 'fish'] });
    await expect(attempt).rejects.toThrow(ValueError);
    await expect(attempt).rejects.toThrow(/has no folder fish; it has birds, cats, dogs/);
  });

  test('empty folders are classes too', async () => {
    const root = await folderOf('b/1.png');
    await mkdir(join(root, 'a', 'deep'), { recursive: true });
    const { classNames, files } = await listImageFolder('list', root, datasetRules);
    expect(classNames).toEqual(['a', 'b']);
    expect(files.map(({ label }) => label)).toEqual([1]);
    expect(await listImageFolder('list', join(root, 'a'), datasetRules)).toEqual({ classNames: ['deep'], files: [] });
  });

  test('names in every script', async () => {
    const names = ['ärger', 'zebra', '猫', '🐕', 'ﬀ'];
    const root = await folderOf(...names.map((name) => `${name}/${name}.png`));
    const { classNames, files } = await listImageFolder('list', root, datasetRules);
    expect(classNames).toEqual(['zebra', 'ärger', '猫', 'ﬀ', '🐕']);
    expect(files.at(-1)!.name).toBe('🐕/🐕.png');
    expect(await files.at(-1)!.read()).toEqual(none);
    // JavaScript's own order
    expect(names.toSorted()).not.toEqual(classNames);
    expect(['b', 'a', 'ab', ''].sort(byCodePoint)).toEqual(['', 'a', 'ab', 'b']);
  });

  test('links: to files always, to folders when asked for, and never round in a circle', async () => {
    const root = await folderOf('cats/1.png', 'elsewhere/2.png');
    await symlink(join(root, 'cats', '1.png'), join(root, 'cats', 'one.png'));
    await symlink(join(root, 'elsewhere'), join(root, 'cats', 'more'));
    await symlink(join(root, 'cats'), join(root, 'cats', 'round'));
    await symlink(join(root, 'elsewhere'), join(root, 'linked'));
    await symlink('/none', join(root, 'cats', 'nowhere.png'));
    const names = async (followLinks: boolean) =>
      (await listImageFolder('list', root, datasetRules, { followLinks })).files.map(({ name }) => name);
    expect(await names(false)).toEqual([
      'cats/1.png',
      'cats/nowhere.png',
      'cats/one.png',
      'elsewhere/2.png',
      'linked/2.png',
    ]);
    expect(await names(true)).toEqual([
      'cats/1.png',
      'cats/nowhere.png',
      'cats/one.png',
      'cats/more/2.png',
      'elsewhere/2.png',
      'linked/2.png',
    ]);
    const { files } = await listImageFolder('list', root, datasetRules);
    await expect(files[1]!.read()).rejects.toThrow(/nowhere\.png: there is no such file/);
  });

  test('a pipe is no file', async () => {
    const root = await folderOf('c/1.png');
    expect(spawnSync('mkfifo', [join(root, 'c', '2.png')]).status).toBe(0);
    expect((await listImageFolder('list', root, datasetRules)).files).toHaveLength(1);
  });
});

test.each<[string, unknown, typeof browser | undefined, new (...args: never[]) => Error, RegExp]>([
  ['a folder that is not there', '/none/pets', undefined, ResourceError, /list: there is no folder \/none\/pets/],
  ['a file for a folder', import.meta.filename, undefined, ResourceError, /there is no folder/],
  ['an empty path', '', undefined, ValueError, /directory must be a path or a list of Files, got string ""/],
  ['nothing', undefined, undefined, ValueError, /got undefined/],
  ['a list of paths', ['a.png'], undefined, ValueError, /got a list/],
  [
    'a path in a browser',
    '/pets',
    browser,
    ValueError,
    /a browser has no folders; give the files that the user picked, not \/pets/,
  ],
])('refuses %s', async (_, source, host, error, says) => {
  const attempt = listImageFolder('list', source as string, datasetRules, {}, host);
  await expect(attempt).rejects.toThrow(error);
  await expect(attempt).rejects.toThrow(says);
});

describe('decodeImages', () => {
  test('gives bytes one picture after another, whatever came first', async () => {
    const root = await temporaryFolder();
    const files: Record<string, Uint8Array> = {};
    for (let i = 0; i < 20; i++) files[`c/${String(i).padStart(2, '0')}.png`] = await plain(i, 30 - i, 5 + i);
    await writeFiles(root, files);
    const listed = await listImageFolder('list', root, generatorRules);
    const batch = await decodeImages('decode', listed.files, { targetSize: [2, 3], colorMode: 'grayscale' });
    expect([...batch]).toEqual(Array.from({ length: 20 * 6 }, (_, i) => Math.floor(i / 6)));
    const mixed = [join(root, 'c/03.png'), await plain(9), listed.files[5]!];
    expect([...(await decodeImages('decode', mixed, { targetSize: 1 }))]).toEqual([3, 3, 3, 9, 9, 9, 5, 5, 5]);
    expect(await decodeImages('decode', [], { targetSize: 1 })).toHaveLength(0);
  });

  test('names the file that is broken', async () => {
    const root = await temporaryFolder();
    await writeFiles(root, { 'c/1.png': await png(3, 3), 'c/2.png': (await png(3, 3)).slice(0, 40) });
    const { files } = await listImageFolder('list', root, generatorRules);
    const attempt = decodeImages('decode', files, { targetSize: 2 });
    await expect(attempt).rejects.toThrow(FormatError);
    await expect(attempt).rejects.toThrow(join(root, 'c', '2.png'));
    for (const targetSize of [0, undefined, null])
      await expect(decodeImages('decode', files, { targetSize } as never)).rejects.toThrow(
        /decode: targetSize must be/,
      );
    await writeFile(join(root, 'c', '2.png'), await png(3, 3));
    expect(await decodeImages('decode', files, { targetSize: 2 })).toHaveLength(24);
  });
});

describe('inParallel', () => {
  test('runs so many at a time and no more', async () => {
    let [running, most] = [0, 0];
    const done: number[] = [];
    await inParallel(20, 3, async (i) => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, (i * 7) % 4));
      running--;
      done.push(i);
    });
    expect(most).toBe(3);
    expect(done.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i));
    await inParallel(0, 3, () => Promise.reject(new Error('nothing to do')));
  });

  test('begins no more after a failure, and ends when all have', async () => {
    const [begun, ended]: [number[], number[]] = [[], []];
    const attempt = inParallel(20, 3, async (i) => {
      begun.push(i);
      await new Promise((resolve) => setTimeout(resolve, i === 1 ? 1 : 20));
      ended.push(i);
      if (i === 1) throw new Error('the second');
    });
    await expect(attempt).rejects.toThrow('the second');
    expect(begun).toEqual([0, 1, 2]);
    expect(ended.toSorted()).toEqual([0, 1, 2]);
  });
});
