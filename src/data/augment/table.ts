// Picture files that a table names, one row each, as a flow.
import { ResourceError, ValueError } from '../../errors.ts';
import { flag, optional, type Reader, word } from '../../layers/settings.ts';
import { type Files, platform } from '../../platform/index.ts';
import { finiteNumber, kindOf } from '../../tensor/options.ts';
import { byCodePoint, generatorRules, type ImageFile } from '../imageFolder.ts';
import { type ClassMode, classTargets } from './directory.ts';
import type { Preparation } from './flow.ts';
import { readOptions } from './flowOptions.ts';
import {
  DirectoryFlow,
  FileSamples,
  name,
  nameList,
  type PictureFileOptions,
  pictureFileReaders,
} from './pictureFiles.ts';
import { type Samples, samplesOf } from './samples.ts';
import { rowsOfSubset } from './subset.ts';

/** A row of a table: its columns by name. */
export type TableRow = Readonly<Record<string, unknown>>;

export interface TableOptions extends PictureFileOptions {
  /** The folder that file names are below. Default: they are whole paths. */
  readonly directory?: string | null;
  /** The column of file names; default `filename`. */
  readonly xCol?: string;
  /** The column of classes, or of numbers for classMode `raw`, then perhaps several; default `class`. */
  readonly yCol?: string | readonly string[];
  /** The column of weights. */
  readonly weightCol?: string | null;
  /** The classes to take, in the order of their numbers. Default: all that there are, sorted. */
  readonly classes?: readonly string[] | null;
  /** As for a directory, where a cell may hold a list of classes for `categorical`; or `raw`: the numbers of yCol, [n] or [n, columns]. */
  readonly classMode?: string | null;
  /** Leaves rows out whose file is not there, or no picture. Default true. */
  readonly validateFilenames?: boolean;
}

const WHO = 'flowFromDataframe';

const modes = ['categorical', 'binary', 'sparse', 'input', 'raw'] as const;

const classMode: Reader<ClassMode | 'raw' | null> = (who, option, given = 'categorical') =>
  given === null ? null : word(modes, 'categorical')(who, option, given);

const columns: Reader<string | string[]> = (who, option, given = 'class') =>
  (Array.isArray(given) ? nameList : name)(who, option, given);

export const tableReaders = {
  ...pictureFileReaders,
  directory: optional(name),
  xCol: ((who, option, given = 'filename') => name(who, option, given)) satisfies Reader<string>,
  yCol: columns,
  weightCol: optional(name),
  classes: optional(nameList),
  classMode,
  validateFilenames: flag(true),
};

/** A row that names a picture: its file, the names of its classes, its numbers. */
interface Entry {
  readonly row: TableRow;
  readonly path: string;
  readonly classes: readonly string[];
}

