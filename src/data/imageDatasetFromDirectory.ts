import { keyOf, nextKey } from '../engine/seed.ts';
import { ValueError } from '../errors.ts';
import { tensor } from '../ops/create.ts';
import { reshape } from '../ops/shape.ts';
import { pad, slice } from '../ops/slice.ts';
import { platform } from '../platform/index.ts';
import { permutation } from '../tensor/random.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { ImageFolderDataset, type ImageItem } from './imageBatches.ts';
import { checkOptions, type ImageDatasetOptions, type ImageDatasetSettings } from './imageDatasetOptions.ts';
import { datasetRules, type ImageFile, type ImageFolder, listImageFolder, listImages } from './imageFolder.ts';
import { cropTo, padTo } from './images/crop.ts';
import type { FolderSource } from './imageTree.ts';

const WHO = 'imageDatasetFromDirectory';

type Labelled = readonly [x: Tensor, y: Tensor];
type WithoutLabels = { readonly labels: null } | { readonly labelMode: null };
type Both = { readonly subset: 'both' };
type Parts<Item extends ImageItem> = [training: ImageFolderDataset<Item>, validation: ImageFolderDataset<Item>];

/**
 * The images below a directory, whose sub-folders are the classes, in batches [x, y]: x float [n, height, width, channels], 0 to
 * 255; y int32 [n], or by `labelMode` one-hot [n, classes] or float [n, 1]. Without labels x alone; with `subset: 'both'` two
 * data sets. In a browser the directory is the list of files that the user picked.
 *
 * Prints what it found. Node needs npm package sharp for all formats but BMP.
 *
 * @throws ResourceError when there is no such directory
 * @throws ValueError when it has no images, or too few for the split
 */
export async function imageDatasetFromDirectory(
  directory: FolderSource,
  options: ImageDatasetOptions & Both & WithoutLabels,
): Promise<Parts<Tensor>>;
export async function imageDatasetFromDirectory(
  directory: FolderSource,
  options: ImageDatasetOptions & Both,
): Promise<Parts<Labelled>>;
export async function imageDatasetFromDirectory(
  directory: FolderSource,
  options: ImageDatasetOptions & WithoutLabels,
): Promise<ImageFolderDataset<Tensor>>;
export async function imageDatasetFromDirectory(
  directory: FolderSource,
  options?: ImageDatasetOptions,
): Promise<ImageFolderDataset<Labelled>>;
export async function imageDatasetFromDirectory(
  directory: FolderSource,
  options: ImageDatasetOptions = {},
): Promise<ImageFolderDataset<ImageItem> | Parts<ImageItem>> {
  const settings = checkOptions(WHO, options);
  const { classNames, files } = await list(directory, settings);
  const classes = settings.labels === null ? '' : ` belonging to ${classNames.length} classes`;
  say(settings, `Found ${files.length} files${classes}.`);
  if (settings.labelMode === 'binary' && classNames.length !== 2)
    throw new ValueError(`${WHO}: labelMode 'binary' needs two classes, got ${classNames.length}`);
  if (files.length === 0) throw new ValueError(`${WHO}: there are no images (${datasetRules.endings.join(', ')})`);

  const key = settings.seed === null ? nextKey() : keyOf(settings.seed);
  const chosen = settings.shuffle ? Array.from(permutation(key, files.length), (i) => files[i]!) : files;
  const cut = chosen.length - validationCount(chosen.length, settings);
  const part = (subset: 'training' | 'validation') => {
    const its = subset === 'training' ? chosen.slice(0, cut) : chosen.slice(cut);
    say(settings, `Using ${its.length} files for ${subset}.`);
    return batches(its, subset === 'training');
  };
  const batches = (its: readonly ImageFile[], mayShuffle: boolean) =>
    new ImageFolderDataset<ImageItem>({
      files: its,
      classNames,
      colorMode: settings.colorMode,
      batchSize: settings.batchSize,
      resize: resizing(settings),
      item: (x, labels) => itemOf(x, labels, classNames.length, settings),
      // what is validated stays where it is, so that predictions can be compared with files
      shuffleKey: settings.shuffle && mayShuffle ? key : null,
    });
  if (settings.subset === 'both') return [part('training'), part('validation')];
  return settings.subset ? part(settings.subset) : batches(chosen, true);
}

function say({ verbose }: ImageDatasetSettings, line: string): void {
  if (verbose) platform.terminal.write(`${line}\n`);
}

async function list(directory: FolderSource, settings: ImageDatasetSettings): Promise<ImageFolder> {
  const { labels, labelMode, classNames, followLinks } = settings;
  if (labels === 'inferred') {
    return listImageFolder(WHO, directory, datasetRules, { classNames, followLinks });
  }
  const files = await listImages(WHO, directory, datasetRules, { followLinks });
  if (labels === null) return { classNames: [], files };
  if (labels.length !== files.length)
    throw new ValueError(`${WHO}: labels are ${labels.length}, but the directory has ${files.length} files`);
  const found = [...new Set(labels)].sort((a, b) => a - b);
  if (labelMode !== 'int' && found.some((label, i) => label !== i))
    throw new ValueError(`${WHO}: labels must be 0, 1, ... for labelMode '${labelMode}', got ${found.join(', ')}`);
  return { classNames: found.map(String), files: files.map((file, i) => ({ ...file, label: labels[i]! })) };
}

/** How many files at the end of the list are for validation. */
function validationCount(count: number, { validationSplit, subset }: ImageDatasetSettings): number {
  if (subset === null) return 0;
  const held = Math.floor(count * validationSplit);
  if (held > 0 && held < count) return held;
  throw new ValueError(
    `${WHO}: validationSplit ${validationSplit} of ${count} files leaves ${count - held} to train on and ${held} to validate with`,
  );
}

/** Brings a picture [1, h, w, c] to the size asked for. */
function resizing({ imageSize, aspectRatio, resize }: ImageDatasetSettings): (x: Tensor) => Tensor {
  return (x) => {
    const [, h, w, c] = x.shape as [number, number, number, number];
    if (h === imageSize[0] && w === imageSize[1]) return x;
    const shaped = aspectRatio === 'crop' ? cropped(x, h, w, c) : aspectRatio === 'pad' ? padded(x, h, w) : x;
    return resize(shaped, imageSize);
  };

  function cropped(x: Tensor, h: number, w: number, c: number): Tensor {
    const { top, left, height, width } = cropTo({ height: h, width: w }, imageSize);
    return slice(x, [0, top, left, 0], [1, height, width, c]);
  }

  function padded(x: Tensor, h: number, w: number): Tensor {
    const { top, left, height, width } = padTo({ height: h, width: w }, imageSize);
    return pad(x, [
      [0, 0],
      [-top, height - h + top],
      [-left, width - w + left],
      [0, 0],
    ]);
  }
}

function itemOf(
  x: Tensor,
  labels: readonly number[],
  classes: number,
  { labelMode, batchSize }: ImageDatasetSettings,
): ImageItem {
  if (labelMode === null) return x;
  const y = targets(labels, classes, labelMode);
  return [x, batchSize === null ? reshape(y, y.shape.slice(1)) : y];
}

function targets(labels: readonly number[], classes: number, labelMode: 'int' | 'categorical' | 'binary'): Tensor {
  if (labelMode === 'int') return tensor(Int32Array.from(labels));
  if (labelMode === 'binary') return tensor(Float32Array.from(labels), [labels.length, 1]);
  const rows = new Float32Array(labels.length * classes);
  labels.forEach((label, i) => {
    rows[i * classes + label] = 1;
  });
  return tensor(rows, [labels.length, classes]);
}
