import { type Platform, platform } from '../platform/index.ts';
import { assemble, idxEdition } from './idxFolder.ts';
import { type ImageDatasetSource, type LoadImagesOptions, loadImageDataset } from './imageDataset.ts';
import type { ImageDataset } from './setFiles.ts';

/**
 * 70,000 pictures of clothing, in the format of MNIST. The address is that of Keras; sizes and hashes are those that
 * TensorFlow Datasets lists for the same files (`url_checksums/fashion_mnist.txt`).
 */
export const FASHION_MNIST: ImageDatasetSource = {
  title: 'Fashion-MNIST',
  name: 'fashion_mnist',
  baseUrl: 'https://storage.googleapis.com/tensorflow/tf-keras-datasets/',
  editions: [
    idxEdition({
      trainImages: { bytes: 26_421_880, sha256: '3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84' },
      trainLabels: { bytes: 29_515, sha256: 'a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845' },
      testImages: { bytes: 4_422_102, sha256: '346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073' },
      testLabels: { bytes: 5_148, sha256: '67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5' },
    }),
  ],
  assemble,
  // Debian's package dataset-fashion-mnist. Its gzip headers lack the file name, so its sizes and hashes are others.
  wellKnownFolder: '/usr/share/datasets/fashion-mnist',
  kerasFolder: 'fashion-mnist',
};

/** Fashion-MNIST as bytes: 60,000 images to train and 10,000 to test. Places and errors: `loadImageDataset`. */
export function loadFashionMnistBytes(
  options: LoadImagesOptions = {},
  host: Platform = platform,
): Promise<ImageDataset> {
  return loadImageDataset(FASHION_MNIST, options, host);
}
