/** A download that the next run finds again, where there is a disk. */
export interface KeptFile {
  /** Where it is put; null where nothing is kept. */
  readonly folder: string | null;
  /** What there is of that name: ours, then what others have kept. */
  read(): AsyncIterable<Uint8Array>;
  write(bytes: Uint8Array): Promise<void>;
}
