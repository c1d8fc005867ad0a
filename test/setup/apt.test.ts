import { describe, expect, test } from 'vitest';
import { type SourceFile, siblingSuite } from '../../src/cli/preflight/apt.ts';

const backports = (...files: SourceFile[]) => siblingSuite(files, 'bookworm', 'bookworm-backports');
const list = (text: string): SourceFile => ({ name: 'sources.list', text });
const deb822 = (text: string): SourceFile => ({ name: 'debian.sources', text });

describe('the source of a sibling suite', () => {
  test('copies a one-line entry with its mirror, options and components', () => {
    const text =
      'deb-src http://a.example/debian bookworm main\ndeb [arch=amd64 signed-by=/k.gpg] http://b.example/d/ bookworm main contrib # ours\n';
    expect(backports(list(text))).toEqual({
      name: 'bookworm-backports.list',
      text: 'deb [arch=amd64 signed-by=/k.gpg] http://b.example/d/ bookworm-backports main contrib\n',
    });
  });

  test('copies a deb822 stanza with its mirror and keys, whatever the order of its fields', () => {
    const text = [
      '# a comment',
      'Types: deb deb-src',
      '# another',
      'URIs: http://m.example/debian',
      'Suites: bookworm',
      ' bookworm-updates',
      'Components: contrib main',
      'Signed-By:',
      ' -----BEGIN PGP PUBLIC KEY BLOCK-----',
      ' .',
      '',
      'Types: deb',
      'URIs: http://m.example/debian-security',
      'Suites: bookworm-security',
      'Components: main',
      '',
    ].join('\n');
    expect(backports(deb822(text))).toEqual({
      name: 'bookworm-backports.sources',
      text: [
        'Types: deb deb-src',
        'URIs: http://m.example/debian',
        'Suites: bookworm-backports',
        'Components: contrib main',
        'Signed-By:',
        ' -----BEGIN PGP PUBLIC KEY BLOCK-----',
        ' .',
        '',
      ].join('\n'),
    });
  });

  test.each([
    ['a commented line', list('# deb http://m.example/debian bookworm main')],
    [
      'another release',
      list('deb http://m.example/debian bookworm-security main\ndeb http://m.example/debian trixie main'),
    ],
    ['components without main', list('deb http://m.example/debian bookworm contrib')],
    ['sources only', deb822('Types: deb-src\nURIs: http://m.example\nSuites: bookworm\nComponents: main')],
    [
      'a disabled stanza',
      deb822('Enabled: no\nTypes: deb\nURIs: http://m.example\nSuites: bookworm\nComponents: main'),
    ],
    ['an empty file', list('')],
  ])('is not made from %s', (_what, file) => {
    expect(backports(file)).toBeNull();
  });

  test('comes from the first file that has the release', () => {
    const files = [list(''), deb822('Types: deb\nURIs: http://m.example\nSuites: bookworm\nComponents: main')];
    expect(backports(...files)?.text).toContain('URIs: http://m.example\nSuites: bookworm-backports\n');
  });
});
