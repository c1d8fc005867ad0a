/** What the engine needs from the place it runs in. `node.ts` and `browser.ts` keep this contract; nothing else knows `node:` or the DOM. */
export interface Platform {
  readonly name: 'node' | 'browser';

  /** An environment variable (Node), or undefined. */
  env(name: string): string | undefined;

  /**
   * The WebGPU entry point, or a sentence that says why there is none.
   * The object is kept alive by the platform: Dawn is torn down under the running program when it is collected.
   * @internal Keeps WebGPU types out of the declarations that users compile with.
   */
  requestGpu(): Promise<GPU | string>;

  /** Lets go of what `requestGpu` gave: for a program that has destroyed its devices and wants the driver unloaded. */
  releaseGpu(): void;

  /** Files and the download cache, or null where there are none (a browser). */
  readonly files: Files | null;

  /** Puts a file where the user finds it: on the disk, or in a page among the downloads, by its name alone. */
  save(path: string, bytes: Uint8Array): Promise<void>;

  /** Keeps small texts from one run to the next. */
  readonly store: Store;

  /** Pictures from files and back. */
  readonly images: ImageCodec;

  /** Where progress lines go. */
  readonly terminal: Terminal;
}

export interface Files {
  /** The bytes of a file, or null when there is no such file. Any other failure throws a ResourceError. */
  read(path: string): Promise<Uint8Array<ArrayBuffer> | null>;
  /**
   * The bytes of a file of an installed npm package, or null when that package is not installed.
   * The package must let its package.json be resolved (one without `exports` does).
   */
  readPackageFile(packageName: string, path: string): Promise<Uint8Array<ArrayBuffer> | null>;
  /** Writes to a temporary name beside `path` and renames: a reader sees all of the file or none. Makes the folder. */
  writeAtomic(path: string, bytes: Uint8Array): Promise<void>;
  /** Removes a file; nothing happens when there is none. */
  remove(path: string): Promise<void>;
  /** Adds bytes to the end of a file; makes it and its folder where there is none. Whoever reads afterwards sees them. */
  append(path: string, bytes: Uint8Array): Promise<void>;
  /** Makes a new file and its folder. False where there is such a file: it stays as it is. */
  create(path: string, bytes: Uint8Array): Promise<boolean>;
  /** Makes the folder that `path` lies in, and those above it. */
  makeFolderOf(path: string): Promise<void>;
  /** The folder that downloads are kept in: WGSLGRAD_CACHE, else XDG_CACHE_HOME/wgslgrad, else ~/.cache/wgslgrad. */
  cacheFolder(): string;
  /** What this machine is called. */
  hostName(): string;
  join(...parts: string[]): string;
  /** What a folder holds, in no order; null when there is no such folder. Neither pipes nor devices. */
  list(folder: string): Promise<FolderEntry[] | null>;
  /** The path without links: the same for all ways to a file or folder. */
  realPath(path: string): Promise<string>;
}

export interface FolderEntry {
  readonly name: string;
  /** A folder, or a link to one. */
  readonly isFolder: boolean;
  readonly isLink: boolean;
}

/** A picture as rows of pixels, row-major [height, width, channels]: grey, grey and alpha, RGB, or RGBA. Alpha is not multiplied in. */
export interface RawImage {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly data: Uint8Array<ArrayBuffer>;
}

/** What `encode` writes. */
export type ImageFormat = 'png' | 'jpeg' | 'webp' | 'tiff' | 'gif';

/** What decodes and encodes pictures: npm package sharp in Node, the page itself in a browser. */
export interface ImageCodec {
  /**
   * The pixels of a PNG, JPEG, GIF (its first picture), WebP or TIFF file as they are stored: neither turned as a camera
   * says nor changed by a colour profile. Of 16 bits the upper 8; CMYK as RGB.
   *
   * @param name what an error calls the file
   * @throws FormatError when the bytes are damaged, hold something else, or more than `maxPixels` pixels
   * @throws ResourceError when there is nothing that decodes here
   */
  decode(bytes: Uint8Array<ArrayBuffer>, name: string, maxPixels: number): Promise<RawImage>;
  /** The bytes of a file, or null where nothing encodes. */
  readonly encode: ((image: RawImage, format: ImageFormat) => Promise<Uint8Array>) | null;
}

/** Small texts by name: in Node files of the cache folder, in a browser entries of IndexedDB. Failures throw a ResourceError. */
export interface Store {
  /** The text kept under a name, or null when there is none. */
  read(name: string): Promise<string | null>;
  /** Keeps a text: whoever reads sees the old one or the new one. */
  write(name: string, text: string): Promise<void>;
}

export interface Terminal {
  /** True when a line can be redrawn in place and colours are understood. */
  readonly interactive: boolean;
  readonly columns: number;
  write(text: string): void;
}
