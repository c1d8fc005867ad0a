import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Machine, Outcome } from './machine.ts';

/** Packages to install, from one more suite when the release's own has a version that does not work. */
export interface Installation {
  readonly packages: readonly string[];
  readonly suite?: string;
  /** The APT sources file that names the suite. */
  readonly source?: SourceFile;
}

/** A file of apt's sources.list.d: `.list` (one line an entry) or `.sources` (deb822 stanzas). */
export interface SourceFile {
  readonly name: string;
  readonly text: string;
}

const options = ['-o', 'Acquire::Retries=2', '-o', 'Acquire::http::Timeout=30', '-o', 'DPkg::Lock::Timeout=120'];

/**
 * Updates the package lists and installs. The additional suite is known to these two runs of apt-get only, through a
 * temporary copy of sources.list.d: a test command has no business in the machine's own sources, and a backports
 * suite that later leaves the mirrors would break each later `apt-get update`.
 */
export function install(installation: Installation, machine: Machine): Outcome {
  const parts = mkdtempSync(join(tmpdir(), 'wgslgrad-apt-'));
  try {
    const own = join(machine.aptFolder, 'sources.list.d');
    if (existsSync(own)) cpSync(own, parts, { recursive: true });
    if (installation.source) writeFileSync(join(parts, installation.source.name), installation.source.text);
    const apt = ['apt-get', '-q', '-y', '-o', `Dir::Etc::sourceparts=${parts}`, ...options];
    const update = machine.run([...apt, 'update'], 180);
    const result = machine.run(
      [...apt, 'install', '--no-install-recommends', '--no-remove', ...target(installation)],
      900,
    );
    // A failed update alone is no failure: one dead source among several often does not matter.
    return result.ok ? result : { ok: false, output: update.output + result.output };
  } finally {
    rmSync(parts, { recursive: true, force: true });
  }
}

/** The same by hand, as lines for a shell. */
export function commands({ source, ...installation }: Installation): string[] {
  const add = source && [
    `sudo tee /etc/apt/sources.list.d/${source.name} <<'END'`,
    ...source.text.trimEnd().split('\n'),
    'END',
  ];
  return [...(add ?? []), 'sudo apt-get update', `sudo apt-get install ${target(installation).join(' ')}`];
}

function target({ suite, packages }: Installation): string[] {
  return [...(suite ? ['-t', suite] : []), ...packages];
}

/** The machine's own source files. */
export function sourceFiles(aptFolder: string): SourceFile[] {
  const folder = join(aptFolder, 'sources.list.d');
  const parts = existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
  const files = [join(aptFolder, 'sources.list'), ...parts].filter((path) => /\.(list|sources)$/.test(path));
  return files
    .filter((path) => existsSync(path))
    .map((path) => ({ name: basename(path), text: readFileSync(path, 'utf8') }));
}

/**
 * A source for `suite` on the mirror that this machine takes `release` from: its own entry with the suite replaced,
 * so that mirror, components and signing keys stay what its owner chose. Null when no entry names `release`.
 */
export function siblingSuite(files: readonly SourceFile[], release: string, suite: string): SourceFile | null {
  for (const { name, text } of files) {
    const deb822 = name.endsWith('.sources');
    const entry = deb822 ? stanzaFor(text, release, suite) : lineFor(text, release, suite);
    if (entry) return { name: `${suite}.${deb822 ? 'sources' : 'list'}`, text: `${entry}\n` };
  }
  return null;
}

/** The first `deb [options] URI release ... main ...` line, for `suite`. */
function lineFor(text: string, release: string, suite: string): string | null {
  for (const [, start, name, components = ''] of text.matchAll(/^(deb\s+(?:\[[^\]]*\]\s+)?\S+\s+)(\S+)([^#\n]*)/gm)) {
    if (name === release && components.split(/\s+/).includes('main')) return `${start}${suite}${components}`.trimEnd();
  }
  return null;
}

/** The first enabled stanza of Types deb, Suites with `release` and Components with main, for `suite`. */
function stanzaFor(text: string, release: string, suite: string): string | null {
  const stanzas = text.replace(/^#.*\n?/gm, '').split(/\n\s*\n/);
  const stanza = stanzas.find(
    (one) =>
      field(one, 'Types').includes('deb') &&
      field(one, 'Suites').includes(release) &&
      field(one, 'Components').includes('main') &&
      !field(one, 'Enabled').includes('no'),
  );
  return stanza ? stanza.trim().replace(/^Suites:.*(\n[ \t].*)*/im, `Suites: ${suite}`) : null;
}

/** The words of a deb822 field, continuation lines included. */
function field(stanza: string, name: string): string[] {
  const value = new RegExp(`^${name}:(.*(?:\\n[ \\t].*)*)`, 'im').exec(stanza)?.[1] ?? '';
  return value.split(/\s+/).filter(Boolean);
}
