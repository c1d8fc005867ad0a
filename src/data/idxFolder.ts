import { FormatError } from '../errors.ts';
import type { RemoteFile } from './download.ts';
import { gunzip, isGzip } from './gzip.ts';
import { parseIdx } from './idx.ts';
import type { Edition, ImageDataset, LabelledImages, Parts, ReadPart } from './setFiles.ts';

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

const SIDE = 28;
const CLASSES = 10;
/** Twice the 47 MB of the largest file known, 60,000 images. */
export const MAX_UNPACKED_BYTES = 2 * 60_000 * SIDE * SIDE;

/** Four IDX files, gzipped or not; `remote` is what each `<PARTS[part]>.gz` must turn out to be. */
export function idxEdition(remote?: Readonly<Record<Part, Omit<RemoteFile, 'name'>>>): Edition {
  return PART_LIST.map((part) => ({
    names: [`${PARTS[part]}.gz`, PARTS[part]],
    parts: [part],
    remote: remote?.[part],
    async decode(bytes, path) {
      const plain = isGzip(bytes) ? await gunzip(bytes, path, MAX_UNPACKED_BYTES) : bytes;
      const array = parseIdx(plain, path);
      return new Map([[part, { path, array, dataOffset: 4 + 4 * array.shape.length }]]);
    },
  }));
}

/**
 * The set that four parts make, or null when one is missing.
 *
 * @throws FormatError when shapes, counts or labels are not those of one set
 */
export function assemble(parts: Parts, source: string): ImageDataset | null {
  const [trainImages, trainLabels] = [parts.get('trainImages'), parts.get('trainLabels')];
  const [testImages, testLabels] = [parts.get('testImages'), parts.get('testLabels')];
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
  requireLabels(labels, CLASSES);
  return { images: images.array, labels: labels.array };
}

/** Refuses a label outside. */
function requireLabels({ path, array, dataOffset }: ReadPart, classes: number): void {
  const wrong = array.data.findIndex((label) => label >= classes);
  if (wrong < 0) return;
  throw new FormatError(
    `${path}: at byte ${dataOffset + wrong} (unpacked): expected a label from 0 to ${classes - 1}, got ${array.data[wrong]}`,
  );
}
