// Which format a file has, by its first bytes.

import { FormatError } from '../errors.ts';
import type { LoadedModel } from '../models/files.ts';
import { HDF5_SIGNATURE, readHdf5 } from './hdf5/read.ts';
import { decodeKeras } from './keras.ts';
import { decodeText } from './limits.ts';
import { modelInH5 } from './modelH5.ts';
import type { OpenFile } from './source.ts';
import { decodeTfjs } from './tfjs.ts';
import { ZIP_SIGNATURE } from './zip.ts';

const beginsWith = (bytes: Uint8Array, signature: readonly number[]) => signature.every((byte, i) => bytes[i] === byte);

/** @throws FormatError when it is the file of no model */
export async function readModel({ bytes, name, beside }: OpenFile): Promise<LoadedModel> {
  if (beginsWith(bytes, ZIP_SIGNATURE)) return decodeKeras(bytes, name);
  if (beginsWith(bytes, HDF5_SIGNATURE)) return modelInH5(await readHdf5(bytes, name), name);
  if (isJson(bytes)) return decodeTfjs(decodeText(bytes, name), beside, name);
  throw new FormatError(`${name}: is none of .keras, .h5 and model.json`);
}

/** A brace behind blanks; not the header of safetensors, which begins with a length. */
export function isJson(bytes: Uint8Array): boolean {
  const blanks = [0x20, 0x09, 0x0a, 0x0d, 0xef, 0xbb, 0xbf];
  return bytes.find((byte) => !blanks.includes(byte)) === 0x7b;
}

export const isZip = (bytes: Uint8Array) => beginsWith(bytes, ZIP_SIGNATURE);
export const isHdf5 = (bytes: Uint8Array) => beginsWith(bytes, HDF5_SIGNATURE);
