// `npm start`: the reference program R1, and around it what a newcomer wants to see.
import { loadFashionMnistBytes } from '../../data/fashionMnistBytes.ts';
import { loadMnistBytes } from '../../data/mnistBytes.ts';
import type { LabelledImages } from '../../data/setFiles.ts';
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
import { confusionCounts, makeFolders, writeJson, writePictures, writeWeights } from './results.ts';

export async function train(args: string[]): Promise<void> {
  const options = parseTrainOptions(args);
  if (!options) {
    console.log(trainHelp);
    return;
  }
  try {
    await makeFolders(options);
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

  await interruptible(async (interrupted) => {
    model.summary();
    const test = tensors(data.test);
    const history = await learn(model, options, tensors(data.train), test, interrupted);
    const stopped = interrupted.aborted;
    await report(options, model, history, data, test, { ...started, stopped, began });
  });
}

/**
 * Validates with the test images: a share of the training images would be missing from the little there is to learn
 * from (7,996 digits), and nothing is chosen by the validation, so the test stays one on unseen images.
 */
async function learn(
  model: Sequential,
  { epochs, batchSize }: TrainOptions,
  train: Samples,
  test: Samples,
  interrupted: AbortSignal,
): Promise<History> {
  const stop = () => {
    model.stopTraining = true;
  };
  interrupted.addEventListener('abort', stop);
  // fit sets stopTraining back when it begins, which is after it has compiled the step.
  const onTrainBegin = () => {
    if (interrupted.aborted) stop();
  };
  const validationData = [test.x, test.y] as const;
  return model.fit(train.x, train.y, { epochs, batchSize, validationData, callbacks: [{ onTrainBegin }] });
}

/** Testing, and everything that is written. */
async function report(
  options: TrainOptions,
  model: Sequential,
  history: History,
  data: Images,
  { x, y }: Samples,
  run: { backend: string; adapter: string; reason: string; stopped: boolean; began: number },
): Promise<void> {
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
    const { backend, adapter, reason, stopped } = run;
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
      stopped,
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

interface Samples {
  readonly x: Tensor;
  readonly y: Tensor;
}

function tensors({ images, labels }: LabelledImages): Samples {
  return {
    x: tensor(images.data, [-1, 28, 28, 1]).div(255),
    y: toCategorical(tensor(labels.data), 10),
  };
}

async function firstImage(x: Tensor): Promise<Float32Array> {
  return Float32Array.from(await x.gatherRows(tensor(new Int32Array([0]))).data());
}
