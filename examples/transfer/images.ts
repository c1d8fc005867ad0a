// The images of R3: some classes to learn from before, and a few images of the others, in a folder as a user has them.
import { rm } from 'node:fs/promises';
import {
  datasets,
  gather,
  imageDatasetFromDirectory,
  ResourceError,
  saveImg,
  stack,
  type Tensor,
  tensor,
} from 'wgslgrad';

/** The classes that the base knows, and those that it has never seen: tops and a bag beside trousers, a dress and shoes. */
export const KNOWN = [1, 3, 5, 7, 9];
export const NEW = [0, 2, 4, 6, 8];

/** Images [n, 28, 28, 1], and each one's place in the list of classes. */
export interface Images {
  readonly x: Tensor;
  readonly labels: readonly number[];
}

/** Fashion-MNIST where it can be had, else handwritten digits. */
export async function loadImages(digits: boolean) {
  if (!digits) {
    try {
      const sets = await datasets.fashionMnist.loadData();
      return { sets, names: datasets.fashionMnist.classNames };
    } catch (error) {
      if (!(error instanceof ResourceError)) throw error;
      console.log(`${error.message}\nhandwritten digits take its place`);
    }
  }
  return { sets: await datasets.mnist.loadData(), names: Array.from({ length: 10 }, (_, digit) => `digit ${digit}`) };
}

/** The first images of these classes, at most so many of all together. */
export async function ofClasses(
  [images, labels]: readonly [Tensor, Tensor],
  classes: readonly number[],
  most = Infinity,
): Promise<Images> {
  const all = Array.from(await labels.data());
  const rows = all.flatMap((label, i) => (classes.includes(label) ? [i] : [])).slice(0, most);
  return { x: rowsOf(images, rows).reshape([-1, 28, 28, 1]), labels: rows.map((i) => classes.indexOf(all[i]!)) };
}

/** So many images of each class, drawn by `seed`: a folder for each class. A larger draw holds the smaller ones. */
export async function writeFolder(folder: string, { x, labels }: Images, shots: number, seed: number): Promise<void> {
  // an earlier run may have written others
  await rm(folder, { recursive: true, force: true });
  for (const label of new Set(labels)) {
    const rows = labels.flatMap((one, i) => (one === label ? [i] : []));
    // steps of a length that shares no factor with the number of rows would do; a prime is such for all but its multiples
    const drawn = Array.from({ length: shots }, (_, i) => rows[(seed * 7919 + i * 104729) % rows.length]!);
    for (const [i, row] of drawn.entries())
      await saveImg(`${folder}/${label}/${String(i).padStart(3, '0')}.png`, rowsOf(x, [row]).reshape([28, 28, 1]));
  }
}

/** The first images of each class in the folder. */
export async function readFolder(folder: string, shots: number): Promise<{ x: Tensor; y: Tensor }> {
  const images = await imageDatasetFromDirectory(folder, {
    ...{ labelMode: 'categorical', colorMode: 'grayscale', imageSize: [28, 28], batchSize: null, shuffle: false },
    verbose: false,
  });
  const [xs, ys]: [Tensor[], Tensor[]] = [[], []];
  let i = 0;
  for await (const [x, y] of images) {
    if (i++ % (images.length / NEW.length) >= shots) continue;
    xs.push(x);
    ys.push(y);
  }
  return { x: stack(xs), y: stack(ys) };
}

function rowsOf(images: Tensor, rows: readonly number[]): Tensor {
  return gather(images, tensor(Int32Array.from(rows)));
}
