// Flows of picture files: what those from a directory and those from a table have in common.
import type { Shape } from '../../backend/backend.ts';
import { ValueError } from '../../errors.ts';
import { flag, list, pairOf, type Reader, type Settings, word } from '../../layers/settings.ts';
import { tensor } from '../../ops/create.ts';
import type { Pair } from '../../ops/window.ts';
import { kindOf } from '../../tensor/options.ts';
import { sizeOf } from '../../tensor/shape.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import type { ImageFile } from '../imageFolder.ts';
import { type ColorMode, colorModes } from '../images/colorMode.ts';
import { decodeImages } from '../images/decodeImages.ts';
import { type Interpolation, interpolations } from '../images/resample.ts';
import { Flow, type FlowBatch, type FlowData, type Preparation } from './flow.ts';
import { type BatchOptions, type BatchSettings, batchReaders } from './flowOptions.ts';
import type { Samples } from './samples.ts';

export interface PictureFileOptions extends BatchOptions {
  /** [height, width] of every picture, default [256, 256]. */
  readonly targetSize?: Pair;
  /** `rgb` (default), `rgba` or `grayscale`. */
  readonly colorMode?: ColorMode;
  /** `nearest` (default), `bilinear`, `bicubic`, `hamming`, `box` or `lanczos`. */
  readonly interpolation?: Interpolation;
  /** Cuts a part of the target's proportions from the middle first. Default false. */
  readonly keepAspectRatio?: boolean;
}

export const pictureFileReaders = {
  ...batchReaders,
  targetSize: pairOf(256),
  colorMode: word(['rgb', 'rgba', 'grayscale'], 'rgb'),
  interpolation: word(interpolations, 'nearest'),
  keepAspectRatio: flag(false),
};

export type PictureFileSettings = Settings<typeof pictureFileReaders>;

export const name: Reader<string> = (who, option, given) => {
  if (typeof given === 'string' && given !== '') return given;
  throw new ValueError(`${who}: ${option} must be a name, got ${kindOf(given)}`);
};

export const nameList = list('names', name);

/** A flow of picture files in classes. */
export class DirectoryFlow<B extends FlowBatch = FlowBatch> extends Flow<B> {
  /** The number of each class by its name. */
  readonly classIndices: Readonly<Record<string, number>>;
  readonly numClasses: number;
  /** The class of each file. */
  readonly classes: Int32Array;
  /** From the directory on, and from the root on. */
  readonly filenames: readonly string[];
  readonly filepaths: readonly string[];

  constructor(
    files: readonly ImageFile[],
    classNames: readonly string[],
    data: FlowData,
    settings: BatchSettings,
    preparation: Preparation,
  ) {
    super(data, settings, preparation);
    this.classIndices = Object.fromEntries(classNames.map((name, i) => [name, i]));
    this.numClasses = classNames.length;
    this.classes = Int32Array.from(files, ({ label }) => label);
    this.filenames = files.map(({ name }) => name);
    this.filepaths = files.map(({ path }) => path);
  }

  /** How many files there are. */
  get samples(): number {
    return this.n;
  }

  get labels(): Int32Array {
    return this.classes;
  }
}

/** Files that are decoded when they are asked for, as bytes. */
export class FileSamples implements Samples {
  readonly shape: Shape;
  readonly bytes: number;
  readonly values = null;
  private readonly who: string;
  private readonly files: readonly ImageFile[];
  private readonly settings: PictureFileSettings;

  constructor(who: string, files: readonly ImageFile[], settings: PictureFileSettings) {
    this.who = who;
    this.files = files;
    this.settings = settings;
    this.shape = [files.length, ...settings.targetSize, colorModes[settings.colorMode]];
    this.bytes = sizeOf(this.shape);
  }

  async take(rows: Int32Array): Promise<Tensor> {
    const { targetSize, colorMode, interpolation, keepAspectRatio } = this.settings;
    const chosen = Array.from(rows, (row) => this.files[row]!);
    const bytes = await decodeImages(this.who, chosen, { targetSize, colorMode, interpolation, keepAspectRatio });
    return tensor(bytes, [rows.length, ...this.shape.slice(1)]);
  }

  whole(): null {
    return null;
  }
}
