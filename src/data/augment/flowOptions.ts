// What `flow` and its like take beside the data.
import type { Shape } from '../../backend/backend.ts';
import { ValueError } from '../../errors.ts';
import { flag, optional, type Reader, readSettings, type Settings, whole, word } from '../../layers/settings.ts';
import { kindOf, refuseUnknown } from '../../tensor/options.ts';
import type { Subset } from './subset.ts';

/** What all flows take. */
export interface BatchOptions {
  /** Default 32. */
  readonly batchSize?: number;
  /** A new order of the samples in every epoch; default true. */
  readonly shuffle?: boolean;
  /** Of order and transformations: batch i is the same in every run. Default: the program's own stream. */
  readonly seed?: number | null;
  /** A folder that every picture is written to, transformed, as a file: for looking at them. Training then waits for each batch. */
  readonly saveToDir?: string | null;
  readonly savePrefix?: string;
  /** `png` (default), `jpg`, ... */
  readonly saveFormat?: string;
  /** `training` or `validation`: a part by the validationSplit of the generator. */
  readonly subset?: string | null;
}

export interface FlowOptions extends BatchOptions {
  /** One weight for each sample. */
  readonly sampleWeight?: unknown;
  /** Lets a subset have other classes than the rest. Default false. */
  readonly ignoreClassSplit?: boolean;
  /** Shape of one picture: how a flat typed array is cut. */
  readonly inputShape?: Shape | null;
  /**
   * Data on the host of more bytes than these stays there, and each batch is uploaded when its turn comes. Default 2^28: what every
   * WebGPU device can hold in one buffer.
   */
  readonly residentBytes?: number;
}

export interface FitOptions {
  /** Learns from transformed pictures. Default false. */
  readonly augment?: boolean;
  /** How often each picture is transformed and looked at, with `augment`. Default 1. */
  readonly rounds?: number;
  readonly seed?: number | null;
  /** Shape of one picture: how a flat typed array is cut. */
  readonly inputShape?: Shape | null;
}

const text =
  (otherwise: string): Reader<string> =>
  (who, name, given = otherwise) => {
    if (typeof given === 'string') return given;
    throw new ValueError(`${who}: ${name} must be a string, got ${kindOf(given)}`);
  };

const pictureShape: Reader<Shape> = (who, name, given) => {
  const good = Array.isArray(given) && given.length === 3 && given.every((n) => Number.isInteger(n) && n > 0);
  if (good) return given;
  throw new ValueError(`${who}: ${name} must be the three lengths of a picture, got ${JSON.stringify(given)}`);
};

export const batchReaders = {
  batchSize: whole(1, 32),
  shuffle: flag(true),
  seed: optional(whole(0)),
  saveToDir: optional(text('')),
  savePrefix: text(''),
  saveFormat: word(['png', 'jpg', 'jpeg', 'webp', 'tif', 'tiff', 'gif'], 'png'),
  subset: optional(word<Subset>(['training', 'validation'], 'training')),
};

export const flowReaders = {
  ...batchReaders,
  sampleWeight: optional<unknown>((_, __, given) => given),
  ignoreClassSplit: flag(false),
  inputShape: optional(pictureShape),
  residentBytes: whole(0, 2 ** 28),
};

export const fitReaders = {
  augment: flag(false),
  rounds: whole(1, 1),
  seed: optional(whole(0)),
  inputShape: optional(pictureShape),
};

export type BatchSettings = Settings<typeof batchReaders>;

/** The options of one of these tables, checked. */
export function readOptions<R extends Parameters<typeof readSettings>[1]>(
  who: string,
  readers: R,
  options: object,
): Settings<R> {
  refuseUnknown(who, options, Object.keys(readers));
  return readSettings(who, readers, options);
}
