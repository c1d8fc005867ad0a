import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Bundle, bundle, type Target } from '../../build/bundle.ts';
import { minifyWgsl, stripWgsl } from '../../build/minifyWgsl.ts';
import { pureDefinitions } from '../../build/pureDefinitions.ts';
import { bindingSlots } from '../../src/backend/webgpu/shaderText.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'wgslgrad-build-'));
  writeFileSync(join(folder, 'twice.wgsl'), '// doubles\nfn twice(x: f32) -> f32 {\n\n  return x + x; /* two */\n}\n');
});
afterAll(() => rmSync(folder, { recursive: true }));

const platform = JSON.stringify(resolve('src/platform/index.ts'));
const shaders = new Map(
  readdirSync('shaders').map((file) => [basename(file, '.wgsl'), readFileSync(join('shaders', file), 'utf8')]),
);
const loader = JSON.stringify(resolve('src/platform/wgsl.ts'));

/** The text of the bundle of one source file. */
async function bundled(target: Target, source: string): Promise<string> {
  const entry = join(folder, 'entry.ts');
  writeFileSync(entry, source);
  const { outputFiles } = await bundle(target, folder, { entries: { index: entry }, shaders: folder });
  return outputFiles.map(({ text }) => text).join('\n');
}

describe('the bundle', () => {
  test('holds the text of a shader, made short, in place of the call', async () => {
    const text = await bundled('browser', `import { wgsl } from ${loader};\nexport const code = wgsl('twice');`);
    const made: { code: string } = await import(`data:text/javascript,${encodeURIComponent(text)}`);
    expect(made.code).toBe('fn a0(x:f32)->f32{\nreturn x+x;\n}');
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

  test('has namespaces that go where nothing uses them, and work where something does', async () => {
    writeFileSync(join(folder, 'names.ts'), "export const used = () => 'kept';\nexport const other = 1;");
    const packaged = join(folder, 'packaged.js');
    writeFileSync(packaged, await bundled('browser', "export * as names from './names.ts';\nexport const alone = 2;"));
    const program = async (source: string) => {
      const entry = join(folder, 'program.ts');
      writeFileSync(entry, source);
      const { outputFiles } = await bundle('browser', folder, { entries: { program: entry }, minify: true });
      return outputFiles[0]!.text;
    };
    expect(await program("export { alone } from './packaged.js';")).not.toContain('kept');
    const text = await program("import { names } from './packaged.js';\nexport const made = names.used();");
    expect(await import(`data:text/javascript,${encodeURIComponent(text)}`)).toMatchObject({ made: 'kept' });
  });

  test('has definitions that go where nothing uses them, but for those that register an operation', async () => {
    const define = 'const make = (name: string) => Object.freeze({ name });';
    const of = (source: string) => pureDefinitions('definitions.ts', source);
    const marked = of(
      `${define}\nexport const [used, unused] = [make('kept'), 1];\nexport const a = { ...make('gone') };`,
    );
    expect(marked).toContain("export const a = /* @__PURE__ */ (() => ({ ...make('gone') }))();");
    expect(marked).toContain(define);
    expect(marked).toContain("[make('kept'), 1];");
    expect(of('let count = 0;\nexport const two = 2;\nexport const add = (x: number) => f(x);')).not.toContain('PURE');
  });

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

  test('is a file of names, and one of code that all that is loaded later shares', () => {
    const files = Object.keys(result.metafile.outputs).map((path) => path.replace(/.*\/|-\w+\.js$/g, ''));
    expect(files.filter((file) => file === 'chunk')).toHaveLength(3);
  });

  test('keeps every operation and every rewrite, whoever uses them', async () => {
    const text = result.outputFiles.map((file) => file.text).join('\n');
    expect(text).not.toMatch(/PURE__ \*\/ \(\(\) => \(define(?:Op|Rewrite)\b/);
  });

  test('loads neither backend at the start, and has both', () => {
    const atStart = loadedAtStart();
    expect(atStart).toContain('src/ops/methods.ts');
    expect(atStart.filter((path) => backend.test(path))).toEqual([]);
    const all = Object.values(result.metafile.outputs).flatMap(({ inputs }) => Object.keys(inputs));
    expect(all).toContain('src/backend/cpu/cpuBackend.ts');
    expect(all).toContain('src/backend/webgpu/webgpuBackend.ts');
  });

  test('loads what measures for the tuner only when it is asked for', () => {
    const outputs = Object.values(result.metafile.outputs);
    const beside = outputs.find(({ inputs }) => 'src/backend/webgpu/webgpuBackend.ts' in inputs)!;
    expect(Object.keys(beside.inputs)).toContain('src/backend/webgpu/tuner/tunedWays.ts');
    for (const late of ['tune', 'calibrate']) {
      const [path] = Object.entries(result.metafile.outputs).find(([, { inputs }]) => {
        return `src/backend/webgpu/tuner/${late}.ts` in inputs;
      })!;
      const kinds = outputs.flatMap(({ imports }) =>
        imports.filter((one) => one.path === path).map(({ kind }) => kind),
      );
      expect(new Set(kinds), late).toEqual(new Set(['dynamic-import']));
    }
  });

  test('has none of the code that works with files on a disk', () => {
    const all = Object.values(result.metafile.outputs).flatMap(({ inputs }) => Object.keys(inputs));
    expect(all).toContain('src/data/local/browser.ts');
    expect(all).toContain('src/callbacks/files/browser.ts');
    const ofADisk = /\/node\.ts$|mnistPackage|\/cache\.ts$|csvLogger|tensorBoard|modelCheckpoint|eventFile/;
    expect(all.filter((path) => ofADisk.test(path))).toEqual([]);
  });

  test('keeps each backend in a file without the other', () => {
    for (const [path, { inputs }] of Object.entries(result.metafile.outputs)) {
      const kinds = Object.keys(inputs).flatMap((input) => backend.exec(input)?.[1] ?? []);
      expect(new Set(kinds).size, path).toBeLessThan(2);
    }
  });

  test.each([...minifyWgsl(shaders)])('holds %s, made short', (_, text) => {
    expect(result.outputFiles.some((file) => file.text.includes(JSON.stringify(text)))).toBe(true);
  });
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

describe('a shader made short', () => {
  const minified = (...texts: string[]) =>
    [...minifyWgsl(new Map(texts.map((text, i) => [`${i}`, text]))).values()] as const;

  test.each([
    ['    let at = - - x;', 'let at= - -x;'],
    ['if (a && !b) { return; }', 'if(a&& !b){return;}'],
    ['  return 1.0 / x; // half', 'return 1.0/x;'],
    [
      '@group(0) @binding(1) var<storage, read> x: array<f32>;',
      '@group(0) @binding(1) var<storage, read> x: array<f32>;',
    ],
    ['const WIDTH: u32 = 4u;', 'const WIDTH: u32 = 4u;'],
    ['{\n  const width: u32 = 4u;\n}', '{\nconst a0:u32=4u;\n}'],
  ])('%j becomes %j', (text, short) => {
    expect(minified(text)).toEqual([short]);
  });

  test('has one short name for a name, whichever shader declares it, and none that stands for something else', () => {
    expect(minified('let row = a0;\nlet sum = row;', 'let sum = 1u;')).toEqual([
      'let b0=a0;\nlet c0=b0;',
      'let c0=1u;',
    ]);
  });

  test('keeps names that it does not declare, swizzles, attributes and what the host says', () => {
    const text =
      '@group(0) @binding(0) var<uniform> params: Params;\nfn main(group: vec3u) { let xyz = group.xyz + params.size; }';
    expect(minified(text, 'let size = 1u;\nlet params = 1u;')).toEqual([
      '@group(0) @binding(0) var<uniform> params: Params;\nfn main(a0:vec3u){let xyz=a0.xyz+params.size;}',
      'let b0=1u;\nlet params=1u;',
    ]);
  });

  test.each([...shaders])('%s still shows the host its consts, aliases and bindings', (name, text) => {
    const short = minifyWgsl(shaders).get(name) ?? '';
    const declarations = /^(?:const \w+: (?:u32|i32|f32|bool)|alias \w+) = [^;]+;/gm;
    expect(short.match(declarations)).toEqual(text.match(declarations));
    expect(bindingSlots(short)).toEqual(bindingSlots(text));
  });
});
