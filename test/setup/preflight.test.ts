import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Found, type Machine, parseOsRelease } from '../../src/cli/preflight/machine.ts';
import { adapter, chromium } from '../../src/cli/preflight/needs.ts';
import { preflight } from '../../src/cli/preflight/preflight.ts';

const debian12 = { ID: 'debian', VERSION_ID: '12', VERSION_CODENAME: 'bookworm' };
const debian13 = { ID: 'debian', VERSION_ID: '13', VERSION_CODENAME: 'trixie' };
const ubuntu = { ID: 'ubuntu', VERSION_ID: '24.04', VERSION_CODENAME: 'noble' };
const missing: Found = { name: null, reason: 'there is none', curable: true };
const ownSource = 'deb http://m.example/debian bookworm main\n';

let aptFolder: string;
beforeEach(() => {
  aptFolder = mkdtempSync(join(tmpdir(), 'wgslgrad-test-'));
  mkdirSync(join(aptFolder, 'sources.list.d'));
  writeFileSync(join(aptFolder, 'sources.list.d', 'own.list'), ownSource);
});
afterEach(() => rmSync(aptFolder, { recursive: true }));

/** A made-up machine: finds what `found` says, one answer a look (the last one stays), and records what it is told to do. */
function madeUp(options: Partial<Machine> & { found?: Found[]; aptWorks?: boolean }) {
  const { found = [missing, { name: 'lavapipe' }], aptWorks = true, ...rest } = options;
  const lines: string[] = [];
  const ran: { command: string; sources: Record<string, string> }[] = [];
  const look = () => (found.length > 1 ? found.shift() : found[0]) ?? missing;
  const machine: Machine = {
    root: true,
    ci: false,
    release: debian12,
    aptFolder,
    findAdapter: look,
    findChromium: look,
    run(command) {
      const parts = /sourceparts=(\S+)/.exec(command.join(' '))?.[1] ?? '';
      const sources = readdirSync(parts).map((name) => [name, readFileSync(join(parts, name), 'utf8')]);
      ran.push({ command: command.join(' '), sources: Object.fromEntries(sources) });
      return { ok: aptWorks, output: 'E: the mirror is away\n' };
    },
    print: (line) => lines.push(line),
    ...rest,
  };
  return { machine, lines, ran };
}

