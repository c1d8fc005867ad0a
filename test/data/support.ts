import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { onTestFinished } from 'vitest';
import type { RemoteFile } from '../../src/data/download.ts';
import { type ByteArray, encodeIdx } from '../../src/data/idx.ts';
import { assemble, idxEdition, PART_LIST, PARTS, type Part } from '../../src/data/idxFolder.ts';
import type { ImageDatasetSource } from '../../src/data/imageDataset.ts';
import type { ImageDataset } from '../../src/data/setFiles.ts';
import { platform as nodePlatform } from '../../src/platform/node.ts';
import type { Files, Platform } from '../../src/platform/platform.ts';

/** Node's platform with its own cache, environment and terminal, so that no test sees those of the machine. */
export interface TestHost extends Platform {
  readonly files: Files;
  readonly written: string[];
}

export function testHost(
  cacheFolder: string,
  options: { env?: Record<string, string>; files?: Partial<Files>; interactive?: boolean; columns?: number } = {},
): TestHost {
  if (!nodePlatform.files) throw new Error('Node has files');
  const written: string[] = [];
  return {
    ...nodePlatform,
    env: (name) => options.env?.[name],
    files: { ...nodePlatform.files, cacheFolder: () => cacheFolder, ...options.files },
    terminal: {
      interactive: options.interactive ?? false,
      columns: options.columns ?? 80,
      write: (text) => void written.push(text),
    },
    written,
  };
}

/** A folder that is removed when the test ends. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'wgslgrad-data-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Every file below a folder, relative to it; nothing when there is no such folder. */
export async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
}

/** A server on 127.0.0.1 that is closed when the test ends; its address ends in '/'. */
export async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => close(server));
  return addressOf(server);
}

/** An address on which nothing listens any more. */
export async function deadAddress(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = addressOf(server);
  await close(server);
  return address;
}

function addressOf(server: Server): string {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return `http://127.0.0.1:${address.port}/`;
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise<void>((resolve) => server.close(() => resolve()));
}

/** A set of 6 training and 4 test images, gzipped as the official ones are; pixel values count up from 0. */
export function tinyParts(): Record<Part, Uint8Array<ArrayBuffer>> {
  const images = (count: number) =>
    gzipped(encodeIdx({ shape: [count, 28, 28], data: Uint8Array.from({ length: count * 784 }, (_, i) => i % 256) }));
  const labels = (...values: number[]) => gzipped(encodeIdx({ shape: [values.length], data: Uint8Array.from(values) }));
  return {
    trainImages: images(6),
    trainLabels: labels(5, 0, 4, 1, 9, 2),
    testImages: images(4),
    testLabels: labels(7, 2, 1, 0),
  };
}

/** What two equal sets have in common; comparing megabytes element by element takes a test runner minutes. */
export function fingerprint({ train, test, source }: ImageDataset): unknown {
  const of = ({ shape, data }: ByteArray) => ({ shape, ...expectationOf(data) });
  return { source, arrays: [train.images, train.labels, test.images, test.labels].map(of) };
}

export function gzipped(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(gzipSync(bytes));
}

export function expectationOf(bytes: Uint8Array): Omit<RemoteFile, 'name'> {
  return { bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
}

export function tinySet(
  parts: Record<Part, Uint8Array>,
  baseUrl: string,
  more: Partial<ImageDatasetSource> = {},
): ImageDatasetSource {
  return {
    title: 'Tiny',
    name: 'tiny',
    baseUrl,
    editions: [
      idxEdition({
        trainImages: expectationOf(parts.trainImages),
        trainLabels: expectationOf(parts.trainLabels),
        testImages: expectationOf(parts.testImages),
        testLabels: expectationOf(parts.testLabels),
      }),
    ],
    assemble,
    ...more,
  };
}

/** Answers with the parts under their official names, and notes what was asked for. */
export function partServer(parts: Record<Part, Uint8Array>, asked: string[] = []): RequestListener {
  return (request, response) => {
    const name = (request.url ?? '').split('/').at(-1) ?? '';
    asked.push(name);
    const part = PART_LIST.find((candidate) => `${PARTS[candidate]}.gz` === name);
    if (part) response.end(parts[part]);
    else response.writeHead(404).end();
  };
}

export async function writeParts(
  files: Files,
  folder: string,
  parts: Partial<Record<Part, Uint8Array>>,
  extension = '.gz',
): Promise<void> {
  for (const part of PART_LIST) {
    const bytes = parts[part];
    if (bytes) await files.writeAtomic(files.join(folder, PARTS[part] + extension), bytes);
  }
}
