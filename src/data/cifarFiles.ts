// The binary editions of CIFAR-10 and CIFAR-100: records of one or two label bytes and 3,072 bytes of pixels, which lie as
// a plane of red, one of green and one of blue, each row by row (https://www.cs.toronto.edu/~kriz/cifar.html).
import { FormatError } from '../errors.ts';
import { gunzip, isGzip } from './gzip.ts';
import type { DataFile, Edition, ImageDataset, LabelledImages, Parts, ReadPart } from './setFiles.ts';
import { parseTar } from './tar.ts';

const SIDE = 32;
const PLANE = SIDE * SIDE;
const PIXELS = 3 * PLANE;

/** How the records of a set lie in files. */
export interface CifarLayout {
  /** The folder inside the tar file. */
  readonly folder: string;
  readonly train: readonly string[];
  readonly test: readonly string[];
  /** Records of each file of `train` and of `test`. */
  readonly records: readonly [train: number, test: number];
  /** What each label byte of a record may hold, in their order: so many classes. */
  readonly classes: readonly number[];
  /** Which of these bytes is the label that is asked for. */
  readonly label: number;
}

/** The files of a set, alone or in the folder that they are packed in, gzipped and not. */
export function cifarEditions(layout: CifarLayout, archive: string, remote: DataFile['remote']): [Edition, Edition] {
  const parts = [...layout.train, ...layout.test];
  const packed: DataFile = {
    names: [`${archive}.gz`, archive],
    parts,
    remote,
    async decode(bytes, path) {
      const tar = isGzip(bytes) ? await gunzip(bytes, path, mostBytes(layout)) : bytes;
      const members = new Map(parseTar(tar, path).map((member) => [member.path.replace(/^\.\//, ''), member]));
      return new Map(
        parts.map((name) => {
          const member = members.get(`${layout.folder}/${name}`);
          if (!member) throw new FormatError(`${path}: lacks ${layout.folder}/${name}`);
          return [name, part(`${path}: ${name}`, member.data)];
        }),
      );
    },
  };
  const alone = parts.map((name): DataFile => {
    return {
      names: [name, `${layout.folder}/${name}`],
      parts: [name],
      decode: async (bytes, path) => new Map([[name, part(path, bytes)]]),
    };
  });
  return [[packed], alone];
}

function part(path: string, data: Uint8Array<ArrayBuffer>): ReadPart {
  return { path, array: { shape: [data.length], data }, dataOffset: 0 };
}

/** Twice what the records take: room for headers, names of classes and a note. */
function mostBytes({ train, test, records, classes }: CifarLayout): number {
  return 2 * (train.length * records[0] + test.length * records[1]) * (classes.length + PIXELS);
}

/**
 * The set that the files of records make, or null when one is missing.
 *
 * @throws FormatError when one has another size than it should, or a label outside
 */
export function assembleCifar(layout: CifarLayout, parts: Parts, source: string): ImageDataset | null {
  const found = (names: readonly string[]) => names.map((name) => parts.get(name)).filter((one) => one !== undefined);
  const [train, test] = [found(layout.train), found(layout.test)];
  if (train.length < layout.train.length || test.length < layout.test.length) return null;
  return {
    train: unpackRecords(layout, train, layout.records[0]),
    test: unpackRecords(layout, test, layout.records[1]),
    source,
  };
}

/** Images [n, 32, 32, 3] and labels [n, 1] of files of `records` records each. */
function unpackRecords(layout: CifarLayout, files: readonly ReadPart[], records: number): LabelledImages {
  const count = files.length * records;
  const images = new Uint8Array(count * PIXELS);
  const labels = new Uint8Array(count);
  files.forEach((file, i) => {
    requireRecords(layout, file, records);
    const bytes = file.array.data;
    const length = layout.classes.length + PIXELS;
    for (let n = 0; n < records; n++) {
      const to = i * records + n;
      labels[to] = bytes[n * length + layout.label]!;
      interleave(bytes, n * length + layout.classes.length, images, to * PIXELS);
    }
  });
  return {
    images: { shape: [count, SIDE, SIDE, 3], data: images },
    labels: { shape: [count, 1], data: labels },
  };
}

/** Three planes become pixels. */
function interleave(planes: Uint8Array, from: number, pixels: Uint8Array, to: number): void {
  for (let i = 0; i < PLANE; i++) {
    for (let c = 0; c < 3; c++) pixels[to + 3 * i + c] = planes[from + c * PLANE + i]!;
  }
}

function requireRecords({ classes }: CifarLayout, { path, array: { data } }: ReadPart, records: number): void {
  const length = classes.length + PIXELS;
  if (data.length !== records * length) {
    throw new FormatError(
      `${path}: expected ${records} records of ${length} bytes, ${records * length} in all, got ${data.length}`,
    );
  }
  for (let n = 0; n < records; n++) {
    classes.forEach((most, i) => {
      const label = data[n * length + i]!;
      if (label < most) return;
      throw new FormatError(
        `${path}: at byte ${n * length + i} (unpacked): expected a label from 0 to ${most - 1}, got ${label}`,
      );
    });
  }
}
