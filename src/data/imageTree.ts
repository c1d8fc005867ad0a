// A folder with its sub-folders: on a disk, or as the list of files that a browser gives for one that the user has picked.
import { ResourceError, ValueError } from '../errors.ts';
import { type Files, type Platform, platform } from '../platform/index.ts';
import { kindOf } from '../tensor/options.ts';
import { type BlobLike, isBlob } from './images/imageSource.ts';

/** What of a browser's File is needed. */
export interface FileLike extends BlobLike {
  readonly name: string;
  /** "picked/sub/file.png", from `<input type="file" webkitdirectory>`. */
  readonly webkitRelativePath?: string;
}

/** A path, or in a browser the files of a folder: a FileList or list of Files. */
export type FolderSource = string | ArrayLike<FileLike>;

export interface TreeFile {
  /** The folders that it is in, below the root: "cats/young", or "". */
  readonly folder: string;
  readonly name: string;
  /** What errors call it. */
  readonly path: string;
  read(): Promise<Uint8Array<ArrayBuffer>>;
}

export interface ImageTree {
  /** What messages call it. */
  readonly title: string;
  /** The names of the folders in the root. */
  folders(): Promise<string[]>;
  /** All files in a folder of the root, or in the root itself (""), and in whatever folders these hold. */
  files(folder: string): Promise<TreeFile[]>;
}

/** @throws ResourceError when there is no such folder */
export async function openTree(
  who: string,
  source: unknown,
  followLinks: boolean,
  { files }: Platform = platform,
): Promise<ImageTree> {
  if (typeof source === 'string' && source !== '') {
    if (!files)
      throw new ValueError(`${who}: a browser has no folders; give the files that the user picked, not ${source}`);
    if (!(await files.list(source))) throw new ResourceError(`${who}: there is no folder ${source}`);
    return diskTree(files, source, followLinks);
  }
  const list = isList(source) ? Array.from(source) : null;
  if (list?.every(isFile)) return listedTree(list);
  throw new ValueError(`${who}: directory must be a path or a list of Files, got ${kindOf(source)}`);
}

const isList = (source: unknown): source is ArrayLike<unknown> =>
  typeof source === 'object' && source !== null && 'length' in source;
const isFile = (file: unknown): file is FileLike => isBlob(file) && 'name' in file && typeof file.name === 'string';

function diskTree(files: Files, root: string, followLinks: boolean): ImageTree {
  /** `inside` are the real paths of the folders around: a link back to one would go round for ever. */
  async function walk(folder: string, inside: readonly string[]): Promise<TreeFile[]> {
    const at = folder ? files.join(root, folder) : root;
    const real = followLinks ? await files.realPath(at) : at;
    if (inside.includes(real)) return [];
    const entries = (await files.list(at)) ?? [];
    const below = (name: string) => (folder ? `${folder}/${name}` : name);
    const found: TreeFile[] = [];
    for (const { name, isFolder, isLink } of entries) {
      if (!isFolder) found.push(diskFile(files, folder, name, files.join(at, name)));
      else if (followLinks || !isLink) found.push(...(await walk(below(name), [...inside, real])));
    }
    return found;
  }
  return {
    title: root,
    folders: async () => ((await files.list(root)) ?? []).flatMap(({ name, isFolder }) => (isFolder ? [name] : [])),
    files: (folder) => walk(folder, []),
  };
}

function diskFile(files: Files, folder: string, name: string, path: string): TreeFile {
  return {
    folder,
    name,
    path,
    async read() {
      const bytes = await files.read(path);
      if (!bytes) throw new ResourceError(`${path}: there is no such file`);
      return bytes;
    },
  };
}

function listedTree(list: readonly FileLike[]): ImageTree {
  const all = list.map((file): TreeFile => {
    // the first part of a relative path is the folder that was picked
    const parts = file.webkitRelativePath ? file.webkitRelativePath.split('/').slice(1) : file.name.split('/');
    const name = parts.pop() ?? '';
    const read = async () => new Uint8Array(await file.arrayBuffer());
    return { folder: parts.join('/'), name, path: file.webkitRelativePath || file.name, read };
  });
  const isBelow = (inner: string, folder: string) => !folder || inner === folder || inner.startsWith(`${folder}/`);
  return {
    title: `${list.length} files`,
    folders: async () => [...new Set(all.map(({ folder }) => folder.split('/')[0]!).filter((name) => name !== ''))],
    files: async (folder) => all.filter((file) => isBelow(file.folder, folder)),
  };
}
