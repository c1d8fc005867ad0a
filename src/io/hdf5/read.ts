// Reads HDF5 files as h5py and Keras write them: https://support.hdfgroup.org/documentation/hdf5/latest/_f_m_t3.html, superblock 0 and 1.
import { FormatError } from '../../errors.ts';
import { checkedSize } from '../limits.ts';
import { decodeNumbers } from '../numbers.ts';
import { readBytes } from './datasets.ts';
import { kinds, type Message, readObject, readTable } from './objects.ts';
import { Hdf5Source } from './source.ts';
import { type Hdf5Group, type Hdf5Numbers, makeGroup } from './tree.ts';
import { type Hdf5Type, readShape, readType } from './types.ts';
import { Heaps, readValue } from './values.ts';

/** The first bytes of every HDF5 file. */
export const HDF5_SIGNATURE = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];

/** What stands between the signature and the object that is the root. */
const [SUPERBLOCK, NEWER_SUPERBLOCK] = [0, 2];

/** Deeper than any model. */
const MOST_DEPTH = 64;

/**
 * The whole of a file. Links, objects with two names and types that no model needs are not read.
 *
 * @throws FormatError with the byte offset of what is wrong
 */
export async function readHdf5(bytes: Uint8Array<ArrayBuffer>, file = 'hdf5'): Promise<Hdf5Group> {
  const source = new Hdf5Source(bytes, file);
  const heaps = new Heaps(source);
  const root = readSuperblock(source);
  const messages = readObject(source, root, '/');
  const table = messages.find(({ kind }) => kind === kinds.table);
  if (!table) return source.fail(root, 'the root is no group');
  return readGroup(source, heaps, messages, table, { name: '/', depth: 0 });
}

/** Where the root is. */
function readSuperblock(source: Hdf5Source): number {
  const head = source.claim(0, 24, 'the superblock');
  if (head.take(8).some((byte, i) => byte !== HDF5_SIGNATURE[i])) source.fail(0, 'not an HDF5 file');
  const version = head.u8();
  if (version >= NEWER_SUPERBLOCK)
    source.fail(
      8,
      `superblock ${version} is newer than what Keras writes; write the file again by h5py, libver='earliest'`,
    );
  head.skip(4);
  head.expect(head.u8(), 8);
  head.expect(head.u8(), 8);
  const rest = source.claim(24, (version === SUPERBLOCK ? 0 : 4) + 72, 'the superblock');
  if (version !== SUPERBLOCK) rest.skip(4);
  rest.expect(rest.u64(), 0);
  rest.skip(8);
  const end = rest.u64();
  if (end > source.length) rest.fail(`the file has ${source.length} bytes of ${end}: it was cut off`);
  rest.skip(16);
  return rest.somewhere();
}

interface Place {
  readonly name: string;
  readonly depth: number;
}

async function readGroup(
  source: Hdf5Source,
  heaps: Heaps,
  messages: readonly Message[],
  table: Message,
  { name, depth }: Place,
): Promise<Hdf5Group> {
  const group = makeGroup();
  readAttributes(messages, heaps, group);
  for (const [entry, at] of readTable(source, table, name)) {
    const place = { name: `${name === '/' ? '' : name}/${entry}`, depth: depth + 1 };
    if (place.depth > MOST_DEPTH) source.fail(at, `${place.name} lies more than ${MOST_DEPTH} groups deep`);
    const inner = readObject(source, at, place.name);
    const innerTable = inner.find(({ kind }) => kind === kinds.table);
    if (innerTable) group.groups.set(entry, await readGroup(source, heaps, inner, innerTable, place));
    else group.datasets.set(entry, await readDataset(source, inner, place.name));
  }
  return group;
}

async function readDataset(source: Hdf5Source, messages: readonly Message[], name: string): Promise<Hdf5Numbers> {
  const [space, type] = [kinds.space, kinds.type].map(
    (kind) => messages.find((message) => message.kind === kind)?.reader,
  );
  const where = `${source.file}: ${name}`;
  if (!space || !type) throw new FormatError(`${where}: is neither a group nor a dataset`);
  const elements = readType(type);
  if (!isNumber(elements)) throw new FormatError(`${where}: expected numbers, got elements of type ${elements.kind}`);
  const shape = readShape(space) ?? [0];
  const bytes = await readBytes(source, messages, shape, elements.bytes, name);
  return { shape, data: decodeNumbers(bytes, checkedSize(where, shape), elements, where) };
}

function isNumber(type: Hdf5Type): type is Extract<Hdf5Type, { littleEndian: boolean }> {
  return 'littleEndian' in type;
}

function readAttributes(messages: readonly Message[], heaps: Heaps, { attributes }: Hdf5Group): void {
  for (const { kind, reader } of messages) {
    if (kind !== kinds.attribute) continue;
    const version = reader.expect(reader.u8(), 1, 2, 3);
    const flags = reader.u8();
    if (version > 1 && flags !== 0) reader.fail('shares its type with another object, which is not read');
    const [nameBytes, typeBytes, spaceBytes] = [reader.u16(), reader.u16(), reader.u16()];
    if (version === 3) reader.skip(1);
    // version 1 fills each part up to a multiple of 8
    const part = (length: number, what: string) => {
      const found = reader.part(length, what);
      if (version === 1) reader.skip(-length & 7);
      return found;
    };
    const name = part(nameBytes, 'the name of an attribute').text(nameBytes);
    const type = readType(part(typeBytes, `the type of attribute ${name}`));
    const shape = readShape(part(spaceBytes, `the shape of attribute ${name}`));
    const value = readValue(reader, shape ?? [0], type, heaps);
    if (value) attributes.set(name, value);
  }
}
