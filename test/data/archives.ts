// Tar and zip files made by hand, and damage done to files at random.
import { deflateRawSync } from 'node:zlib';
import { crc32 } from '../../src/data/crc32.ts';
import { threefry } from '../../src/tensor/random.ts';

type Bytes = Uint8Array<ArrayBuffer>;

const ascii = (text: string) => new TextEncoder().encode(text);

export function joined(parts: readonly Uint8Array[]): Bytes {
  return new Uint8Array(Buffer.concat(parts));
}

/** A ustar header; `changes` are written over it before the check sum is made. */
export function tarHeader(path: string, size: number, changes: Readonly<Record<number, Uint8Array>> = {}): Bytes {
  const header = new Uint8Array(512);
  const put = (at: number, text: string) => header.set(ascii(text), at);
  put(0, path);
  put(100, '0000644\0');
  put(124, `${size.toString(8).padStart(11, '0')}\0`);
  put(156, '0');
  put(257, 'ustar\x0000');
  for (const [at, bytes] of Object.entries(changes)) header.set(bytes, Number(at));
  put(148, '        ');
  const sum = header.reduce((total, byte) => total + byte, 0);
  put(148, `${sum.toString(8).padStart(6, '0')}\0 `);
  return header;
}

const padding = (size: number) => new Uint8Array((512 - (size % 512)) % 512);

export function tarMember(path: string, data: Uint8Array): Bytes {
  return joined([tarHeader(path, data.length), data, padding(data.length)]);
}

export function tarOf(members: Readonly<Record<string, Uint8Array>>): Bytes {
  const packed = Object.entries(members).map(([path, data]) => tarMember(path, data));
  return joined([...packed, new Uint8Array(1024)]);
}

export function npyOf(shape: readonly number[], data: Uint8Array, descr = '|u1', order = 'False', major = 1): Bytes {
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const dict = `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': (${sizes}), }`;
  const begin = major === 1 ? 10 : 12;
  const text = `${dict.padEnd(64 * Math.ceil((begin + dict.length + 1) / 64) - begin - 1)}\n`;
  const header = new Uint8Array(begin);
  header.set([0x93, ...ascii('NUMPY'), major, 0]);
  const view = new DataView(header.buffer);
  if (major === 1) view.setUint16(8, text.length, true);
  else view.setUint32(8, text.length, true);
  return joined([header, ascii(text), data]);
}

/** A zip file of deflated (or stored) members, as numpy lays it out: 64-bit sizes in the local headers' extra fields. */
export function zipOf(members: Readonly<Record<string, Uint8Array>>, deflate = true, comment = ''): Bytes {
  const [bodies, directory]: [Bytes[], Bytes[]] = [[], []];
  let at = 0;
  for (const [name, data] of Object.entries(members)) {
    const packed = deflate ? new Uint8Array(deflateRawSync(data)) : data;
    const extra = new Uint8Array(20);
    const both = new Uint8Array(26);
    const view = new DataView(both.buffer);
    view.setUint16(0, 45, true);
    view.setUint16(4, deflate ? 8 : 0, true);
    view.setUint32(10, crc32(data), true);
    view.setUint32(14, packed.length, true);
    view.setUint32(18, data.length, true);
    view.setUint16(22, name.length, true);
    const local = both.slice();
    new DataView(local.buffer).setUint16(24, extra.length, true);
    bodies.push(joined([ascii('PK\x03\x04'), local, ascii(name), extra, packed]));
    const tail = new Uint8Array(14);
    new DataView(tail.buffer).setUint32(10, at, true);
    directory.push(joined([ascii('PK\x01\x02'), Uint8Array.of(45, 3), both, tail, ascii(name)]));
    at += bodies.at(-1)!.length;
  }
  const listed = joined(directory);
  const end = new Uint8Array(18);
  const view = new DataView(end.buffer);
  view.setUint16(4, directory.length, true);
  view.setUint16(6, directory.length, true);
  view.setUint32(8, listed.length, true);
  view.setUint32(12, at, true);
  view.setUint16(16, comment.length, true);
  return joined([...bodies, listed, ascii('PK\x05\x06'), end, ascii(comment)]);
}

/** File number `i` of a series of damaged ones: one to three bytes changed, or the end cut off. */
export function damaged(bytes: Uint8Array, i: number): Bytes {
  let drawn = 0;
  const below = (n: number) => threefry([i, 0xda7a], [drawn++, 0])[0] % n;
  if (below(4) === 0) return bytes.slice(0, below(bytes.length)) as Bytes;
  const copy = bytes.slice() as Bytes;
  for (let change = below(3); change >= 0; change--) copy[below(copy.length)]! ^= 1 << below(8);
  return copy;
}
