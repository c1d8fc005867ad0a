// What an HDF5 file holds, as a tree in memory: groups of groups and arrays, each with attributes.
import type { TypedArray } from '../../backend/backend.ts';
import { FormatError } from '../../errors.ts';

/** Numbers or texts; a scalar has shape []. */
export interface Hdf5Array {
  readonly shape: readonly number[];
  readonly data: TypedArray | readonly string[];
}

/** A dataset. */
export interface Hdf5Numbers extends Hdf5Array {
  readonly data: TypedArray;
}

export interface Hdf5Group {
  readonly attributes: Map<string, Hdf5Array>;
  readonly groups: Map<string, Hdf5Group>;
  readonly datasets: Map<string, Hdf5Numbers>;
}

export function makeGroup(): Hdf5Group {
  return { attributes: new Map(), groups: new Map(), datasets: new Map() };
}

/** The group at a path such as `layers/conv2d/vars`, made where it is missing. */
export function groupAt(group: Hdf5Group, path: string): Hdf5Group {
  let found = group;
  for (const name of path.split('/').filter(Boolean)) {
    const next = found.groups.get(name) ?? makeGroup();
    found.groups.set(name, next);
    found = next;
  }
  return found;
}

/** The group at a path, or null. */
export function findGroup(group: Hdf5Group, path: string): Hdf5Group | null {
  const names = path.split('/').filter(Boolean);
  return names.reduce<Hdf5Group | null>((found, name) => found?.groups.get(name) ?? null, group);
}

/** The dataset at a path. @throws FormatError when there is none */
export function datasetAt(group: Hdf5Group, path: string, where: string): Hdf5Numbers {
  const cut = path.lastIndexOf('/');
  const found = findGroup(group, path.slice(0, Math.max(cut, 0)))?.datasets.get(path.slice(cut + 1));
  if (found) return found;
  throw new FormatError(`${where}: there is no dataset ${path}`);
}

export function setText(group: Hdf5Group, name: string, text: string): void {
  group.attributes.set(name, { shape: [], data: [text] });
}

/** An attribute that is one text, or null. */
export function textOf(group: Hdf5Group, name: string): string | null {
  const [text, ...more] = group.attributes.get(name)?.data ?? [];
  return typeof text === 'string' && more.length === 0 ? text : null;
}

/**
 * A list of texts. HDF5 keeps 64 KB of attributes at most with an object, so Keras splits longer ones into name0, name1, ...
 * An empty list is written as one of no numbers.
 */
export function textsOf(group: Hdf5Group, name: string, where: string): string[] {
  const parts = group.attributes.has(name) ? [name] : numbered(group, name);
  if (parts.length === 0) throw new FormatError(`${where}: there is no attribute ${name}`);
  const all = parts.flatMap((part): unknown[] => [...(group.attributes.get(part)?.data ?? [])]);
  const texts = all.filter((text): text is string => typeof text === 'string');
  if (texts.length === all.length) return texts;
  throw new FormatError(`${where}: attribute ${name} must be a list of texts`);
}

function numbered(group: Hdf5Group, name: string): string[] {
  const parts: string[] = [];
  while (group.attributes.has(`${name}${parts.length}`)) parts.push(`${name}${parts.length}`);
  return parts;
}

/** The most bytes of one attribute that Keras writes. */
const MOST_ATTRIBUTE = 64512;

/** Texts take as many bytes each as the longest of them: as many attributes as that needs. */
export function setTexts(group: Hdf5Group, name: string, texts: readonly string[]): void {
  const longest = Math.max(1, ...texts.map((text) => new TextEncoder().encode(text).length));
  const each = Math.max(1, Math.floor(MOST_ATTRIBUTE / longest));
  if (texts.length <= each) {
    group.attributes.set(name, list(texts));
    return;
  }
  for (let from = 0; from < texts.length; from += each) {
    group.attributes.set(`${name}${from / each}`, list(texts.slice(from, from + each)));
  }
}

function list(texts: readonly string[]): Hdf5Array {
  return texts.length > 0 ? { shape: [texts.length], data: texts } : { shape: [0], data: new Float64Array(0) };
}
