// `npm start`: the reference program R1, and around it what a newcomer wants to see.
import { loadFashionMnistBytes } from '../../data/fashionMnistBytes.ts';
import type { LabelledImages } from '../../data/idxFolder.ts';
import { loadMnistBytes } from '../../data/mnistBytes.ts';
import {
  Conv2D,
  close,
  Dense,
  datasets,
  Flatten,
  type History,
  init,
  MaxPooling2D,
  Sequential,
  type Tensor,
  tensor,
  toCategorical,
  version,
} from '../../index.ts';
import { interruptible } from './interrupt.ts';
import { parseTrainOptions, type TrainOptions, trainHelp } from './options.ts';
import { confusionCounts, writeJson, writePictures, writeWeights } from './results.ts';

// A tenth is enough to watch for over-fitting, and leaves nearly all of a small set to learn from.
const VALIDATION_SPLIT = 0.1;

export async function train(args: string[]): Promise<void> {
  const options = parseTrainOptions(args);
  if (!options) {
    console.log(trainHelp);
    return;
  }
  try {
    await run(options);
  } finally {
    await close();
  }
}

async function run(options: TrainOptions): Promise<void> {
  const began = performance.now();
  const started = await init({ backend: options.backend, seed: options.seed });
  console.log(
    `wgslgrad ${version} on ${started.backend}: ${started.adapter} (${started.reason}), seed ${options.seed}`,
  );
  const data = await loadImages(options);
  console.log(`${data.train.labels.shape[0]} training and ${data.test.labels.shape[0]} test images: ${data.source}`);

  const model = new Sequential([
    Conv2D(32, [3, 3], { activation: 'relu', inputShape: [28, 28, 1] }),
    MaxPooling2D([2, 2]),
    Flatten(),
    Dense(10, { activation: 'softmax' }),
  ]);
  model.compile({ optimizer: 'adam', loss: 'categorical_crossentropy', metrics: ['accuracy'] });
  model.summary();

  const { x, y } = tensors(data.train);
  const history = await interruptible(
    () => {
      model.stopTraining = true;
    },
    () => model.fit(x, y, { epochs: options.epochs, batchSize: options.batchSize, validationSplit: VALIDATION_SPLIT }),
  );
  x.dispose();
  await report(options, model, history, data, { ...started, began });
}

/** Testing, and everything that is written. */
async function report(
  options: TrainOptions,
  model: Sequential,
  history: History,
  data: Images,
  run: { backend: string; adapter: string; reason: string; began: number },
): Promise<void> {
  const { x, y } = tensors(data.test);
  const [loss, accuracy] = (await model.evaluate(x, y, { verbose: 0 })) as [number, number];
  console.log(
    `test loss ${loss.toFixed(4)}, test accuracy ${accuracy.toFixed(4)} on ${data.test.labels.shape[0]} images`,
  );
  const counts = confusionCounts(
    data.test.labels.data,
    await model.predict(x, { verbose: 0 }).then((p) => p.argMax(-1).data()),
  );
  const files = [
    await writeWeights(options.out, model),
    ...(await writePictures(options.out, {
      model,
      history,
      counts,
      classNames: data.classNames,
      image: await firstImage(x),
    })),
  ];
  const seconds = (performance.now() - run.began) / 1000;
  for (const file of files) console.log(`wrote ${file}`);
  if (options.json) {
    const { backend, adapter, reason } = run;
    await writeJson(options.json, {
      version,
      node: process.version,
      backend,
      adapter,
      reason,
      options,
      data: data.source,
      trainingSamples: data.train.labels.shape[0],
      testSamples: data.test.labels.shape[0],
      history: history.history,
      test: { loss, accuracy },
      confusion: counts,
      seconds,
      files,
    });
    console.log(`wrote ${options.json}`);
  }
}

interface Images {
  readonly train: LabelledImages;
  readonly test: LabelledImages;
  readonly source: string;
  readonly classNames: readonly string[];
}

async function loadImages({ dataset, samples }: TrainOptions): Promise<Images> {
  const fashion = dataset === 'fashion_mnist';
  const { train, test, source } = await (fashion ? loadFashionMnistBytes() : loadMnistBytes());
  const classNames = fashion ? datasets.fashionMnist.classNames : Array.from('0123456789');
  return { train: firstOf(train, samples), test, source, classNames };
}

/** The first samples of a set: the sets come in no order of class. */
function firstOf({ images, labels }: LabelledImages, samples: number): LabelledImages {
  const count = Math.min(samples, labels.shape[0]!);
  return {
    images: { shape: [count, ...images.shape.slice(1)], data: images.data.subarray(0, count * 28 * 28) },
    labels: { shape: [count], data: labels.data.subarray(0, count) },
  };
}

function tensors({ images, labels }: LabelledImages): { x: Tensor; y: Tensor } {
  return {
    x: tensor(images.data, [-1, 28, 28, 1]).div(255),
    y: toCategorical(tensor(labels.data), 10),
  };
}

async function firstImage(x: Tensor): Promise<Float32Array> {
  return Float32Array.from(await x.gatherRows(tensor(new Int32Array([0]))).data());
}
