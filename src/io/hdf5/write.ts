// Writes HDF5 files through h5wasm, in the form that h5py and Keras write: contiguous datasets, superblock 0.
import type { File, Group } from 'h5wasm';
import { FormatError, ValueError } from '../../errors.ts';
import { dtypeOfArray } from '../../tensor/dtype.ts';
import { loadH5wasm } from '../peers.ts';
import type { Hdf5Array, Hdf5Group } from './tree.ts';

/** The names that h5wasm has for our types. */
const types = { float32: '<f', float64: '<d', int32: '<i', uint8: '<B', bool: '<B' } as const;

/** The bytes of a file that holds this tree. Needs npm package h5wasm. */
export async function writeHdf5(root: Hdf5Group): Promise<Uint8Array<ArrayBuffer>> {
  const { File, FS } = await loadH5wasm();
  if (!FS) throw new ValueError('writeHdf5: this edition of h5wasm has no file system in memory');
  // nothing waits between the first line and the last, so one name does for all
  const path = '/wgslgrad.h5';
  const file: File = new File(path, 'w', { libver: ['earliest', 'latest'] });
  try {
    writeGroup(file, root);
  } finally {
    file.close();
  }
  const bytes: unknown = FS.readFile(path);
  FS.unlink(path);
  if (bytes instanceof Uint8Array) return new Uint8Array(bytes);
  throw new FormatError('writeHdf5: h5wasm wrote no file');
}

function writeGroup(target: Group, { attributes, datasets, groups }: Hdf5Group): void {
  for (const [name, array] of attributes) writeAttribute(target, name, array);
  for (const [name, { shape, data }] of datasets) {
    target.create_dataset({ name, data, shape: [...shape], dtype: types[dtypeOfArray(data)] });
  }
  for (const [name, group] of groups) writeGroup(target.create_group(name), group);
}

/** Lists of texts have elements of one length, as Keras writes them; a single text may be longer than those can be. */
function writeAttribute(target: Group, name: string, { shape, data }: Hdf5Array): void {
  if (!isTexts(data)) target.create_attribute(name, data, [...shape], types[dtypeOfArray(data)]);
  else if (shape.length === 0) target.create_attribute(name, data[0] ?? '', [], 'S');
  else {
    const longest = Math.max(1, ...data.map((text) => new TextEncoder().encode(text).length));
    target.create_attribute(name, [...data], [...shape], `S${longest}`);
  }
}

function isTexts(data: Hdf5Array['data']): data is readonly string[] {
  return Array.isArray(data);
}
