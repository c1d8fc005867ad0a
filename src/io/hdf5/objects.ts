// Objects of a file (a group or a dataset is one): a header of messages, and for a group the table of its names.
import type { Hdf5Reader, Hdf5Source } from './source.ts';

export interface Message {
  readonly kind: number;
  readonly reader: Hdf5Reader;
}

export const kinds = {
  space: 1,
  linkInfo: 2,
  type: 3,
  link: 6,
  externalFiles: 7,
  layout: 8,
  filters: 11,
  attribute: 12,
  continuation: 16,
  table: 17,
  attributeInfo: 21,
};

/** What makes an object of the newer kind, which Keras does not write. */
const newer: ReadonlySet<number> = new Set([kinds.linkInfo, kinds.link, kinds.externalFiles, kinds.attributeInfo]);

/** The messages of the object at that place. */
export function readObject(source: Hdf5Source, at: number, name: string): Message[] {
  const head = source.claim(at, 16, `the header of ${name}`);
  // a newer header begins with OHDR
  if (head.u8() !== 1) return source.fail(at, `${name} is no object of the format that h5py and Keras write`);
  head.skip(1);
  const count = head.u16();
  head.skip(4);
  const blocks = [source.claim(at + 16, head.u32(), `the messages of ${name}`)];
  const messages: Message[] = [];
  for (let block = blocks.shift(); block && messages.length < count; block = blocks.shift()) {
    while (block.left >= 8 && messages.length < count) {
      const message = readMessage(block, name);
      messages.push(message);
      if (message.kind !== kinds.continuation) continue;
      const next = message.reader.somewhere();
      blocks.push(source.claim(next, message.reader.u64(), `more messages of ${name}`));
    }
  }
  if (messages.length < count) source.fail(at, `${name} has ${messages.length} messages of ${count}`);
  return messages;
}

function readMessage(block: Hdf5Reader, name: string): Message {
  const kind = block.u16();
  const size = block.u16();
  const flags = block.u8();
  block.skip(3);
  if (flags & 2) block.fail('shares a message with another object, which is not read');
  if (newer.has(kind)) block.fail(`message ${kind} of a newer format; write the file again by h5py, libver='earliest'`);
  return { kind, reader: block.part(size, `message ${kind} of ${name}`) };
}

/** Name -> place, for each object of a group. The message says where the table and its names are. */
export function readTable(source: Hdf5Source, { reader }: Message, name: string): Map<string, number> {
  const tree = reader.somewhere();
  const nameOf = readHeap(source, reader.somewhere(), name);
  const found = new Map<string, number>();
  const leaf = (at: number) => {
    for (const [entry, place] of readLeaf(source, at, nameOf, name)) {
      if (found.has(entry)) source.fail(at, `${name} has two objects called ${entry}`);
      found.set(entry, place);
    }
  };
  walkTree(source, tree, { kind: 0, keyBytes: 8, name, visit: leaf });
  return found;
}

export interface TreeOptions {
  /** 0 for groups, 1 for chunks. */
  readonly kind: number;
  readonly keyBytes: number;
  readonly name: string;
  /** What hangs on a node of the lowest level, with the key before it. */
  visit(at: number, key: Hdf5Reader): void;
}

/** A B-tree of version 1. `level` is known of all but the root. */
export function walkTree(source: Hdf5Source, at: number, options: TreeOptions, level: number | null = null): void {
  const { kind, keyBytes, name, visit } = options;
  const head = source.claim(at, 24, `a node of ${name}`);
  head.signature('TREE');
  head.expect(head.u8(), kind);
  const own = level === null ? head.u8() : head.expect(head.u8(), level);
  const count = head.u16();
  const entries = source.claim(at + 24, count * (keyBytes + 8), `the entries of a node of ${name}`);
  for (let i = 0; i < count; i++) {
    const key = entries.part(keyBytes, `a key of ${name}`);
    const child = entries.somewhere();
    if (own === 0) visit(child, key);
    else walkTree(source, child, options, own - 1);
  }
}

/** Names by their places in a local heap. */
function readHeap(source: Hdf5Source, at: number, name: string): (offset: number) => string {
  const head = source.claim(at, 32, `the names of ${name}`);
  head.signature('HEAP');
  head.expect(head.u8(), 0);
  head.skip(3);
  const size = head.u64();
  head.skip(8);
  const bytes = source.claim(head.somewhere(), size, `the names of ${name}`).take(size);
  return (offset) => {
    const end = bytes.indexOf(0, offset);
    return end < 0 ? source.fail(at, `a name of ${name} does not end`) : source.text(bytes.subarray(offset, end));
  };
}

function readLeaf(source: Hdf5Source, at: number, nameOf: (offset: number) => string, name: string) {
  const head = source.claim(at, 8, `a table of ${name}`);
  head.signature('SNOD');
  head.expect(head.u8(), 1);
  head.skip(1);
  const count = head.u16();
  const entries = source.claim(at + 8, count * 40, `a table of ${name}`);
  return Array.from({ length: count }, (): [string, number] => {
    const entry = nameOf(entries.u64());
    if (entry === '' || entry.includes('/')) entries.fail(`${JSON.stringify(entry)} is no name`);
    const place = entries.address();
    if (entries.u32() === 2 || place === null) return entries.fail(`${entry} is a link, which is not read`);
    entries.skip(20);
    return [entry, place];
  });
}
