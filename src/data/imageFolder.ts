// Folders of images whose sub-folders are the classes, as flow_from_directory and image_dataset_from_directory list them.
import { ValueError } from '../errors.ts';
import type { Platform } from '../platform/index.ts';
import { type FolderSource, openTree, type TreeFile } from './imageTree.ts';

export interface ImageFile {
  /** What errors call it: a path, or in a browser the path from the picked folder on. */
  readonly path: string;
  /** Its path from the directory on: "cats/young/1.png". */
  readonly name: string;
  /** The number of its class; -1 where files have none. */
  readonly label: number;
  read(): Promise<Uint8Array<ArrayBuffer>>;
}

export interface ImageFolder {
  readonly classNames: readonly string[];
  /** Class by class; in each folder by folder and name by name, as Python sorts. */
  readonly files: readonly ImageFile[];
}

/** In what the two functions of Keras differ. */
export interface FolderRules {
  readonly endings: readonly string[];
  /** Whether a name may be nothing but an ending (".png"). */
  readonly bareEndings: boolean;
  /** Whether a folder whose name begins with "." is a class. */
  readonly dotClasses: boolean;
}

export const datasetRules: FolderRules = {
  endings: ['.bmp', '.gif', '.jpeg', '.jpg', '.png'],
  bareEndings: true,
  dotClasses: false,
};

export const generatorRules: FolderRules = {
  endings: ['.png', '.jpg', '.jpeg', '.bmp', '.ppm', '.tif', '.tiff'],
  bareEndings: false,
  dotClasses: true,
};

export interface ListOptions {
  /** The sub-folders that are classes, in the order of their numbers. Default: all of them, sorted. */
  readonly classNames?: readonly string[] | undefined;
  /** Whether folders below the classes may be links. Default false. */
  readonly followLinks?: boolean | undefined;
}

/**
 * The files of each class. `source` is a path, or in a browser the list of files that the user picked.
 *
 * @throws ResourceError when there is no such folder
 * @throws ValueError when it has no folder for a class that was asked for
 */
export async function listImageFolder(
  who: string,
  source: FolderSource,
  rules: FolderRules,
  { classNames, followLinks = false }: ListOptions = {},
  host?: Platform,
): Promise<ImageFolder> {
  const tree = await openTree(who, source, followLinks, host);
  const found = (await tree.folders()).filter((name) => rules.dotClasses || !name.startsWith('.')).sort(byCodePoint);
  const missing = classNames?.filter((name) => !found.includes(name)) ?? [];
  if (missing.length)
    throw new ValueError(
      `${who}: ${tree.title} has no folder ${missing.join(', ')}; it has ${found.join(', ') || 'none'}`,
    );
  const classes = classNames ?? found;
  const files: ImageFile[] = [];
  for (const [label, name] of classes.entries()) files.push(...imagesOf(await tree.files(name), rules, label));
  return { classNames: classes, files };
}

/** All images of a folder and of the folders in it, without classes. @throws ResourceError when there is no such folder */
export async function listImages(
  who: string,
  source: FolderSource,
  rules: FolderRules,
  { followLinks = false }: ListOptions = {},
  host?: Platform,
): Promise<ImageFile[]> {
  const tree = await openTree(who, source, followLinks, host);
  return imagesOf(await tree.files(''), rules, -1);
}

function imagesOf(files: readonly TreeFile[], rules: FolderRules, label: number): ImageFile[] {
  const isImage = ({ name }: TreeFile) =>
    rules.endings.some(
      (ending) => name.toLowerCase().endsWith(ending) && (rules.bareEndings || name.length > ending.length),
    );
  return files
    .filter(isImage)
    .sort((a, b) => byCodePoint(a.folder, b.folder) || byCodePoint(a.name, b.name))
    .map(({ folder, name, path, read }) => ({ path, name: folder ? `${folder}/${name}` : name, label, read }));
}

/** The order of Python's sorted(). That of JavaScript puts emoji before some signs of half their width. */
export function byCodePoint(a: string, b: string): number {
  for (let i = 0; ; i++) {
    const [x, y] = [a.codePointAt(i), b.codePointAt(i)];
    if (x === undefined || y === undefined) return a.length - b.length;
    if (x !== y) return x - y;
  }
}