describe('the preflight', () => {
  test('prints one line and runs nothing when all is there', () => {
    const { machine, lines, ran } = madeUp({ found: [{ name: 'lavapipe' }, { name: '/usr/bin/chromium' }] });
    expect(preflight([adapter, chromium], machine)).toBe(0);
    expect(lines).toEqual(['WebGPU adapter: lavapipe; Chromium: /usr/bin/chromium']);
    expect(ran).toEqual([]);
  });

  test('installs Mesa from backports on Debian 12, from the mirror that the machine uses, and removes nothing', () => {
    const { machine, lines, ran } = madeUp({});
    expect(preflight([adapter], machine)).toBe(0);
    expect(ran.map(({ command }) => command)).toEqual([
      expect.stringMatching(/^apt-get .* update$/),
      expect.stringMatching(
        /^apt-get .* install --no-install-recommends --no-remove -t bookworm-backports mesa-vulkan-drivers libvulkan1$/,
      ),
    ]);
    for (const { sources } of ran) {
      expect(sources).toEqual({
        'own.list': ownSource,
        'bookworm-backports.list': 'deb http://m.example/debian bookworm-backports main\n',
      });
    }
    expect(lines.at(-1)).toBe('WebGPU adapter: lavapipe');
  });

  test('adds no second entry on a machine that has backports', () => {
    const text = 'deb [signed-by=/other.gpg] http://other.example bookworm-backports main\n';
    writeFileSync(join(aptFolder, 'sources.list'), text);
    const { machine, ran } = madeUp({});
    expect(preflight([adapter], machine)).toBe(0);
    expect(ran[1]?.command).toMatch(/ -t bookworm-backports mesa-vulkan-drivers libvulkan1$/);
    expect(ran[1]?.sources).toEqual({ 'own.list': ownSource });
  });

  test('leaves the sources of the machine as they were, and no temporary folder', () => {
    const { machine, ran } = madeUp({});
    preflight([adapter], machine);
    expect(readdirSync(join(aptFolder, 'sources.list.d'))).toEqual(['own.list']);
    const temporary = /sourceparts=(\S+)/.exec(ran[0]?.command ?? '')?.[1] ?? '';
    expect(temporary).not.toBe('');
    expect(() => readdirSync(temporary)).toThrow(/ENOENT/);
  });

  test.each([debian13, ubuntu])('installs Mesa from the release itself on $ID $VERSION_ID', (release) => {
    const { machine, ran } = madeUp({ release });
    expect(preflight([adapter], machine)).toBe(0);
    expect(ran[1]?.command).toMatch(/install --no-install-recommends --no-remove mesa-vulkan-drivers libvulkan1$/);
    expect(ran[1]?.sources).toEqual({ 'own.list': ownSource });
  });

  test('installs Chromium on Debian', () => {
    const { machine, ran } = madeUp({ found: [missing, { name: '/usr/bin/chromium' }] });
    expect(preflight([chromium], machine)).toBe(0);
    expect(ran[1]?.command).toMatch(/install --no-install-recommends --no-remove chromium$/);
  });

  test('runs nothing without root, and prints the commands and that the CPU does the work', () => {
    const { machine, lines, ran } = madeUp({ root: false });
    expect(preflight([adapter], machine)).toBe(0);
    expect(ran).toEqual([]);
    expect(lines).toEqual([
      'No WebGPU adapter here: there is none.',
      'To install it, run:',
      "sudo tee /etc/apt/sources.list.d/bookworm-backports.list <<'END'",
      'deb http://m.example/debian bookworm-backports main',
      'END',
      'sudo apt-get update',
      'sudo apt-get install -t bookworm-backports mesa-vulkan-drivers libvulkan1',
      'Going on with the CPU backend.',
    ]);
  });

  test('prints the commands and the output of apt-get when the installation fails', () => {
    const { machine, lines } = madeUp({ aptWorks: false });
    expect(preflight([adapter], machine)).toBe(0);
    expect(lines.join('\n')).toContain('E: the mirror is away');
    expect(lines).toContain('sudo apt-get update');
  });

  test('says so when the installation does not help', () => {
    const { machine, lines } = madeUp({ found: [missing] });
    expect(preflight([adapter], machine)).toBe(0);
    expect(lines).toContain('Installed, and still no WebGPU adapter: there is none.');
  });

  test('installs nothing when the environment chose the driver', () => {
    const { machine, ran } = madeUp({ found: [{ name: null, reason: 'chosen', curable: false }] });
    expect(preflight([adapter], machine)).toBe(0);
    expect(ran).toEqual([]);
  });

  test('goes on with the next need when one stays missing', () => {
    const { machine, lines } = madeUp({ root: false, release: {}, found: [missing] });
    expect(preflight([adapter, chromium], machine)).toBe(0);
    expect(lines).toContain('Going on with the CPU backend.');
    expect(lines).toContain('Going on without the browser tests.');
  });

  test('never runs apt-get on a system that is not Debian or Ubuntu', () => {
    const { machine, ran } = madeUp({ release: { ID: 'fedora', VERSION_ID: '42' }, found: [missing] });
    expect(preflight([adapter, chromium], machine)).toBe(0);
    expect(ran).toEqual([]);
  });

  test.each([
    ['without root', { root: false }],
    ['when apt-get fails', { aptWorks: false }],
    ['when the installation does not help', { found: [missing] }],
    ['when there is no APT entry to copy', { aptFolder: '/no/such/folder' }],
  ])('fails under CI=true %s', (_when, options) => {
    const { machine, lines } = madeUp({ ...options, ci: true });
    expect(preflight([adapter], machine)).toBe(1);
    expect(lines.at(-1)).toBe('CI=true, so this is a failure.');
  });

  test('succeeds under CI=true when the installation helps', () => {
    const { machine } = madeUp({ ci: true });
    expect(preflight([adapter], machine)).toBe(0);
  });
});

test('os-release is read with and without quotes', () => {
  expect(parseOsRelease('ID=debian\nVERSION_ID="12"\nNAME=\'Debian GNU/Linux\'\n\n# no\n')).toEqual({
    ID: 'debian',
    VERSION_ID: '12',
    NAME: 'Debian GNU/Linux',
  });
});
