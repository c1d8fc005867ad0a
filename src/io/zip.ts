// Zip files. What comes in is read by the code that reads data sets, which checks every length and check sum; fflate, which checks
// neither, writes what goes out.
import { listZip, unzip, type ZipMember } from '../data/zip.ts';
import { FormatError } from '../errors.ts';
import { MOST_UNPACKED } from './limits.ts';
import { loadFflate } from './peers.ts';

/** The first bytes of a zip file that holds anything. */
export const ZIP_SIGNATURE = [0x50, 0x4b, 0x03, 0x04];

export interface Zip {
  readonly names: readonly string[];
  /** A member; its length and check sum are right. @throws FormatError when it is damaged, or there is none of that name */
  read(name: string): Promise<Uint8Array<ArrayBuffer>>;
}

/** @throws FormatError when the directory is damaged, or all together would unpack to more than MOST_UNPACKED bytes */
export function openZip(bytes: Uint8Array<ArrayBuffer>, file: string): Zip {
  const members = new Map<string, ZipMember>();
  let unpacked = 0;
  for (const member of listZip(bytes, file)) {
    if (members.has(member.name)) throw new FormatError(`${file}: has two members called ${member.name}`);
    members.set(member.name, member);
    if (member.deflated) unpacked += member.size;
  }
  if (unpacked > MOST_UNPACKED)
    throw new FormatError(`${file}: unpacks to ${unpacked} bytes; at most ${MOST_UNPACKED} are allowed`);
  return {
    names: [...members.keys()],
    async read(name) {
      const member = members.get(name);
      if (member) return unzip(member, file, Math.max(bytes.length, MOST_UNPACKED));
      throw new FormatError(`${file}: lacks ${name}; it has ${[...members.keys()].join(', ') || 'nothing'}`);
    },
  };
}

/** A zip file of these members, stored as they are: weights hardly get smaller. Needs npm package fflate. */
export async function writeZip(members: ReadonlyMap<string, Uint8Array>): Promise<Uint8Array<ArrayBuffer>> {
  const { zipSync } = await loadFflate();
  // always the same bytes for the same members; the format has no earlier date
  return zipSync(Object.fromEntries(members), { level: 0, mtime: '1980-01-01T00:00' });
}
