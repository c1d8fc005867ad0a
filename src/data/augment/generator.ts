import type { Shape } from '../../backend/backend.ts';
import { defer } from '../../engine/deferred.ts';
import { runningBackend } from '../../engine/runtime.ts';
import { keep } from '../../engine/scope.ts';
import { keyOf, nextKey } from '../../engine/seed.ts';
import { ensureStarted } from '../../engine/start.ts';
import { ValueError } from '../../errors.ts';
import { optional, whole } from '../../layers/settings.ts';
import { tensor } from '../../ops/create.ts';
import { mul } from '../../ops/elementwise.ts';
import type { TensorData } from '../../tensor/nested.ts';
import { requireTensors } from '../../tensor/options.ts';
import { type RandomKey, threefry } from '../../tensor/random.ts';
import { sizeOf } from '../../tensor/shape.ts';
import { Tensor } from '../../tensor/tensor.ts';
import type { FolderSource } from '../imageTree.ts';
import { type DirectoryOptions, directoryFlow } from './directory.ts';
import { DrawStream } from './drawStream.ts';
import { distributions, drawOnHost } from './draws.ts';
import { Flow, type Preparation } from './flow.ts';
import { type FitOptions, type FlowOptions, fitReaders, flowReaders, readOptions } from './flowOptions.ts';
import { checkOptions, type ImageDataGeneratorOptions } from './options.ts';
import { givenParameters } from './parameters.ts';
import type { DirectoryFlow } from './pictureFiles.ts';
import { drawsOf, type PictureTransform, partsOf, transformOf } from './pictureTransform.ts';
import { Pipeline } from './pipeline.ts';
import { requirePictures, samplesOf, targetsOf } from './samples.ts';
import type { Statistics } from './standardize.ts';
import { fitStatistics, newStatistics, picturesOf } from './statistics.ts';
import { requireSameClasses, rowsOfSubset } from './subset.ts';
import { type TableOptions, type TableRow, tableFlow } from './table.ts';
import { asFloat, transformed } from './transform.ts';

/** Pictures, targets or weights: a tensor, a typed array or nested lists. */
export type FlowInput = Tensor | TensorData;

/**
 * Changes pictures at random while a model trains, and standardizes them, as Keras' ImageDataGenerator does. All of it runs on the
 * backend, as a part of the training step.
 */
export class ImageDataGenerator {
  private readonly pipeline: Pipeline;
  private fitting: Promise<void> = Promise.resolve();
  private readonly preparation: Preparation;

  constructor(options: ImageDataGeneratorOptions = {}) {
    const pipeline = new Pipeline(checkOptions(options));
    this.pipeline = pipeline;
    this.preparation = {
      ready: () => this.fitting,
      prepare: (x, draws) => pipeline.run(x, draws),
      channelsLast: (x) => pipeline.channelsLast(x),
    };
  }

  /** Means of the channels, [1, 1, c]: what `fit` has found, or what was set; null without either. */
  get mean(): Tensor | null {
    return this.pipeline.statistics.mean;
  }

  set mean(value: FlowInput | null) {
    this.set('mean', value);
  }

  /** Deviations of the channels, [1, 1, c]. */
  get std(): Tensor | null {
    return this.pipeline.statistics.std;
  }

  set std(value: FlowInput | null) {
    this.set('std', value);
  }

  /** [d, d] for pictures of d values. */
  get zcaWhiteningMatrix(): Tensor | null {
    return this.pipeline.statistics.zca;
  }

  set zcaWhiteningMatrix(value: FlowInput | null) {
    this.set('zca', value);
  }

  private set(kind: keyof Statistics, value: FlowInput | null): void {
    const given = value === null || value instanceof Tensor ? value : keep(tensor(value));
    this.pipeline.statistics = { ...this.pipeline.statistics, [kind]: given };
  }

  /**
   * Finds out of pictures x [n, h, w, c] what the featurewise options and ZCA need; does nothing without them. They are rescaled
   * first, and with `augment` transformed `rounds` times over. Whatever waits next, waits for this too, awaited or not.
   *
   * @throws ShapeError unless x has rank 4
   */
  fit(x: FlowInput, options: FitOptions = {}): Promise<void> {
    const fitted = this.fitTo(x, options);
    // who called is told of a failure; these only wait
    this.fitting = fitted.catch(() => {});
    defer(this.fitting.then(() => null));
    return fitted;
  }

  private async fitTo(x: FlowInput, options: FitOptions): Promise<void> {
    const { augment, rounds, seed, inputShape } = readOptions('fit', fitReaders, options);
    const { pipeline } = this;
    const { settings } = pipeline;
    const samples = samplesOf('fit: x', x, inputShape);
    requirePictures('fit', samples, pipeline.channelsFirst);
    if (!settings.featurewiseCenter && !settings.featurewiseStdNormalization && !settings.zcaWhitening) return;
    if (!runningBackend()) await ensureStarted();
    const picture = samples.shape.slice(1);
    const statistics = newStatistics(settings, pipeline.sizeOf('fit', picture)[2], sizeOf(picture));
    pipeline.statistics = statistics;
    const draws = new DrawStream(streamKey(seed));
    const pictures = picturesOf(samples, augment ? rounds : 1, (raw, part) => {
      const rescaled = mul(asFloat(pipeline.channelsLast(raw)), settings.rescale || 1);
      if (!augment) return rescaled;
      // each look at the pictures sees the same ones
      draws.seek(part);
      return pipeline.randomized(rescaled, draws);
    });
    await fitStatistics(statistics, pictures, settings.zcaEpsilon);
  }

