/** One finished picture, ready to be written to a file with this extension. */
export interface Picture {
  readonly extension: 'svg' | 'png';
  readonly bytes: Uint8Array;
}
