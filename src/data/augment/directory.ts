// Pictures below a directory as a flow: read, decoded and brought to one size when their batch comes, transformed as all others.
import { ValueError } from '../../errors.ts';
import { flag, optional, type Reader, word } from '../../layers/settings.ts';
import { platform } from '../../platform/index.ts';
import { generatorRules, listImageFolder } from '../imageFolder.ts';
import type { FolderSource } from '../imageTree.ts';
import type { Preparation } from './flow.ts';
import { readOptions } from './flowOptions.ts';
import { DirectoryFlow, FileSamples, nameList, type PictureFileOptions, pictureFileReaders } from './pictureFiles.ts';
import { type Samples, samplesOf } from './samples.ts';
import { rowsOfSubset, type Subset } from './subset.ts';

export interface DirectoryOptions extends PictureFileOptions {
  /** The sub-folders that are classes, in the order of their numbers. Default: all of them, sorted. */
  readonly classes?: readonly string[] | null;
  /** Targets: `categorical` (default) one-hot [n, classes], `binary` and `sparse` the number of the class as a float [n], `input` the pictures; null: none. */
  readonly classMode?: string | null;
  /** Whether folders below the classes may be links. Default false. */
  readonly followLinks?: boolean;
}

const WHO = 'flowFromDirectory';

const modes = ['categorical', 'binary', 'sparse', 'input'] as const;
export type ClassMode = (typeof modes)[number];

const classMode: Reader<ClassMode | null> = (who, name, given = 'categorical') =>
  given === null ? null : word(modes, 'categorical')(who, name, given);

export const directoryReaders = {
  ...pictureFileReaders,
  classes: optional(nameList),
  classMode,
  followLinks: flag(false),
};

/** Lists the directory, says what was found, and makes the flow. Which files are of a subset is said class by class. */
export async function directoryFlow(
  directory: FolderSource,
  options: DirectoryOptions,
  validationSplit: number,
  preparation: Preparation,
): Promise<DirectoryFlow> {
  const settings = readOptions(WHO, directoryReaders, options);
  const { classes, followLinks, subset } = settings;
  const { classNames, files: all } = await listImageFolder(WHO, directory, generatorRules, {
    classNames: classes ?? undefined,
    followLinks,
  });
  const ofClass = (label: number) => all.filter((file) => file.label === label);
  const files = classNames.flatMap((_, label) => partOf(ofClass(label), validationSplit, subset));
  platform.terminal.write(`Found ${files.length} images belonging to ${classNames.length} classes.\n`);
  if (files.length === 0) throw new ValueError(`${WHO}: there are no images (${generatorRules.endings.join(', ')})`);
  const labels = files.map(({ label }) => [label]);
  const data = {
    x: new FileSamples(WHO, files, settings),
    y: classTargets(labels, classNames.length, settings.classMode),
    sampleWeight: null,
    rows: [0, files.length] as const,
    residentBytes: 0,
  };
  return new DirectoryFlow(files, classNames, data, settings, preparation);
}

/** Validation is the first of a list, training the rest; a list of one has nothing to validate with. */
function partOf<T>(all: readonly T[], validationSplit: number, subset: Subset | null): readonly T[] {
  if (subset !== null && validationSplit > 0 && all.length < 2) return subset === 'training' ? all : [];
  const [first, end] = rowsOfSubset(WHO, all.length, validationSplit, subset);
  return all.slice(first, end);
}

/** Classes as targets: where a sample has several, as many ones. */
export function classTargets(
  labels: readonly (readonly number[])[],
  classes: number,
  mode: ClassMode | null,
): Samples | 'input' | null {
  if (mode === null || mode === 'input') return mode;
  if (mode !== 'categorical')
    return samplesOf(
      WHO,
      Float32Array.from(labels, ([label]) => label!),
      null,
    );
  const rows = new Float32Array(labels.length * classes);
  labels.forEach((list, i) => {
    for (const label of list) rows[i * classes + label] = 1;
  });
  return samplesOf(WHO, rows, [classes]);
}
