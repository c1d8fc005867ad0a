import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { callbacks, ResourceError } from 'wgslgrad';
import type { Logs } from '../../src/callbacks/callback.ts';
import type { CsvLoggerOptions } from '../../src/callbacks/files/csvLogger.ts';
import { FakeModel, run, temporaryFolder, withoutFiles } from './support.ts';

const lines = (...rows: string[]) => rows.map((row) => `${row}\r\n`).join('');

// As Keras 3 with CPython's csv writes them on a system whose lines end in \n.
test.each<[string, CsvLoggerOptions, Logs[], string]>([
  [
    'sorted columns, the epoch from 0',
    {},
    [
      { loss: 0.5, val_loss: 0.75, accuracy: 1, val_accuracy: 0 },
      { loss: 0.25, val_loss: 0.5, accuracy: 1, val_accuracy: 0.125 },
    ],
    lines('epoch,accuracy,loss,val_accuracy,val_loss', '0,1.0,0.5,0.0,0.75', '1,1.0,0.25,0.125,0.5'),
  ],
  [
    'validation that comes later has its columns from the start',
    {},
    [
      { loss: 2, accuracy: 0.5 },
      { loss: 1, accuracy: 0.5, val_loss: 3, val_accuracy: 0.25 },
    ],
    lines('epoch,accuracy,loss,val_accuracy,val_loss', '0,0.5,2.0,NA,NA', '1,0.5,1.0,0.25,3.0'),
  ],
  [
    'a value that is missing later is NA, and a new one has no column',
    {},
    [
      { loss: 2, val_loss: 1 },
      { loss: 1, extra: 5 },
    ],
    lines('epoch,loss,val_loss', '0,2.0,1.0', '1,1.0,NA'),
  ],
  [
    'numbers as Python writes floats',
    {},
    [
      {
        a: Math.fround(0.1),
        b: 1e-5,
        c: 123456789,
        d: 1e16,
        e: Number.NaN,
        f: Number.POSITIVE_INFINITY,
        g: -0,
        val_x: 0.0001,
      },
    ],
    lines('epoch,a,b,c,d,e,f,g,val_x', '0,0.10000000149011612,1e-05,123456789.0,1e+16,nan,inf,-0.0,0.0001'),
  ],
  ['another separator', { separator: ';' }, [{ 'a,b': 1, val_a: 2 }], lines('epoch;a,b;val_a', '0;1.0;2.0')],
  [
    'cells that would be misread are quoted',
    {},
    [{ 'a,b': 1, 'c"d': 2, val_e: 3 }],
    lines('epoch,"a,b","c""d",val_e', '0,1.0,2.0,3.0'),
  ],
  ['numbers too', { separator: '.' }, [{ a: 1, val_a: 2 }], lines('epoch.a.val_a', '0."1.0"."2.0"')],
  ['no logs at all', {}, [{}, {}], lines('epoch', '0', '1')],
])('%s', async (_, options, rows, text) => {
  const path = join(await temporaryFolder(), 'log.csv');
  await run(
    [callbacks.CSVLogger(path, options)],
    new FakeModel(),
    rows.map((logs) => ({ logs })),
  );
  expect(await readFile(path, 'utf8')).toBe(text);
});

const epochs = [{ logs: { val_loss: 1 } }];

test.each<[string, string | null, CsvLoggerOptions, string]>([
  ['a file that is there is written anew', 'old', {}, lines('epoch,val_loss', '0,1.0')],
  ['append goes on, without a header', 'old\n', { append: true }, `old\n${lines('0,1.0')}`],
  ['append to an empty file begins with a header', '', { append: true }, lines('epoch,val_loss', '0,1.0')],
  ['append to no file makes it', null, { append: true }, lines('epoch,val_loss', '0,1.0')],
])('%s', async (_, before, options, text) => {
  const path = join(await temporaryFolder(), 'log.csv');
  if (before !== null) await writeFile(path, before);
  await run([callbacks.CSVLogger(path, options)], new FakeModel(), epochs);
  expect(await readFile(path, 'utf8')).toBe(text);
});

test('a second run writes anew, or goes on', async () => {
  const folder = await temporaryFolder();
  const [anew, on] = [join(folder, 'anew.csv'), join(folder, 'on.csv')];
  const loggers = [callbacks.CSVLogger(anew), callbacks.CSVLogger(on, { append: true })];
  await run(loggers, new FakeModel(), [{ logs: { loss: 1, val_loss: 1 } }]);
  await run(loggers, new FakeModel(), [{ logs: { val_mae: 2 } }], 1);
  expect(await readFile(anew, 'utf8')).toBe(lines('epoch,val_mae', '1,2.0'));
  expect(await readFile(on, 'utf8')).toBe(lines('epoch,loss,val_loss', '0,1.0,1.0', '1,2.0'));
});

test('each row is in the file when its epoch has ended, and an empty file before', async () => {
  const path = join(await temporaryFolder(), 'deep', 'log.csv');
  const seen: string[] = [];
  const look = async () => void seen.push(await readFile(path, 'utf8'));
  await run([callbacks.CSVLogger(path), { onTrainBegin: look, onEpochEnd: look }], new FakeModel(), [
    ...epochs,
    ...epochs,
  ]);
  expect(seen).toEqual(['', lines('epoch,val_loss', '0,1.0'), lines('epoch,val_loss', '0,1.0', '1,1.0')]);
});

test('where nothing can be written training does not begin', async () => {
  const folder = await temporaryFolder();
  await mkdir(join(folder, 'log.csv'));
  for (const options of [{}, { append: true }]) {
    const attempt = run([callbacks.CSVLogger(join(folder, 'log.csv'), options)], new FakeModel(), epochs);
    await expect(attempt).rejects.toThrow(ResourceError);
  }
});

test('a browser has no files', () => {
  withoutFiles();
  expect(() => callbacks.CSVLogger('log.csv')).toThrow('CSVLogger writes files, and a browser has none');
});
