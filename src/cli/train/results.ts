// What a training run leaves behind: weights, pictures, and the numbers as JSON.
import { access, constants, mkdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { WgslgradError } from '../../errors.ts';
import type { History, Sequential } from '../../index.ts';
import { tensor } from '../../index.ts';
import { platform } from '../../platform/index.ts';
import { drawConfusionMatrix, drawCurves, drawFeatureMaps, drawFilters, type Picture } from '../pictures/index.ts';
import { UsageError } from '../usageError.ts';

/** Makes the folders of the results, so that a path that cannot be written is refused before the training, not after. */
export async function makeFolders({ out, json }: { out: string; json: string | null }): Promise<void> {
  await makeFolder('--out', out);
  if (json === null) return;
  await makeFolder('--json', dirname(json));
  const there = await stat(json).catch(() => null);
  if (there?.isDirectory()) throw new UsageError(`train: --json must be a file, ${json} is a folder`);
}

async function makeFolder(option: string, folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(`train: ${option} needs a folder that can be written to: ${why}`, { cause });
  }
}

/** counts[label][prediction] */
export function confusionCounts(labels: ArrayLike<number>, predictions: ArrayLike<number>, classes = 10): number[][] {
  const counts = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  for (let i = 0; i < labels.length; i++) counts[labels[i]!]![predictions[i]!]!++;
  return counts;
}

/** Writes the weights by name (conv2d/kernel, ...); resolves to the file. */
export async function writeWeights(folder: string, model: Sequential): Promise<string> {
  const file = join(folder, 'weights.safetensors');
  await model.saveWeights(file);
  return file;
}

export interface Drawn {
  readonly model: Sequential;
  readonly history: History;
  readonly counts: readonly (readonly number[])[];
  readonly classNames: readonly string[];
  /** One test image, 28 x 28. */
  readonly image: Float32Array;
}

/** Draws what can be drawn; resolves to the files. A picture that cannot be drawn costs one line, not the run. */
export async function writePictures(folder: string, drawn: Drawn): Promise<string[]> {
  const { model, history, counts, classNames, image } = drawn;
  const convolution = model.layers[0]!;
  const kernel = convolution.weights[0]!;
  const pictures: Record<string, () => Promise<Picture>> = {
    curves: () => drawCurves(wholeEpochs(history)),
    confusion: () => drawConfusionMatrix(counts, classNames),
    filters: async () =>
      drawFilters(Float32Array.from(await kernel.variable.data()), kernel.shape as [number, number, number, number]),
    feature_maps: async () => {
      const maps = convolution.apply(tensor(image, [1, 28, 28, 1]));
      const shape = maps.shape.slice(1) as [number, number, number];
      return drawFeatureMaps(
        image,
        [28, 28],
        Float32Array.from(await maps.data()),
        shape,
        'The first test image and what each filter sees in it',
      );
    },
  };
  const files: string[] = [];
  for (const [name, draw] of Object.entries(pictures)) {
    try {
      const { extension, bytes } = await draw();
      files.push(await write(join(folder, `${name}.${extension}`), bytes));
    } catch (error) {
      if (!(error instanceof WgslgradError)) throw error;
      console.log(`no picture ${name}: ${error.message}`);
    }
  }
  return files;
}

/** The history without an epoch that was cut short: it was not validated, and has no place on the axis. */
export function wholeEpochs({ history }: Pick<History, 'history'>): Record<string, number[]> {
  const whole = history.val_loss?.length ?? 0;
  return Object.fromEntries(Object.entries(history).map(([name, values]) => [name, values.slice(0, whole)]));
}

/** Writes results for other programs. */
export async function writeJson(file: string, results: unknown): Promise<void> {
  await write(file, new TextEncoder().encode(`${JSON.stringify(results, null, 2)}\n`));
}

async function write(file: string, bytes: Uint8Array): Promise<string> {
  await platform.files!.writeAtomic(file, bytes);
  return file;
}