  /** Batches of pictures x [n, h, w, c], with targets and weights if given: endless by hand, and data for `model.fit`. */
  flow(x: FlowInput, y?: null, options?: FlowOptions): Flow<Tensor>;
  flow(
    x: FlowInput,
    y: FlowInput,
    options: FlowOptions & { readonly sampleWeight: FlowInput },
  ): Flow<readonly [Tensor, Tensor, Tensor]>;
  flow(x: FlowInput, y: FlowInput, options?: FlowOptions): Flow<readonly [Tensor, Tensor]>;
  flow(x: FlowInput, y: FlowInput | null = null, options: FlowOptions = {}): Flow {
    const settings = readOptions('flow', flowReaders, options);
    const { inputShape, sampleWeight, residentBytes, ignoreClassSplit, subset } = settings;
    const { validationSplit, strict } = this.pipeline.settings;
    const pictures = samplesOf('flow: x', x, inputShape);
    requirePictures('flow', pictures, this.pipeline.channelsFirst);
    const n = pictures.shape[0]!;
    if (sampleWeight !== null && y === null) throw new ValueError('flow: sampleWeight needs y');
    const targets = y === null ? null : targetsOf('flow: y', y, n);
    const weights = sampleWeight === null ? null : targetsOf('flow: sampleWeight', sampleWeight, n);
    const rows = rowsOfSubset('flow', n, validationSplit, subset);
    if (subset && targets && !ignoreClassSplit)
      requireSameClasses('flow', targets, Math.floor(n * validationSplit), strict);
    return new Flow(
      { x: pictures, y: targets, sampleWeight: weights, rows, residentBytes },
      settings,
      this.preparation,
    );
  }

  /**
   * Batches of the pictures below a directory, whose sub-folders are the classes; in a browser the directory is the list of files that the
   * user picked. Prints what was found. Each batch is read when its turn comes; Node needs npm package sharp for all formats but BMP.
   *
   * @throws ResourceError when there is no such directory
   * @throws ValueError when it has no pictures
   */
  flowFromDirectory(
    directory: FolderSource,
    options: DirectoryOptions & { readonly classMode: null },
  ): Promise<DirectoryFlow<Tensor>>;
  flowFromDirectory(
    directory: FolderSource,
    options?: DirectoryOptions,
  ): Promise<DirectoryFlow<readonly [Tensor, Tensor]>>;
  async flowFromDirectory(directory: FolderSource, options: DirectoryOptions = {}): Promise<DirectoryFlow> {
    return directoryFlow(directory, options, this.splitOfFiles('flowFromDirectory'), this.preparation);
  }

  /**
   * Batches of the picture files that a table names: rows { filename, class }, or other columns by `xCol` and `yCol`. Prints what was found.
   *
   * @throws ValueError when a row lacks a column
   */
  flowFromDataframe(
    table: readonly TableRow[],
    options: TableOptions & { readonly classMode: null },
  ): Promise<DirectoryFlow<Tensor>>;
  flowFromDataframe(
    table: readonly TableRow[],
    options: TableOptions & { readonly weightCol: string },
  ): Promise<DirectoryFlow<readonly [Tensor, Tensor, Tensor]>>;
  flowFromDataframe(
    table: readonly TableRow[],
    options?: TableOptions,
  ): Promise<DirectoryFlow<readonly [Tensor, Tensor]>>;
  async flowFromDataframe(table: readonly TableRow[], options: TableOptions = {}): Promise<DirectoryFlow> {
    return tableFlow(table, options, this.splitOfFiles('flowFromDataframe'), this.preparation);
  }

  private splitOfFiles(who: string): number {
    const { channelsFirst, settings } = this.pipeline;
    if (channelsFirst) throw new ValueError(`${who}: files have channels last; give the generator no dataFormat`);
    return settings.validationSplit;
  }

  /** What is drawn for a picture of shape [h, w, c]. The same seed draws the same. */
  getRandomTransform(imgShape: Shape, seed?: number | null): Required<PictureTransform> {
    return this.drawFor('getRandomTransform', imgShape, seed);
  }

  private drawFor(who: string, shape: Shape, seed: unknown): Required<PictureTransform> {
    const [h, w] = this.pipeline.sizeOf(who, shape);
    const key = streamKey(optional(whole(0))(who, 'seed', seed));
    const { settings } = this.pipeline;
    return transformOf(drawOnHost(distributions(settings, h, w), key), settings);
  }

  /** A picture [h, w, c], or each of a batch [n, h, w, c], transformed as `getRandomTransform` says it. */
  applyTransform(x: Tensor, transform: PictureTransform): Tensor {
    const { settings } = this.pipeline;
    const draws = drawsOf(transform, settings.strict);
    return this.pipeline.onPictures('applyTransform', x, (batch) =>
      transformed(batch, givenParameters(draws, batch.shape[0]!), partsOf(transform), settings),
    );
  }

  /** A picture [h, w, c] transformed at random. */
  randomTransform(x: Tensor, seed?: number | null): Tensor {
    requireTensors('randomTransform', { x });
    return this.applyTransform(x, this.drawFor('randomTransform', x.shape, seed));
  }

  /** A picture, or each of a batch, as a model takes it: preprocessed, rescaled, centred, divided, whitened. Nothing of it is random. */
  standardize(x: Tensor): Tensor {
    return this.pipeline.onPictures('standardize', x, (batch) => this.pipeline.standardized(asFloat(batch)));
  }
}

/** Of one transformation, or of the augmentation of what is fitted to. */
function streamKey(seed: number | null): RandomKey {
  return seed === null ? nextKey() : threefry(keyOf(seed), [0, 7]);
}
