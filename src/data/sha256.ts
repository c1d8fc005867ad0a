import { ResourceError } from '../errors.ts';

/**
 * The SHA-256 of the bytes, as 64 lower-case hexadecimal digits.
 *
 * @throws ResourceError on a web page without `crypto.subtle` (plain http that is not localhost)
 */
export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  // TypeScript believes that it is always there; browsers leave it out of insecure pages.
  const subtle: SubtleCrypto | undefined = globalThis.crypto?.subtle;
  if (!subtle) throw new ResourceError('downloads are checked with crypto.subtle, which needs https or localhost');
  const digest = new Uint8Array(await subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
