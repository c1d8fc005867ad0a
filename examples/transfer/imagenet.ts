// Keras' own example of transfer learning, as api.md writes it: ResNet50, pretrained, on a folder of pictures.
import {
  applications,
  Dense,
  GlobalAveragePooling2D,
  imageDatasetFromDirectory,
  ResNet50,
  Sequential,
  type Tensor,
} from 'wgslgrad';

/** Trains a head for the classes of the folder, and saves the whole model. */
export async function pretrainedResNet(directory: string, path: string): Promise<void> {
  const options = { labelMode: 'categorical', imageSize: [224, 224], validationSplit: 0.2, seed: 1 } as const;
  const [train, validation] = await imageDatasetFromDirectory(directory, { ...options, subset: 'both' });
  const base = await ResNet50({ weights: 'imagenet', includeTop: false, inputShape: [224, 224, 3] });
  base.trainable = false;
  const numClasses = train.classNames.length;
  const transfer = new Sequential([
    base,
    GlobalAveragePooling2D(),
    Dense(1024, { activation: 'relu' }),
    Dense(numClasses, { activation: 'softmax' }),
  ]);
  transfer.compile({ optimizer: 'adam', loss: 'categorical_crossentropy', metrics: ['accuracy'] });
  transfer.summary();
  const prepared = (data: typeof train) => () => caffe(data);
  await transfer.fit(prepared(train), { epochs: 5, validationData: prepared(validation) });
  await transfer.save(path);
}

/** The batches as ResNet50 was trained on them. */
async function* caffe(data: AsyncIterable<readonly [Tensor, Tensor]>) {
  for await (const [x, y] of data) yield [applications.resnet50.preprocessInput(x), y] as const;
}
