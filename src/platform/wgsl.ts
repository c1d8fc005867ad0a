import { readFileSync } from 'node:fs';

/**
 * The text of `shaders/<name>.wgsl`.
 *
 * From a checkout it is read from disk, so that an edited shader is used at the next start. The build replaces each
 * call with the text itself, and this file with nothing: a bundle holds exactly the shaders that its code names.
 * For that to work `name` must be a literal.
 */
export function wgsl(name: string): string {
  return readFileSync(new URL(`../../shaders/${name}.wgsl`, import.meta.url), 'utf8');
}
