// A list of picture files as batches of tensors, made when they are asked for and one ahead.
import { floatDType } from '../engine/runtime.ts';
import { scope } from '../engine/scope.ts';
import { keyOf } from '../engine/seed.ts';
import { ensureStarted } from '../engine/start.ts';
import { ShapeError, ValueError } from '../errors.ts';
import type { Batch, BatchSource, StreamedSource } from '../models/source.ts';
import { concat } from '../ops/concat.ts';
import { tensor } from '../ops/create.ts';
import { cast } from '../ops/elementwise.ts';
import { reshape } from '../ops/shape.ts';
import type { RawImage } from '../platform/index.ts';
import { wholeNumber } from '../tensor/options.ts';
import { permutation, type RandomKey, threefry } from '../tensor/random.ts';
import { Tensor } from '../tensor/tensor.ts';
import type { ImageFile } from './imageFolder.ts';
import { type ColorMode, inColorMode } from './images/colorMode.ts';
import { decodeImage } from './images/decodeImage.ts';
import { IN_FLIGHT } from './images/decodeImages.ts';
import { inParallel } from './inParallel.ts';

/** Pictures, or pictures with their labels. */
export type ImageItem = Tensor | readonly [x: Tensor, y: Tensor];

export interface ImageBatchOptions<Item extends ImageItem> {
  readonly files: readonly ImageFile[];
  readonly classNames: readonly string[];
  readonly colorMode: ColorMode;
  /** A picture [1, h, w, c] of floats, of the size that all shall have. */
  readonly resize: (x: Tensor) => Tensor;
  /** null: one picture at a time, without an axis for batches. */
  readonly batchSize: number | null;
  /** What a batch is, of its pictures and the labels of their files. */
  readonly item: (x: Tensor, labels: readonly number[]) => Item;
  /** Of the orders of the second and later epochs; null keeps the first. */
  readonly shuffleKey: RandomKey | null;
}

/**
 * Batches of a folder of images: by index, by `for await`, and as data of `fit`, `evaluate` and `predict`. Tensors that are
 * handed out belong to whoever asked.
 *
 * Pictures are read when they are asked for, at most eight at a time, and one batch ahead: memory holds two batches and these.
 */
export class ImageFolderDataset<Item extends ImageItem = readonly [x: Tensor, y: Tensor]> implements BatchSource {
  /** The classes in the order of their numbers. */
  readonly classNames: readonly string[];
  /** The files in the order of the first epoch. */
  readonly filePaths: readonly string[];
  /** Batches of an epoch; the last may be smaller. Pictures, where they are not batched. */
  readonly length: number;

  private readonly options: ImageBatchOptions<Item>;
  private order: ArrayLike<number>;
  private epoch = 0;
  private lastAsked = -1;
  private ahead: { readonly index: number; readonly item: Promise<Item> } | null = null;
  private lastTurn: Promise<unknown> = Promise.resolve();

  constructor(options: ImageBatchOptions<Item>) {
    this.options = options;
    this.classNames = options.classNames;
    this.filePaths = options.files.map(({ path }) => path);
    this.length = Math.ceil(options.files.length / (options.batchSize ?? 1));
    this.order = options.files.map((_, i) => i);
  }

  /** Batch `index`: x float [n, h, w, c], 0 to 255, with y, or alone where there are no labels. @throws FormatError that names a broken file */
  async get(index: number): Promise<Item> {
    wholeNumber('get', 'index', index, 0);
    if (index >= this.length) throw new ValueError(`get: index ${index} is outside: there are ${this.length}`);
    this.lastAsked = index;
    const item = this.ahead?.index === index ? this.ahead.item : this.load(index);
    if (this.ahead?.index === index) this.ahead = null;
    const made = await item;
    if (this.lastAsked === index && index + 1 < this.length) this.lookAhead(index + 1);
    return made;
  }

  /** A new order for the next epoch, if the data set is shuffled. */
  onEpochEnd(): void {
    this.moveOn(1);
  }

