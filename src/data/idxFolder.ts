import { FormatError } from '../errors.ts';
import type { Files } from '../platform/index.ts';
import { gunzip, isGzip } from './gzip.ts';
import { type ByteArray, parseIdx } from './idx.ts';

/** A labelled image set as bytes. */
export interface ImageDataset {
  readonly train: LabelledImages;
  readonly test: LabelledImages;
  /** Where the bytes come from: a folder, an address or a package. */
  readonly source: string;
}

/** Images of shape [n, 28, 28], 0 to 255, and labels of shape [n], 0 to 9. */
export interface LabelledImages {
  readonly images: ByteArray;
  readonly labels: ByteArray;
}

/** The files of an MNIST-like set. Each is looked for as it is named here and with `.gz`. */
export const PARTS = {
  trainImages: 'train-images-idx3-ubyte',
  trainLabels: 'train-labels-idx1-ubyte',
  testImages: 't10k-images-idx3-ubyte',
  testLabels: 't10k-labels-idx1-ubyte',
} as const;

export type Part = keyof typeof PARTS;

/** Smallest first: a cache that cannot be written shows after a few kilobytes of download. */
export const PART_LIST: readonly Part[] = ['testLabels', 'trainLabels', 'testImages', 'trainImages'];

/** The array of one part and the name of the file it was read from. */
export interface ReadPart {
  readonly path: string;
  readonly array: ByteArray;
}

const SIDE = 28;
const CLASSES = 10;
// Twice the 47 MB of the largest file known, 60,000 images.
const MAX_UNPACKED_BYTES = 2 * 60_000 * SIDE * SIDE;

/** Parses an IDX file, gzipped or not. @throws FormatError that names `path` */
export async function decodePart(bytes: Uint8Array<ArrayBuffer>, path: string): Promise<ReadPart> {
  const plain = isGzip(bytes) ? await gunzip(bytes, path, MAX_UNPACKED_BYTES) : bytes;
  return { path, array: parseIdx(plain, path) };
}

/** One part from a folder, or null when neither form of the file is there. @throws FormatError when it is damaged */
export async function readPart(files: Files, folder: string, part: Part): Promise<ReadPart | null> {
  for (const name of [`${PARTS[part]}.gz`, PARTS[part]]) {
    const path = files.join(folder, name);
    const bytes = await files.read(path);
    if (bytes) return decodePart(bytes, path);
  }
  return null;
}

/** All parts that a folder holds. @throws FormatError when one is damaged */
export async function readParts(files: Files, folder: string): Promise<Map<Part, ReadPart>> {
  const parts = new Map<Part, ReadPart>();
  for (const part of PART_LIST) {
    const read = await readPart(files, folder, part);
    if (read) parts.set(part, read);
  }
  return parts;
}

/**
 * The set that four parts make, or null when one is missing.
 *
 * @throws FormatError when shapes, counts or labels are not those of one set
 */
export function assemble(parts: ReadonlyMap<Part, ReadPart>, source: string): ImageDataset | null {
  const trainImages = parts.get('trainImages');
  const trainLabels = parts.get('trainLabels');
  const testImages = parts.get('testImages');
  const testLabels = parts.get('testLabels');
  if (!trainImages || !trainLabels || !testImages || !testLabels) return null;
  return { train: labelled(trainImages, trainLabels), test: labelled(testImages, testLabels), source };
}

function labelled(images: ReadPart, labels: ReadPart): LabelledImages {
  const shapeOf = ({ array }: ReadPart) => `[${array.shape.join(', ')}]`;
  const [count = 0, height, width] = images.array.shape;
  if (images.array.shape.length !== 3 || height !== SIDE || width !== SIDE) {
    throw new FormatError(`${images.path}: expected images of shape [n, ${SIDE}, ${SIDE}], got ${shapeOf(images)}`);
  }
  if (count === 0) throw new FormatError(`${images.path}: expected at least one image, got shape ${shapeOf(images)}`);
  if (labels.array.shape.length !== 1 || labels.array.shape[0] !== count) {
    throw new FormatError(
      `${labels.path}: expected labels of shape [${count}], one for each image of ${images.path}, got ${shapeOf(labels)}`,
    );
  }
  const wrong = labels.array.data.findIndex((label) => label >= CLASSES);
  if (wrong >= 0) {
    const offset = 8 + wrong; // the header of an IDX file of rank 1 has 8 bytes
    throw new FormatError(
      `${labels.path}: at byte ${offset} (unpacked): expected a label from 0 to ${CLASSES - 1}, got ${labels.array.data[wrong]}`,
    );
  }
  return { images: images.array, labels: labels.array };
}
