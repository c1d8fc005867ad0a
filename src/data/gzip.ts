import { FormatError } from '../errors.ts';

/** True when the bytes start as a gzip file does (RFC 1952, section 2.3.1). */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/**
 * Unpacks a gzip file. Its own CRC-32 and length are checked by `DecompressionStream`.
 *
 * @param name what an error calls the file
 * @param limit the most bytes that may come out: a few kilobytes of gzip can hold gigabytes
 * @throws FormatError when the file is damaged, truncated, or unpacks to more than `limit` bytes
 */
export function gunzip(bytes: Uint8Array<ArrayBuffer>, name: string, limit: number): Promise<Uint8Array<ArrayBuffer>> {
  return inflate(bytes, 'gzip', name, limit);
}

/** The same for `deflate` as well, which is the format of zlib (RFC 1950), with its own check sum. */
export async function inflate(
  bytes: Uint8Array<ArrayBuffer>,
  format: 'gzip' | 'deflate',
  name: string,
  limit: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream(format)).getReader();
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  const next = async () => {
    try {
      return await reader.read();
    } catch (cause) {
      throw new FormatError(
        `${name}: the ${format} data (${bytes.length} bytes) is damaged or truncated: it fails after ${size} unpacked bytes`,
        { cause },
      );
    }
  };
  for (let chunk = await next(); !chunk.done; chunk = await next()) {
    size += chunk.value.length;
    if (size > limit) {
      await reader.cancel();
      throw new FormatError(
        `${name}: ${bytes.length} bytes of ${format} unpack to more than the ${limit} bytes allowed`,
      );
    }
    chunks.push(chunk.value);
  }
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}
