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
  { signal, firstByteMs = 5_000, idleMs = 30_000 }: DownloadOptions,
  onProgress: (received: number) => void,
): Promise<Uint8Array<ArrayBuffer>> {
  const unreachable = (why: string, cause?: unknown) =>
    new UnreachableError(`cannot download ${file.name} (${file.bytes} bytes) from ${url}: ${why}`, { cause });

  const stop = new AbortController();
  const stopOn = () => stop.abort(signal?.reason);
  signal?.addEventListener('abort', stopOn, { once: true });
  let timer: ReturnType<typeof setTimeout> | undefined;
  const allow = (milliseconds: number) => {
    clearTimeout(timer);
    timer = setTimeout(() => stop.abort(unreachable(`nothing came for ${milliseconds / 1000} s`)), milliseconds);
  };

  const bytes = new Uint8Array(file.bytes);
  let received = 0;
  try {
    allow(firstByteMs);
    const response = await fetch(url, { signal: stop.signal });
    if (!response.ok) throw unreachable(`HTTP ${response.status} ${response.statusText}`.trimEnd());
    onProgress(0);
    const reader = response.body?.getReader();
    for (let chunk = await reader?.read(); chunk && !chunk.done; chunk = await reader?.read()) {
      allow(idleMs);
      if (received + chunk.value.length > file.bytes) {
        throw new FormatError(
          `${url}: the download has the wrong size: expected ${file.bytes} bytes, got at least ${received + chunk.value.length}; nothing was kept`,
        );
      }
      bytes.set(chunk.value, received);
      received += chunk.value.length;
      onProgress(received);
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
  if (received !== file.bytes) {
    throw new FormatError(
      `${url}: the download has the wrong size: expected ${file.bytes} bytes, got ${received}; nothing was kept`,
    );
  }
  return bytes;
}

/** fetch says only "fetch failed"; the refusal or the unknown host is in its chain of causes. */
function innermost(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.cause instanceof Error) return innermost(error.cause);
  return error.message || ('code' in error ? String(error.code) : error.name);
}
