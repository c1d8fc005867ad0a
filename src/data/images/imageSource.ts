import { ResourceError, ValueError } from '../../errors.ts';
import { type Platform, platform, type RawImage } from '../../platform/index.ts';
import { kindOf } from '../../tensor/options.ts';
import { asBytes, type BytesLike, isBytes } from '../bytes.ts';
import { fetchBytes } from '../download.ts';
import { decodeImage } from './decodeImage.ts';
import { MOST_FILE_BYTES } from './limits.ts';

/** What of a browser's Blob or File is needed. */
export interface BlobLike {
  readonly size: number;
  arrayBuffer(): Promise<ArrayBuffer>;
}

/** A picture file: a path (in Node), an address, its bytes, or a Blob or File. */
export type ImageSource = string | BytesLike | BlobLike;

/** What errors call a picture. */
export function nameOf(source: ImageSource): string {
  if (typeof source !== 'string')
    return 'name' in source && typeof source.name === 'string' ? source.name : 'the picture';
  // addresses may hold the whole picture
  return source.startsWith('data:') ? `${source.slice(0, 30)}...` : source;
}

/**
 * The pixels of a picture.
 *
 * @throws ResourceError when there is no such file, or the address does not deliver
 * @throws FormatError that names the file when it is no picture that can be read
 */
export async function readImage(
  who: string,
  source: ImageSource,
  signal: AbortSignal | undefined,
  host: Platform = platform,
): Promise<RawImage> {
  return decodeImage(await bytesOf(who, source, signal, host), nameOf(source), host);
}

async function bytesOf(
  who: string,
  source: unknown,
  signal: AbortSignal | undefined,
  { files }: Platform,
): Promise<Uint8Array<ArrayBuffer>> {
  if (isBytes(source)) return asBytes(who, source);
  if (isBlob(source)) return new Uint8Array(await source.arrayBuffer());
  if (typeof source !== 'string' || source === '')
    throw new ValueError(`${who}: expected a path, an address, bytes or a Blob, got ${kindOf(source)}`);
  if (!files || /^(https?|data|blob):/.test(source)) return fetchBytes(source, MOST_FILE_BYTES, { signal });
  const bytes = await files.read(source);
  if (!bytes) throw new ResourceError(`${who}: there is no file ${source}`);
  return bytes;
}

export function isBlob(source: unknown): source is BlobLike {
  return typeof source === 'object' && source !== null && typeof Reflect.get(source, 'arrayBuffer') === 'function';
}
