import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Bundle, bundle, stripWgsl, type Target } from '../../build.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'wgslgrad-build-'));
  writeFileSync(join(folder, 'twice.wgsl'), '// doubles\nfn twice(x: f32) -> f32 {\n\n  return x + x; /* two */\n}\n');
});
afterAll(() => rmSync(folder, { recursive: true }));

const platform = JSON.stringify(resolve('src/platform/index.ts'));
const loader = JSON.stringify(resolve('src/platform/wgsl.ts'));

/** The text of the bundle of one source file. */
async function bundled(target: Target, source: string): Promise<string> {
  const entry = join(folder, 'entry.ts');
  writeFileSync(entry, source);
  const { outputFiles } = await bundle(target, folder, { entries: { index: entry }, shaders: folder });
  return outputFiles.map(({ text }) => text).join('\n');
}

describe('the bundle', () => {
  test('holds the text of a shader, without comments and blank lines, in place of the call', async () => {
    const text = await bundled('browser', `import { wgsl } from ${loader};\nexport const code = wgsl('twice');`);
    const made: { code: string } = await import(`data:text/javascript,${encodeURIComponent(text)}`);
    expect(made.code).toBe('fn twice(x: f32) -> f32 {\n  return x + x;\n}');
  });

  test.each(['wgsl(name)', "wgsl(true ? 'a' : 'b')", '[name].map(wgsl)'])('is refused for %s', async (call) => {
    const source = `import { wgsl } from ${loader};\nconst name = 'twice';\nexport const code = ${call};`;
    await expect(bundled('node', source)).rejects.toThrow(/name of a shader as a literal.*entry\.ts/);
  });

  test('is refused for a shader that does not exist', async () => {
    const source = `import { wgsl } from ${loader};\nexport const code = wgsl('thrice');`;
    await expect(bundled('browser', source)).rejects.toThrow(/thrice\.wgsl/);
  });

  test('has the platform of its target', async () => {
    const source = `export { platform } from ${platform};`;
    expect(await bundled('node', source)).toContain('node:fs/promises');
    expect(await bundled('browser', source)).not.toMatch(/['"]node:/);
  });

  test.each(["import { join } from 'node:path'; console.log(join);", "import os from 'os'; console.log(os);"])(
    'for a browser is refused with %s',
    async (source) => {
      await expect(bundled('browser', source)).rejects.toThrow(/browser bundle needs Node modules: (node:path|os)/);
    },
  );

  test('loads what is imported dynamically as a file of its own', async () => {
    writeFileSync(join(folder, 'late.ts'), "export const late = 'I come late';");
    const entry = join(folder, 'early.ts');
    writeFileSync(entry, "export const load = () => import('./late.ts');");
    const { outputFiles } = await bundle('browser', folder, { entries: { index: entry } });
    const index = outputFiles.find(({ path }) => path.endsWith('index.js'));
    expect(outputFiles).toHaveLength(2);
    expect(index?.text).not.toContain('I come late');
  });
});

describe('the bundle of the package', () => {
  const backend = /^src\/backend\/(cpu|webgpu)\//;
  let result: Bundle;
  beforeAll(async () => {
    result = await bundle('browser', folder);
  });

  /** The sources that a program gets with `import 'wgslgrad'`, before anything is imported dynamically. */
  function loadedAtStart(): string[] {
    const outputs = new Map(Object.entries(result.metafile.outputs));
    const index = [...outputs].find(([path]) => path.endsWith('/index.js'))?.[0] ?? 'no index.js';
    const seen = new Set<string>();
    const visit = (path: string) => {
      if (seen.has(path)) return;
      seen.add(path);
      for (const { path: next, kind } of outputs.get(path)?.imports ?? []) if (kind === 'import-statement') visit(next);
    };
    visit(index);
    return [...seen].flatMap((path) => Object.keys(outputs.get(path)?.inputs ?? {}));
  }

  test('loads neither backend at the start, and has both', () => {
    const atStart = loadedAtStart();
    expect(atStart).toContain('src/ops/methods.ts');
    expect(atStart.filter((path) => backend.test(path))).toEqual([]);
    const all = Object.values(result.metafile.outputs).flatMap(({ inputs }) => Object.keys(inputs));
    expect(all).toContain('src/backend/cpu/cpuBackend.ts');
    expect(all).toContain('src/backend/webgpu/webgpuBackend.ts');
  });

  test('keeps each backend in a file without the other', () => {
    for (const [path, { inputs }] of Object.entries(result.metafile.outputs)) {
      const kinds = Object.keys(inputs).flatMap((input) => backend.exec(input)?.[1] ?? []);
      expect(new Set(kinds).size, path).toBeLessThan(2);
    }
  });

  test.each(readdirSync('shaders', { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.wgsl')))(
    'holds %s without its comments',
    (name) => {
      const code = stripWgsl(readFileSync(join('shaders', name), 'utf8'));
      const holds = (text: string) => result.outputFiles.some((file) => file.text.includes(JSON.stringify(text)));
      expect(code).not.toMatch(/\/\/|\/\*/);
      expect(holds(code)).toBe(true);
    },
  );
});

describe('a shader without comments', () => {
  test.each([
    ['a // to the end', 'a'],
    ['a /* x /* nested */ y */ b', 'a   b'],
    ['a /* // */ b', 'a   b'],
    ['a // /*\nb', 'a\nb'],
    ['a/**/b', 'a b'],
    ['a / b * c', 'a / b * c'],
    ['\n\na\n \n\nb\n', 'a\nb'],
  ])('of %j is %j', (text, stripped) => {
    expect(stripWgsl(text)).toBe(stripped);
  });
});
