// R3: transfer learning, offline. A base that was trained on five classes of Fashion-MNIST is frozen, and a new head learns the other five from
// a folder of a few images; beside it the same network with all of that base trained on, and from scratch: on the same images, for as many steps.
// Run: npm run example r3
// `-- --shots 5,25 --seeds 1` for other sizes, `--digits` for handwritten digits.
// With `-- --weights imagenet FOLDER` it is Keras' own example: ResNet50, pretrained, on your folder of pictures (one folder a class; needs a network once).
import { parseArgs } from 'node:util';
import {
  Activation,
  BatchNormalization,
  Conv2D,
  close,
  Dense,
  Dropout,
  Flatten,
  init,
  loadModel,
  type Model,
  memory,
  optimizers,
  Rescaling,
  Sequential,
  setRandomSeed,
  type Tensor,
  toCategorical,
} from 'wgslgrad';
import { explain } from 'wgslgrad/inspect';
import { pretrainedResNet } from './transfer/imagenet.ts';
import { type Images, KNOWN, loadImages, NEW, ofClasses, readFolder, writeFolder } from './transfer/images.ts';

const FOLDER = 'out/r3';
const BATCH = 25;
/** Each with its learning rates; of two the better one counts. */
const ways = [
  ['frozen base, new head', [3e-3]],
  ['pretrained, all trained', [1e-3, 3e-3]],
  ['from scratch', [1e-3, 3e-3]],
] as const;
type Way = (typeof ways)[number][0];
const bases: Record<Way, () => Promise<Model>> = {
  'frozen base, new head': () => savedBase(false),
  'pretrained, all trained': () => savedBase(true),
  'from scratch': async () => body(),
};

const { values, positionals } = parseArgs({
  args: process.argv.slice(3),
  allowPositionals: true,
  options: {
    shots: { type: 'string', default: '5,10,25' },
    seeds: { type: 'string', default: '3' },
    // of every training on few images, however many there are
    steps: { type: 'string', default: '75' },
    digits: { type: 'boolean', default: false },
    weights: { type: 'string' },
  },
});

await init({ seed: 7 });
if (values.weights === 'imagenet' && positionals[0]) await pretrainedResNet(positionals[0], `${FOLDER}/transfer.keras`);
else if (values.weights === undefined && positionals.length === 0)
  await fewImages(values.shots.split(',').map(Number), Number(values.seeds));
else {
  console.error(
    'usage: npm run example r3 -- [--shots 5,10,25] [--seeds 3] [--steps 75] [--digits], or -- --weights imagenet FOLDER',
  );
  process.exitCode = 2;
}
await close();

/** Grey images of 28 by 28, 0 to 255, to 64 maps of 4 by 4. */
function body(): Sequential {
  const block = (filters: number) => [
    Conv2D(filters, 3, { strides: 2, padding: 'same', useBias: false }),
    BatchNormalization({ momentum: 0.9 }),
    Activation('relu'),
  ];
  return new Sequential([Rescaling(1 / 255, { inputShape: [28, 28, 1] }), ...block(16), ...block(32), ...block(64)]);
}

function network(base: Model, learningRate: number): Sequential {
  const model = new Sequential([base, Flatten(), Dropout(0.2), Dense(5, { activation: 'softmax' })]);
  const optimizer = optimizers.Adam({ learningRate });
  model.compile({ optimizer, loss: 'categorical_crossentropy', metrics: ['accuracy'] });
  return model;
}

async function fewImages(shots: readonly number[], seeds: number): Promise<void> {
  const { sets, names } = await loadImages(values.digits);
  const named = (classes: readonly number[]) => classes.map((i) => names[i]).join(', ');
  const known = await ofClasses(sets[0], KNOWN, 6_000);
  console.log(`a base learns ${named(KNOWN)} from ${known.labels.length} images`);
  const source = body();
  await network(source, 1e-3).fit(known.x, toCategorical([...known.labels], 5), {
    epochs: 4,
    batchSize: 64,
    verbose: 2,
  });
  await source.save(`${FOLDER}/base.keras`);

  const fresh = await ofClasses(sets[0], NEW);
  const test = await ofClasses(sets[1], NEW, 1000);
  const table = new Map<string, number[]>();
  for (let seed = 1; seed <= seeds; seed++) {
    await writeFolder(`${FOLDER}/images`, fresh, Math.max(...shots), seed);
    for (const count of shots) {
      const few = await readFolder(`${FOLDER}/images`, count);
      for (const [way, rates] of ways)
        for (const rate of rates) {
          setRandomSeed(seed);
          const key = `${count} ${way} ${rate}`;
          table.set(key, [...(table.get(key) ?? []), await accuracyOf(way, rate, few, test)]);
        }
    }
  }

  console.log(
    `\n${named(NEW)} from a few images of each: accuracy on ${test.labels.length} others, mean of ${seeds} draws`,
  );
  console.log(`images a class ${ways.map(([way]) => way.padStart(25)).join('')}`);
  for (const count of shots) {
    const best = ways.map(([way, rates]) =>
      Math.max(...rates.map((rate) => mean(table.get(`${count} ${way} ${rate}`)!))),
    );
    console.log(`${String(count).padStart(14)} ${best.map((accuracy) => accuracy.toFixed(4).padStart(25)).join('')}`);
  }
  await whatStepsCost();
}

/** Trains on the few images; right answers among the others. */
async function accuracyOf(
  way: Way,
  rate: number,
  { x, y }: { readonly x: Tensor; readonly y: Tensor },
  test: Images,
): Promise<number> {
  const model = network(await bases[way](), rate);
  const steps = Math.ceil(x.shape[0]! / BATCH);
  const options = {
    epochs: Math.ceil(Number(values.steps) / steps),
    batchSize: BATCH,
    verbose: 0,
    cacheFeatures: way === 'frozen base, new head',
  } as const;
  await model.fit(x, y, options);
  const [, accuracy] = await model.evaluate(test.x, toCategorical([...test.labels], 5), { batchSize: 100, verbose: 0 });
  return accuracy!;
}

async function savedBase(trainable: boolean): Promise<Model> {
  const base = await loadModel(`${FOLDER}/base.keras`);
  base.trainable = trainable;
  return base;
}

async function whatStepsCost(): Promise<void> {
  console.log(`\na training step of ${BATCH} images   trained values   dispatches   MB of the step   MB in all`);
  for (const [way] of ways) {
    const model = network(await bases[way](), 1e-3);
    const { dispatches, memory: used } = await explain(model, { batchSize: BATCH, rounds: 1 });
    const trained = model.trainableWeights.reduce((sum, { size }) => sum + size, 0);
    const cells = [trained, dispatches.length, (used.bytes / 1e6).toFixed(2), (memory().bytes / 1e6).toFixed(2)];
    console.log(`${way.padEnd(29)} ${cells.map((cell, i) => String(cell).padStart([14, 12, 16, 11][i]!)).join(' ')}`);
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
