// The files that data sets come in. A set may be kept in several ways: MNIST as one .npz or as four IDX files.
import type { Files } from '../platform/index.ts';
import type { RemoteFile } from './download.ts';
import type { ByteArray } from './idx.ts';

/** A labelled image set as bytes. */
export interface ImageDataset {
  readonly train: LabelledImages;
  readonly test: LabelledImages;
  /** Where the bytes come from: a folder, an address or a package. */
  readonly source: string;
}

/** Images of shape [n, rows, columns] or [n, rows, columns, channels], 0 to 255, and labels of shape [n] or [n, 1]. */
export interface LabelledImages {
  readonly images: ByteArray;
  readonly labels: ByteArray;
}

/** One array of a set, and the name of the file that it was read from. */
export interface ReadPart {
  readonly path: string;
  readonly array: ByteArray;
  /** Where in the unpacked file its data begins. */
  readonly dataOffset: number;
}

/** What of a set is here, by the keys of its parts. */
export type Parts = ReadonlyMap<string, ReadPart>;

/** A file that holds some parts of a set. */
export interface DataFile {
  /** What it may be called. The first is its name on a server. */
  readonly names: readonly string[];
  /** The keys of the parts that it holds. */
  readonly parts: readonly string[];
  /** What a download must turn out to be; absent where the set is downloaded otherwise. */
  readonly remote?: Omit<RemoteFile, 'name'> | undefined;
  /** Reads it. @throws FormatError that names `path` */
  readonly decode: (bytes: Uint8Array<ArrayBuffer>, path: string) => Promise<Parts>;
}

/** Files that hold a set together. */
export type Edition = readonly DataFile[];

/** What a folder holds of an edition, added to `parts`. @throws FormatError when a file is damaged */
export async function readParts(
  files: Files,
  folder: string,
  edition: Edition,
  parts = new Map<string, ReadPart>(),
): Promise<Map<string, ReadPart>> {
  for (const file of edition) await readFile(files, folder, file, parts);
  return parts;
}

/** Adds the parts of one file to `parts`, unless they are there or the file is not. @throws FormatError when it is damaged */
export async function readFile(
  files: Files,
  folder: string,
  file: DataFile,
  parts: Map<string, ReadPart>,
): Promise<void> {
  for (const name of file.names) {
    if (holdsAll(parts, file)) return;
    const path = files.join(folder, name);
    const bytes = await files.read(path);
    if (bytes) for (const [key, part] of await file.decode(bytes, path)) parts.set(key, part);
  }
}

export function holdsAll(parts: Parts, file: DataFile): boolean {
  return file.parts.every((key) => parts.has(key));
}

/** The names of an edition's files on a server, as a list in a sentence. */
export function namesOf(edition: Edition): string {
  const names = edition.map((file) => file.names[0]!);
  return names.length > 1 ? `${names.slice(0, -1).join(', ')} and ${names.at(-1)}` : (names[0] ?? '');
}

/** What is missing of the edition that is there in part, or else of the first, as the end of a sentence. */
export function lacking(editions: readonly Edition[], parts: Parts): string {
  const missing = editions.map((edition) => edition.filter((file) => !holdsAll(parts, file)));
  const begun = missing.find((files, i) => files.length < editions[i]!.length) ?? missing[0]!;
  return `lacks ${namesOf(begun)}; expected ${editions.map(namesOf).join(', or ')}, packed or unpacked`;
}
