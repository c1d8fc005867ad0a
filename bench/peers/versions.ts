// Which version of an engine is installed beside the bench.
import { readFileSync } from 'node:fs';

/** Of a package in bench/peers/node_modules; null when it is not there. */
export function installedVersion(name: string): string | null {
  const path = new URL(`node_modules/${name}/package.json`, import.meta.url);
  try {
    return field(readFileSync(path, 'utf8'), 'version');
  } catch {
    return null;
  }
}

export function versionOf(name: string): string {
  return installedVersion(name) ?? 'of unknown version';
}

/** The engines that bench/peers/package.json asks for, by name and version. */
export function wanted(): [name: string, version: string][] {
  const manifest: unknown = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));
  const dependencies: unknown = Reflect.get(Object(manifest), 'dependencies');
  return Object.entries(Object(dependencies)).map(([name, version]) => [name, String(version)]);
}

function field(json: string, name: string): string {
  return String(Reflect.get(Object(JSON.parse(json)), name));
}
