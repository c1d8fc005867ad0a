import { FormatError } from '../errors.ts';
import { MAX_UNPACKED_BYTES, type Part } from './idxFolder.ts';
import { parseNpy } from './npy.ts';
import type { ReadPart } from './setFiles.ts';
import { listZip, unzip } from './zip.ts';

/** Members of mnist.npz, each an .npy file. */
const MEMBERS: Readonly<Record<string, Part>> = {
  x_train: 'trainImages',
  y_train: 'trainLabels',
  x_test: 'testImages',
  y_test: 'testLabels',
};

/** The four arrays of mnist.npz. @throws FormatError when one is damaged or missing */
export async function decodeNpz(bytes: Uint8Array<ArrayBuffer>, file: string): Promise<Map<string, ReadPart>> {
  const members = new Map(listZip(bytes, file).map((member) => [member.name.replace(/\.npy$/, ''), member]));
  const parts = new Map<string, ReadPart>();
  for (const [name, part] of Object.entries(MEMBERS)) {
    const member = members.get(name);
    if (!member)
      throw new FormatError(`${file}: lacks ${name}.npy; it has ${[...members.keys()].join(', ') || 'nothing'}`);
    const path = `${file}: ${name}.npy`;
    const { dataOffset, ...array } = parseNpy(await unzip(member, file, MAX_UNPACKED_BYTES), path);
    parts.set(part, { path, array, dataOffset });
  }
  return parts;
}