/** Checks the table, says what was found, and makes the flow. A subset is the first or the rest of all rows. */
export async function tableFlow(
  table: readonly TableRow[],
  options: TableOptions,
  validationSplit: number,
  preparation: Preparation,
): Promise<DirectoryFlow> {
  const settings = readOptions(WHO, tableReaders, options);
  const { files } = platform;
  if (!files) throw new ResourceError(`${WHO}: this place has no files to read`);
  const { directory, xCol, yCol, weightCol, classMode: mode, subset } = settings;
  const hasClasses = mode === 'categorical' || mode === 'binary' || mode === 'sparse';
  if (Array.isArray(yCol) && mode !== 'raw')
    throw new ValueError(`${WHO}: several columns of yCol go with classMode 'raw'`);
  const all = requireRows(table).map((row, i): Entry => {
    const cell = requireCell(row, i, xCol);
    if (typeof cell !== 'string')
      throw new ValueError(`${WHO}: row ${i} has ${kindOf(cell)} in column ${xCol}, no file name`);
    const path = directory === null ? cell : files.join(directory, cell);
    return {
      row,
      path,
      classes: hasClasses ? classesOf(requireCell(row, i, String(yCol)), i, mode === 'categorical') : [],
    };
  });
  const names = settings.classes ?? [...new Set(all.flatMap(({ classes }) => classes))].sort(byCodePoint);
  const known = hasClasses
    ? all.map((one) => ({ ...one, classes: one.classes.filter((c) => names.includes(c)) }))
    : all;
  const labelled = hasClasses ? known.filter(({ classes }) => classes.length > 0) : known;
  const entries = settings.validateFilenames ? await existing(files, labelled, xCol) : labelled;
  const [first, end] = rowsOfSubset(WHO, entries.length, validationSplit, subset);
  const chosen = entries.slice(first, end);
  const found = `Found ${chosen.length} ${settings.validateFilenames ? '' : 'non-'}validated image filenames`;
  platform.terminal.write(`${found}${hasClasses ? ` belonging to ${names.length} classes` : ''}.\n`);
  if (chosen.length === 0) throw new ValueError(`${WHO}: there are no images (${generatorRules.endings.join(', ')})`);

  const labels = chosen.map(({ classes }) => classes.map((one) => names.indexOf(one)));
  const images = chosen.map(({ path, row }, i) => fileOf(files, path, String(row[xCol]), labels[i]?.[0] ?? -1));
  const data = {
    x: new FileSamples(WHO, images, settings),
    y: mode === 'raw' ? numbersOf(chosen, [yCol].flat()) : classTargets(labels, names.length, mode),
    sampleWeight: weightCol === null ? null : numbersOf(chosen, [weightCol]),
    rows: [0, chosen.length] as const,
    residentBytes: 0,
  };
  return new DirectoryFlow(images, hasClasses ? names : [], data, settings, preparation);
}

function requireRows(table: unknown): readonly TableRow[] {
  const good = Array.isArray(table) && table.every((row) => typeof row === 'object' && row !== null);
  if (good) return table;
  throw new ValueError(`${WHO}: the table must be a list of rows, objects with columns by name, got ${kindOf(table)}`);
}

function requireCell(row: TableRow, i: number, column: string): unknown {
  if (Object.hasOwn(row, column)) return row[column];
  throw new ValueError(`${WHO}: row ${i} has no column ${column}; it has ${Object.keys(row).join(', ') || 'none'}`);
}

function classesOf(cell: unknown, i: number, mayBeMany: boolean): string[] {
  const list = Array.isArray(cell) && mayBeMany ? cell : [cell];
  return list.map((one: unknown) => {
    if (typeof one === 'string') return one;
    throw new ValueError(`${WHO}: row ${i} has ${kindOf(one)} as its class, which must be a string`);
  });
}

function numbersOf(entries: readonly Entry[], columns: readonly string[]): Samples {
  const values = entries.map(({ row }, i) =>
    columns.map((column) => finiteNumber(WHO, `column ${column} of row ${i}`, requireCell(row, i, column))),
  );
  return samplesOf(WHO, Float32Array.from(values.flat()), columns.length === 1 ? null : [columns.length]);
}

/** The rows whose files are there and have the name of a picture. */
async function existing(files: Files, entries: readonly Entry[], xCol: string): Promise<readonly Entry[]> {
  const folders = new Map<string, ReadonlySet<string>>();
  const found: Entry[] = [];
  for (const entry of entries) {
    const cut = Math.max(entry.path.lastIndexOf('/'), entry.path.lastIndexOf('\\'));
    const [folder, file] = [cut < 0 ? '.' : entry.path.slice(0, cut) || '/', entry.path.slice(cut + 1)];
    if (!folders.has(folder)) {
      const listed = (await files.list(folder)) ?? [];
      folders.set(folder, new Set(listed.flatMap(({ name: one, isFolder }) => (isFolder ? [] : [one]))));
    }
    const isPicture = generatorRules.endings.some((ending) => file.toLowerCase().endsWith(ending));
    if (isPicture && folders.get(folder)!.has(file)) found.push(entry);
  }
  const lost = entries.length - found.length;
  if (lost > 0) console.warn(`${WHO}: ${lost} rows are left out: column ${xCol} names no picture that is there`);
  return found;
}

function fileOf(files: Files, path: string, asNamed: string, label: number): ImageFile {
  return {
    ...{ path, name: asNamed, label },
    async read() {
      const bytes = await files.read(path);
      if (!bytes) throw new ResourceError(`${path}: there is no such file`);
      return bytes;
    },
  };
}
