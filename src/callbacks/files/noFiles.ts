import { ResourceError } from '../../errors.ts';
import { type Files, platform } from '../../platform/index.ts';

/** Files to write to. @throws ResourceError where there are none */
export function requireFiles(who: string): Files {
  return platform.files ?? noFiles(who);
}

export function noFiles(who: string): never {
  throw new ResourceError(`${who} writes files, and a browser has none: leave it out there`);
}
