/** A download that the next run finds again, where there is a disk. */
export interface KeptFile {
  /** null when it is not there. */
  read(): Promise<Uint8Array | null>;
  write(bytes: Uint8Array): Promise<void>;
}
