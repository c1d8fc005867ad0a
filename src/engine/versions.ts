// How often the values in a piece of storage were changed in place: what was computed from them earlier may be out of date.
import type { Storage } from '../backend/backend.ts';

const versions = new WeakMap<Storage, number>();

/** Something in it has changed, or will by work that is asked for now. */
export function touch(storage: Storage): void {
  versions.set(storage, versionOf(storage) + 1);
}

export function versionOf(storage: Storage): number {
  return versions.get(storage) ?? 0;
}
