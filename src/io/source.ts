// Where a file comes from: bytes, a path, an address, or what a user picked in a page.
import { fetchBytes } from '../data/download.ts';
import { ResourceError, ValueError } from '../errors.ts';
import type { FileSource } from '../models/files.ts';
import { platform } from '../platform/index.ts';
import { kindOf } from '../tensor/options.ts';

/** More than any of these files has. */
const MOST_BYTES = 2 ** 32 - 1;

export interface OpenFile {
  /** What an error calls it. */
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** A file beside it. A ValueError where it has no place. */
  beside(name: string): Promise<Uint8Array<ArrayBuffer>>;
}

export async function openFile(who: string, from: FileSource): Promise<OpenFile> {
  if (from instanceof ArrayBuffer) return openFile(who, new Uint8Array(from));
  if (from instanceof Uint8Array) {
    const beside = async (name: string): Promise<never> => {
      throw new ValueError(`${who}: bytes have no place where ${name} could be; give a path or an address`);
    };
    // a Node Buffer may be a part of something larger
    return { name: 'the given bytes', bytes: new Uint8Array(from), beside };
  }
  if (from instanceof Blob) return openPicked(who, [from]);
  if (isList(from)) return openPicked(who, from);
  const place = typeof from === 'object' && from !== null ? from.href : from;
  if (typeof place !== 'string' || place === '')
    throw new ValueError(`${who}: expected a path, an address, bytes or files, got ${kindOf(from)}`);
  return isAddress(place) || !platform.files ? openAddress(place) : openPath(who, place);
}

const isList = (from: FileSource): from is readonly File[] => Array.isArray(from);

/** A file, or a model.json and what lies beside it. */
async function openPicked(who: string, files: readonly Blob[]): Promise<OpenFile> {
  const strange = files.find((file) => !(file instanceof Blob));
  if (strange !== undefined) throw new ValueError(`${who}: expected files, got a list with ${kindOf(strange)}`);
  const nameOf = (file: Blob) => (file instanceof File ? file.name : 'the given Blob');
  const names = files.map(nameOf).join(', ') || 'none';
  const bytesOf = async (wanted: (file: Blob) => boolean, what: string) => {
    const found = files.find(wanted);
    if (found) return new Uint8Array(await found.arrayBuffer());
    throw new ValueError(`${who}: ${what} is not among the given files, which are ${names}`);
  };
  const isFirst = (file: Blob) => files.length === 1 || nameOf(file).endsWith('.json');
  return {
    name: files.length === 1 ? names : 'model.json',
    bytes: await bytesOf(isFirst, 'model.json'),
    beside: (path) => bytesOf((file) => nameOf(file) === path.slice(path.lastIndexOf('/') + 1), path),
  };
}

/** `c:\model.h5` is a path. */
const isAddress = (place: string) => /^[a-z][a-z\d+.-]+:/i.test(place) && !place.startsWith('file:');

async function openAddress(place: string): Promise<OpenFile> {
  // with the query of the first: it may be what grants access
  const [, folder = '', query = ''] = /^([^?#]*\/)?[^?#]*(\?[^#]*)?/.exec(place) ?? [];
  const read = (address: string) => fetchBytes(address, MOST_BYTES, {});
  return { name: place, bytes: await read(place), beside: (name) => read(folder + name + query) };
}

async function openPath(who: string, place: string): Promise<OpenFile> {
  const { files } = platform;
  if (!files) throw new ResourceError(`${who}: there are no files here`);
  const read = async (path: string) => {
    const bytes = await files.read(path);
    if (bytes) return bytes;
    throw new ResourceError(`${who}: there is no file ${path}`);
  };
  const path = place.startsWith('file:') ? decodeURIComponent(new URL(place).pathname) : place;
  const folder = path.slice(0, Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
  return { name: path, bytes: await read(path), beside: (name) => read(folder + name) };
}
