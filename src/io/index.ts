// Files as bytes, for programs without a disk or with data of their own: `wgslgrad/io`.
import './provide.ts';

export type { FileSource } from '../models/files.ts';
export type { NamedArray, PlainArray } from './arrays.ts';
export { modelFromJSON } from './fromConfig.ts';
export { readHdf5 } from './hdf5/read.ts';
export type { Hdf5Array, Hdf5Group, Hdf5Numbers } from './hdf5/tree.ts';
export { writeHdf5 } from './hdf5/write.ts';
export { type LoadOptions, loadModel } from './load.ts';
export { decodeNpy, encodeNpy } from './npy.ts';
export { decodeNpz, encodeNpz } from './npz.ts';
export { decodeSafetensors, encodeSafetensors, type Safetensors } from './safetensors.ts';
export { type EncodedFiles, encodeModel, encodeWeights } from './save.ts';
