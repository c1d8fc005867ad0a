import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PlainArray } from '../../src/io/arrays.ts';
import { decodeNpz } from '../../src/io/npz.ts';

/** The bytes of a file that make.py wrote. */
export function fixture(name: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(readFileSync(fixturePath(name)));
}

export function fixturePath(name: string): string {
  return join(import.meta.dirname, 'fixtures', name);
}

/** The arrays of an .npz file by name. */
export async function fixtureArrays(name: string): Promise<(array: string) => PlainArray> {
  const arrays = new Map((await decodeNpz(fixture(name), name)).map((array) => [array.name, array]));
  return (array) => {
    const found = arrays.get(array);
    if (found) return found;
    throw new Error(`${name} has no ${array}`);
  };
}
