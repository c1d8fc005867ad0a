// What `fit` and its like take beside plain arrays: batches that lie on the backend or come one by one, and what is done to each.
import type { Tensor } from '../tensor/tensor.ts';
import type { Arrays, SampleWeight } from './arrays.ts';

/**
 * A set of samples that stays on the backend, as it is stored (bytes, for images). A recorded step finds its batch in it by an order
 * of rows, so that a step uploads nothing; one upload an epoch brings the order.
 */
export interface ResidentSource {
  readonly kind: 'resident';
  /** One set of samples, or one for each input of the model. */
  readonly x: Tensor | readonly Tensor[];
  readonly y: Tensor | readonly Tensor[] | null;
  /** One number for each sample, [n]; a list has a set for each output. */
  readonly sampleWeight: Tensor | readonly Tensor[] | null;
  readonly batchSize: number;
  /** How many samples take part; the last batch may be smaller. */
  readonly count: number;
  /** The rows of the next epoch in their order, `count` of them: a new array, unless it is the same order again. Asked for once before each epoch. */
  nextOrder(): Int32Array;
  /** Moves on as if so many orders had been taken, and so many batches of them and of the next: an interrupted run takes up where it was. */
  skip?(orders: number, batches: number): void;
  /** A gathered batch of x, where it is one set, as the model takes it. Part of a recorded step: made of operations alone, and what varies lies in tensors. */
  prepare?(x: Tensor): Tensor;
}

/** One batch: inputs, perhaps targets, perhaps a weight for each sample, the same for every output or by output. */
export type Batch = readonly [x: Arrays, y?: Arrays | null | undefined, sampleWeight?: SampleWeight | null | undefined];

/** Batches that are made or loaded one after another while the device works on the one before. */
export interface StreamedSource {
  readonly kind: 'streamed';
  /** Batches of an epoch; null when only the end will tell. */
  readonly steps: number | null;
  /** True when `open` gives new batches at each call; false for what can be read once, such as a generator. */
  readonly restarts: boolean;
  /** The batches from here on: of one epoch, or without end. Asked for once an epoch if it restarts, else once. */
  open(): AsyncIterator<Batch> | Iterator<Batch>;
  /** A batch like the others, without moving on: what shows a model the shape of its samples. */
  peek?(): AsyncIterator<Batch>;
  /** As in ResidentSource. */
  prepare?(x: Tensor): Tensor;
  /** The same of epochs; batches of the next one are read again, and only their random numbers count as drawn. */
  skip?(epochs: number, batches: number): void;
  /** Called after each epoch. */
  onEpochEnd?(): void | Promise<void>;
}

export type Source = ResidentSource | StreamedSource;

/** What brings its own batches to `fit`, `evaluate` and `predict`: `ImageDataGenerator.flow`, folders of images. */
export interface BatchSource {
  source(): Source;
}

/** A data set that gives its batches by number. `fit` shuffles their order unless told otherwise. */
export interface IndexedBatches {
  readonly length: number;
  get(index: number): Batch | Promise<Batch>;
  onEpochEnd?(): void | Promise<void>;
}

type Batches = Iterable<Batch> | AsyncIterable<Batch> | Iterator<Batch> | AsyncIterator<Batch>;

/** Everything that `fit` and its like take in the place of arrays. What is no iterator by itself starts over in each epoch. */
export type BatchData = BatchSource | IndexedBatches | Batches | (() => Batches | Promise<Batches>);
