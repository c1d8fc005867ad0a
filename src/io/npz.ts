// .npz, a zip file of .npy members.
import { FormatError, ValueError } from '../errors.ts';
import type { NamedArray } from './arrays.ts';
import { decodeNpy, encodeNpy } from './npy.ts';
import { openZip, writeZip } from './zip.ts';

const ENDING = '.npy';

/** The arrays of an .npz file, in its order. @throws FormatError when one is damaged, or no array of numbers */
export async function decodeNpz(bytes: Uint8Array<ArrayBuffer>, file = 'npz'): Promise<NamedArray[]> {
  const zip = openZip(bytes, file);
  const arrays: NamedArray[] = [];
  // one after another: only what is being read takes memory twice
  for (const member of zip.names) {
    if (!member.endsWith(ENDING)) throw new FormatError(`${file}: ${member} is no .npy file`);
    arrays.push({ name: member.slice(0, -ENDING.length), ...decodeNpy(await zip.read(member), `${file}: ${member}`) });
  }
  return arrays;
}

/** The bytes of an .npz file that holds these arrays, whose names must differ. Needs npm package fflate. */
export async function encodeNpz(arrays: readonly NamedArray[]): Promise<Uint8Array<ArrayBuffer>> {
  const members = new Map<string, Uint8Array>();
  for (const array of arrays) {
    const name = array.name + ENDING;
    if (members.has(name)) throw new ValueError(`npz: two arrays are called ${array.name}`);
    members.set(name, encodeNpy(array));
  }
  return writeZip(members);
}