  private moveOn(epochs: number): void {
    this.epoch += epochs;
    const { shuffleKey, files } = this.options;
    if (!shuffleKey) return;
    this.forgetAhead();
    this.order = permutation(keyOf(threefry(shuffleKey, [this.epoch, 0])[0]), files.length);
  }

  /** One epoch; a new order follows it. */
  async *[Symbol.asyncIterator](): AsyncIterator<Item> {
    for (let i = 0; i < this.length; i++) yield await this.get(i);
    this.onEpochEnd();
  }

  source(): StreamedSource {
    if (this.options.batchSize === null)
      throw new ValueError('a data set with batchSize null has single images; fit and its like need batches');
    return {
      kind: 'streamed',
      steps: this.length,
      restarts: true,
      open: () => this.batches(this.length),
      peek: () => this.batches(1),
      onEpochEnd: () => this.onEpochEnd(),
      skip: (epochs) => this.moveOn(epochs),
    };
  }

  /** Whoever reads on is done with the batch before. */
  private async *batches(count: number): AsyncGenerator<Batch, void> {
    for (let i = 0; i < count; i++) {
      const item = await this.get(i);
      try {
        yield item instanceof Tensor ? [item] : item;
      } finally {
        disposeItem(item);
      }
    }
  }

  private lookAhead(index: number): void {
    if (this.ahead?.index === index) return;
    this.forgetAhead();
    const item = this.load(index);
    // Whoever asks for it is told; if nobody does, nobody wanted it.
    item.catch(() => {});
    this.ahead = { index, item };
  }

  private forgetAhead(): void {
    this.ahead?.item.then(disposeItem, () => {});
    this.ahead = null;
  }

  /** Batches are loaded one after another, whoever asks, so that the files in flight stay few. */
  private load(index: number): Promise<Item> {
    const { files, batchSize } = this.options;
    const first = index * (batchSize ?? 1);
    const count = Math.min(batchSize ?? 1, files.length - first);
    const chosen = Array.from({ length: count }, (_, i) => files[this.order[first + i]!]!);
    const turn = this.lastTurn.then(() => this.loadFiles(chosen));
    this.lastTurn = turn.catch(() => {});
    return turn;
  }

  private async loadFiles(files: readonly ImageFile[]): Promise<Item> {
    await ensureStarted();
    const pictures: Tensor[] = [];
    let kept: readonly Tensor[] = [];
    try {
      await inParallel(files.length, IN_FLIGHT, async (i) => {
        pictures[i] = await this.loadFile(files[i]!);
      });
      const item = this.together(
        pictures,
        files.map(({ label }) => label),
      );
      kept = tensorsOf(item);
      return item;
    } finally {
      // a batch of one is its picture
      for (const picture of pictures) if (!kept.includes(picture)) picture?.dispose();
    }
  }

  private together(pictures: readonly Tensor[], labels: readonly number[]): Item {
    const { batchSize, item } = this.options;
    return scope(() => {
      const x = concat(pictures);
      return item(batchSize === null ? reshape(x, x.shape.slice(1)) : x, labels);
    });
  }

  private async loadFile(file: ImageFile): Promise<Tensor> {
    const image = inColorMode(await decodeImage(await file.read(), file.path), this.options.colorMode);
    try {
      return scope(() => this.options.resize(asFloats(image)));
    } catch (cause) {
      // what the operation says of the sizes, and whose they are
      if (cause instanceof ShapeError) throw new ShapeError(`${file.path}: ${cause.message}`, { cause });
      throw cause;
    }
  }
}

function asFloats({ height, width, channels, data }: RawImage): Tensor {
  return cast(tensor(data, [1, height, width, channels]), floatDType());
}

const tensorsOf = (item: ImageItem): readonly Tensor[] => (item instanceof Tensor ? [item] : item);

function disposeItem(item: ImageItem): void {
  for (const one of tensorsOf(item)) one.dispose();
}
