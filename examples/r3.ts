// R3: transfer learning, offline. A base that was trained on the digits 0 to 4 is frozen, and a new head learns 5 to 9 from a folder of a few
// images; beside it the same network from scratch. Run: npm run example r3
// With `-- --weights imagenet FOLDER` it is Keras' own example: ResNet50, pretrained, on your folder of pictures (one folder a class; needs a network once).
import { rm } from 'node:fs/promises';
import {
  applications,
  Conv2D,
  close,
  Dense,
  Dropout,
  datasets,
  Flatten,
  GlobalAveragePooling2D,
  gather,
  imageDatasetFromDirectory,
  init,
  loadModel,
  MaxPooling2D,
  type Model,
  Rescaling,
  ResNet50,
  Sequential,
  saveImg,
  stack,
  type Tensor,
  tensor,
  toCategorical,
} from 'wgslgrad';

const SHOTS = 5;
const FOLDER = 'out/r3';

await init({ seed: 7 });
const [option, choice, folder] = process.argv.slice(3);
if (option === undefined) await fewDigits();
else if (option === '--weights' && choice === 'imagenet' && folder) await pretrainedResNet(folder);
else {
  console.error('usage: npm run example r3, or npm run example r3 -- --weights imagenet FOLDER');
  process.exitCode = 2;
}
await close();

/** As api.md writes it, on a folder of pictures. */
async function pretrainedResNet(directory: string): Promise<void> {
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
  await transfer.save(`${FOLDER}/transfer.keras`);
}

/** The batches as ResNet50 was trained on them. */
async function* caffe(data: AsyncIterable<readonly [Tensor, Tensor]>) {
  for await (const [x, y] of data) yield [applications.resnet50.preprocessInput(x), y] as const;
}

async function fewDigits(): Promise<void> {
  const [[xTrain, yTrain], [xTest, yTest]] = await datasets.mnist.loadData();
  const known = await digits(xTrain, yTrain, (digit) => digit < 5);
  const fresh = await digits(xTrain, yTrain, (digit) => digit >= 5);
  const test = await digits(xTest, yTest, (digit) => digit >= 5);

  const source = network(body(), 5);
  console.log(`a base learns the digits 0 to 4 from ${known.x.shape[0]} images`);
  await source.fit(known.x, toCategorical(known.labels, 5), { epochs: 3, verbose: 2 });
  await base(source).save(`${FOLDER}/base.keras`);

  await writeImages(fresh);
  const images = await imageDatasetFromDirectory(`${FOLDER}/images`, {
    ...{ labelMode: 'categorical', colorMode: 'grayscale', imageSize: [28, 28], batchSize: null, shuffle: false },
  });
  const { x, y } = await whole(images);
  const rows = [];
  for (const pretrained of [true, false]) {
    const loaded = (await loadModel(`${FOLDER}/base.keras`)) as Sequential;
    if (pretrained) loaded.trainable = false;
    const model = network(pretrained ? loaded : body(), 5);
    const began = performance.now();
    await model.fit(x, y, { epochs: 40, batchSize: 10, verbose: 0, cacheFeatures: pretrained });
    const seconds = (performance.now() - began) / 1000;
    const targets = toCategorical(
      test.labels.map((digit) => digit - 5),
      5,
    );
    const [, accuracy] = await model.evaluate(test.x, targets, { verbose: 0 });
    const trained = model.trainableWeights.reduce((sum, { size }) => sum + size, 0);
    rows.push({
      network: pretrained ? 'frozen base, new head' : 'from scratch',
      trained,
      seconds,
      accuracy: accuracy!,
    });
  }
  console.log(`\nthe digits 5 to 9 from ${5 * SHOTS} images, tested on ${test.labels.length} others`);
  console.log('network                 trained values   seconds   test accuracy');
  for (const { network, trained, seconds, accuracy } of rows)
    console.log(
      `${network.padEnd(22)} ${String(trained).padStart(15)} ${seconds.toFixed(1).padStart(9)} ${accuracy.toFixed(4).padStart(15)}`,
    );
}

/** Grey images of 28 by 28, 0 to 255, to maps of 32 channels. */
function body(): Sequential {
  return new Sequential([
    Rescaling(1 / 255, { inputShape: [28, 28, 1] }),
    Conv2D(16, 3, { activation: 'relu' }),
    MaxPooling2D(2),
    Conv2D(32, 3, { activation: 'relu' }),
    MaxPooling2D(2),
  ]);
}

function network(base: Sequential, classes: number): Sequential {
  const model = new Sequential([base, Flatten(), Dropout(0.2), Dense(classes, { activation: 'softmax' })]);
  model.compile({ optimizer: 'adam', loss: 'categorical_crossentropy', metrics: ['accuracy'] });
  return model;
}

/** What stands below the head. */
function base(model: Sequential): Model {
  return model.getLayer(0) as Model;
}

interface Digits {
  readonly x: Tensor;
  readonly labels: number[];
}

/** The images [n, 28, 28, 1] of some digits, and which they are. */
async function digits(images: Tensor, labels: Tensor, wanted: (digit: number) => boolean): Promise<Digits> {
  const all = Array.from(await labels.data());
  const rows = all.flatMap((digit, i) => (wanted(digit) ? [i] : []));
  const x = gather(images, tensor(Int32Array.from(rows))).reshape([-1, 28, 28, 1]);
  return { x, labels: rows.map((i) => all[i]!) };
}

/** The first few images of each digit as files, a folder for each. */
async function writeImages({ x, labels }: Digits): Promise<void> {
  // an earlier run may have written others
  await rm(`${FOLDER}/images`, { recursive: true, force: true });
  for (let digit = 5; digit < 10; digit++) {
    const rows = labels.flatMap((label, i) => (label === digit ? [i] : [])).slice(0, SHOTS);
    for (const [i, row] of rows.entries())
      await saveImg(`${FOLDER}/images/${digit}/${i}.png`, gather(x, tensor(Int32Array.of(row))).reshape([28, 28, 1]));
  }
}

/** All pictures of a folder at once. */
async function whole(images: AsyncIterable<readonly [Tensor, Tensor]>) {
  const [xs, ys]: [Tensor[], Tensor[]] = [[], []];
  for await (const [x, y] of images) {
    xs.push(x);
    ys.push(y);
  }
  return { x: stack(xs), y: stack(ys) };
}
