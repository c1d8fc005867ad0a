import { FormatError, ResourceError } from '../errors.ts';
import type { Terminal } from '../platform/index.ts';
import { downloadProgress } from './downloadProgress.ts';
import { sha256 } from './sha256.ts';

/** What a download must turn out to be. */
export interface RemoteFile {
  readonly name: string;
  readonly bytes: number;
  /** 64 lower-case hexadecimal digits. */
  readonly sha256: string;
}

export interface DownloadOptions {
  readonly terminal: Terminal;
  readonly signal?: AbortSignal | undefined;
  /** The longest wait for the first byte, in milliseconds: a machine behind a silent firewall must not hang. */
  readonly firstByteMs?: number | undefined;
  /** The longest pause once bytes flow, in milliseconds. */
  readonly idleMs?: number | undefined;
}

/** The address gave no file: no network, no answer in time, an HTTP error, a connection that broke off. */
export class UnreachableError extends ResourceError {}

/**
 * Downloads a file into memory and checks its size and hash: the caller gets the right bytes or an error, never half of them.
 *
 * @throws UnreachableError when the address does not deliver
 * @throws FormatError when it delivers something else (size or hash)
 * @throws the reason of `signal` when that is aborted
 */
export async function download(
  url: string,
  file: RemoteFile,
  options: DownloadOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  options.signal?.throwIfAborted();
  const progress = downloadProgress(options.terminal, url, file.name, file.bytes);
  try {
    const bytes = await receive(url, file, options, progress.update);
    const hash = await sha256(bytes);
    if (hash !== file.sha256) {
      throw new FormatError(
        `${url}: the download has the wrong hash: expected sha256 ${file.sha256}, got ${hash}; nothing was kept`,
      );
    }
    progress.done();
    return bytes;
  } catch (error) {
    progress.abandon();
    throw error;
  }
}

async function receive(
  url: string,
  file: RemoteFile,
  options: DownloadOptions,
  onProgress: (received: number) => void,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(file.bytes);
  let received = 0;
  const wrongSize = (got: string) =>
    new FormatError(
      `${url}: the download has the wrong size: expected ${file.bytes} bytes, got ${got}; nothing was kept`,
    );
  await readChunks(url, `${file.name} (${file.bytes} bytes)`, options, (chunk) => {
    if (received + chunk.length > file.bytes) throw wrongSize(`at least ${received + chunk.length}`);
    bytes.set(chunk, received);
    received += chunk.length;
    onProgress(received);
  });
  if (received !== file.bytes) throw wrongSize(String(received));
  return bytes;
}

/**
 * What an address gives, in memory; nothing is known of it but that it has at most `limit` bytes.
 *
 * @throws UnreachableError when the address does not deliver
 * @throws FormatError when it delivers more
 * @throws the reason of `signal` when that is aborted
 */
export async function fetchBytes(
  url: string,
  limit: number,
  options: Omit<DownloadOptions, 'terminal'>,
): Promise<Uint8Array<ArrayBuffer>> {
  options.signal?.throwIfAborted();
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let received = 0;
  await readChunks(url, 'a file', options, (chunk) => {
    received += chunk.length;
    if (received > limit) throw new FormatError(`${url}: the file has more than the ${limit} bytes allowed`);
    chunks.push(chunk);
  });
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}

/** Hands over what an address gives piece by piece, an empty piece first. What `onChunk` throws ends it. */
async function readChunks(
  url: string,
  what: string,
  { signal, firstByteMs = 5_000, idleMs = 30_000 }: Omit<DownloadOptions, 'terminal'>,
  onChunk: (chunk: Uint8Array<ArrayBuffer>) => void,
): Promise<void> {
  const unreachable = (why: string, cause?: unknown) =>
    new UnreachableError(`cannot download ${what} from ${url}: ${why}`, { cause });

  const stop = new AbortController();
  const stopOn = () => stop.abort(signal?.reason);
  signal?.addEventListener('abort', stopOn, { once: true });
  let timer: ReturnType<typeof setTimeout> | undefined;
  const allow = (milliseconds: number) => {
    clearTimeout(timer);
    timer = setTimeout(() => stop.abort(unreachable(`nothing came for ${milliseconds / 1000} s`)), milliseconds);
  };

  try {
    allow(firstByteMs);
    const response = await fetch(url, { signal: stop.signal });
    if (!response.ok) throw unreachable(`HTTP ${response.status} ${response.statusText}`.trimEnd());
    onChunk(new Uint8Array());
    const reader = response.body?.getReader();
    for (let chunk = await reader?.read(); chunk && !chunk.done; chunk = await reader?.read()) {
      allow(idleMs);
      onChunk(chunk.value);
    }
  } catch (error) {
    // The abort is our own doing or the caller's: its reason says more than fetch's error, whatever that looks like here.
    if (stop.signal.aborted) throw stop.signal.reason;
    if (error instanceof FormatError || error instanceof UnreachableError) throw error;
    throw unreachable(innermost(error), error);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', stopOn);
    stop.abort(); // closes the connection when there is more to come; does nothing otherwise
  }
}

/** fetch says only "fetch failed"; the refusal or the unknown host is in its chain of causes. */
function innermost(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.cause instanceof Error) return innermost(error.cause);
  return error.message || ('code' in error ? String(error.code) : error.name);
}
