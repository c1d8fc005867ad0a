import { type Platform, platform } from '../platform/index.ts';
import { assembleCifar, type CifarLayout, cifarEditions } from './cifarFiles.ts';
import type { RemoteFile } from './download.ts';
import { type ImageDatasetSource, type LoadImagesOptions, loadImageDataset } from './imageDataset.ts';
import type { ImageDataset } from './setFiles.ts';

const CIFAR10: CifarLayout = {
  folder: 'cifar-10-batches-bin',
  train: [1, 2, 3, 4, 5].map((i) => `data_batch_${i}.bin`),
  test: ['test_batch.bin'],
  records: [10_000, 10_000],
  classes: [10],
  label: 0,
};

/** A label of the 20 coarse classes stands before one of the 100 fine ones. */
const CIFAR100: CifarLayout = {
  folder: 'cifar-100-binary',
  train: ['train.bin'],
  test: ['test.bin'],
  records: [50_000, 10_000],
  classes: [20, 100],
  label: 1,
};

/** A set of CIFAR. Sizes and hashes are those that TensorFlow Datasets lists for these files (`url_checksums/cifar10.txt`, `cifar100.txt`). */
export function cifarSource(
  title: string,
  name: string,
  layout: CifarLayout,
  archive: string,
  remote: Omit<RemoteFile, 'name'>,
): ImageDatasetSource {
  return {
    title,
    name,
    baseUrl: 'https://www.cs.toronto.edu/~kriz/',
    editions: cifarEditions(layout, archive, remote),
    assemble: (parts, source) => assembleCifar(layout, parts, source),
  };
}

/** CIFAR-10 as bytes: 50,000 images to train and 10,000 to test. Places and errors: `loadImageDataset`. */
export function loadCifar10Bytes(options: LoadImagesOptions = {}, host: Platform = platform): Promise<ImageDataset> {
  const set = cifarSource('CIFAR-10', 'cifar10', CIFAR10, 'cifar-10-binary.tar', {
    bytes: 170_052_171,
    sha256: 'c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd',
  });
  return loadImageDataset(set, options, host);
}

/** CIFAR-100 likewise, with labels of its 100 classes or of the 20 that these fall into. */
export function loadCifar100Bytes(
  label: 'fine' | 'coarse',
  options: LoadImagesOptions = {},
  host: Platform = platform,
): Promise<ImageDataset> {
  const layout = { ...CIFAR100, label: label === 'coarse' ? 0 : 1 };
  const set = cifarSource('CIFAR-100', 'cifar100', layout, 'cifar-100-binary.tar', {
    bytes: 168_513_733,
    sha256: '58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec',
  });
  return loadImageDataset(set, options, host);
}
