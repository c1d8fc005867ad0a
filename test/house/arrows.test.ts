// Who may import whom: a file that reaches upward, across, or past the seam of the backends fails here.
import { expect, test } from 'vitest';
import { formatImport, type Import, imports, importsOf, sources } from './sources.ts';

/** Rooms from the bottom up. A room imports itself and lower floors, never one above or beside it. */
const floors: readonly (readonly string[])[] = [
  ['errors.ts', 'version.ts'],
  ['platform'],
  ['backend'],
  ['tensor'],
  ['engine'],
  ['autograd', 'compile'],
  ['ops'],
  [
    'initializers',
    'regularizers',
    'constraints',
    'layers',
    'losses',
    'optimizers',
    'schedules',
    'metrics',
    'callbacks',
  ],
  ['models'],
  ['applications', 'io', 'data'],
  ['index.ts'],
  ['inspect'],
  ['cli'],
];

/** What may be imported beside the lower floors: the left names a file or a folder. */
const besides: readonly (readonly [from: string, to: string, why: string])[] = [
  ['io/', 'data/npy.ts', 'models and data sets come in the same archives'],
  ['io/', 'data/zip.ts', 'the same'],
  ['io/', 'data/gzip.ts', 'the same'],
  ['io/', 'data/download.ts', 'and from the same places'],
  ['layers/', 'initializers/', 'initializers, regularizers and constraints stand with the layers, and know none'],
  ['layers/', 'regularizers/', 'the same'],
  ['layers/', 'constraints/', 'the same'],
  ['optimizers/', 'schedules/', 'a learning rate may follow a schedule, which knows no optimizer'],
  ['metrics/', 'losses/', 'a loss may be watched as a metric'],
  ['applications/', 'data/', 'weights are downloaded and kept as data sets are'],
  ['backend/cpu/', 'tensor/', 'backends know shapes and dtypes'],
  ['backend/webgpu/', 'tensor/', 'the same'],
];

/** Where a lower floor is too much: only the right may be imported from it. A file takes the first line that fits. */
const atMost: readonly (readonly [from: string, floor: string, only: readonly string[], why: string])[] = [
  ['engine/start.ts', 'backend/', ['backend/backend.ts', 'backend/cpu/', 'backend/webgpu/'], 'it starts them'],
  ['backend/cpu/', 'backend/', ['backend/backend.ts', 'backend/kernels.ts', 'backend/cpu/'], 'backends never meet'],
  ['backend/webgpu/', 'backend/', ['backend/backend.ts', 'backend/kernels.ts', 'backend/webgpu/'], 'the same'],
  [
    'backend/kernels.ts',
    'backend/',
    ['backend/backend.ts', 'backend/optimizerKernels.ts'],
    'the contract is two files',
  ],
  ['', 'backend/', ['backend/backend.ts', 'backend/kernels.ts'], 'all others know the contract alone'],
  ['backend/', 'platform/', ['platform/wgsl.ts'], 'a backend is handed its device; it only reads shaders'],
];

/** npm packages, and who may name them. */
const packages: readonly (readonly [from: string, to: RegExp, why: string])[] = [
  ['platform/', /^(node:.*|webgpu|sharp)$/, 'the only place that knows Node, its GPU and its pictures'],
  ['io/peers.ts', /^(h5wasm|fflate)$/, 'optional packages that write files'],
  ['io/hdf5/write.ts', /^h5wasm$/, 'its types'],
  ['cli/', /^(node:.*|echarts|opentype\.js|sharp)$/, 'a program for Node; the packages draw its pictures'],
];

const room = (path: string) => path.split('/')[0]!;
const floorOf = (path: string) => floors.findIndex((rooms) => rooms.includes(room(path)));

function isAllowed({ from, to }: Import): boolean {
  if (!to.endsWith('.ts')) return packages.some(([who, names]) => from.startsWith(who) && names.test(to));
  const limit = atMost.find(([who, floor]) => from.startsWith(who) && to.startsWith(floor));
  if (limit && !limit[2].some((path) => to.startsWith(path))) return false;
  if (room(from) === room(to)) return true;
  if (floorOf(to) >= 0 && floorOf(to) < floorOf(from)) return true;
  return besides.some(([left, right]) => from.startsWith(left) && to.startsWith(right));
}

test('every room of src has a floor', () => {
  expect([...sources.keys()].filter((path) => floorOf(path) < 0)).toEqual([]);
});

test('no import goes up, across, or past the seam', () => {
  expect(imports.filter((one) => !isAllowed(one)).map(formatImport)).toEqual([]);
});

test('no two files need each other', () => {
  expect(
    cycles(imports.filter(({ typeOnly, late }) => !typeOnly && !late)).filter((cycle) => !knownCycles.has(cycle)),
  ).toEqual([]);
});

/** Files that import each other, and why that does no harm. */
const knownCycles: ReadonlyMap<string, string> = new Map([
  [
    'ops/elementwise.ts ops/reduce.ts ops/shape.ts ops/sumTo.ts',
    'a gradient rule calls operations of the other files when a gradient is asked for, long after all of them are ' +
      'loaded; none uses another while it loads. (A sum is the gradient of a stretch, a stretch that of a sum.)',
  ],
]);

test('the known cycle is still there, and loads from any of its files', async () => {
  expect(cycles(imports.filter(({ typeOnly, late }) => !typeOnly && !late))).toEqual([...knownCycles.keys()]);
  const { spawnSync } = await import('node:child_process');
  for (const path of [...knownCycles.keys()].flatMap((cycle) => cycle.split(' '))) {
    const args = ['--import', 'tsx', '--input-type=module', '-e', `await import('./src/${path}')`];
    expect(spawnSync(process.execPath, args, { encoding: 'utf8' }).stderr, `starting from ${path}`).toBe('');
  }
});

test.each([
  ['tensor/shape.ts', 'ops/reduce.ts'],
  ['errors.ts', 'platform/index.ts'],
  ['platform/node.ts', 'tensor/shape.ts'],
  ['losses/losses.ts', 'layers/dense.ts'],
  ['schedules/schedule.ts', 'optimizers/optimizer.ts'],
  ['initializers/initializers.ts', 'layers/dense.ts'],
  ['models/fit.ts', 'data/datasets.ts'],
  ['ops/conv2d.ts', 'backend/cpu/conv2d.ts'],
  ['engine/runtime.ts', 'backend/webgpu/webgpuBackend.ts'],
  ['cli/main.ts', 'backend/cpu/cpuBackend.ts'],
  ['backend/cpu/matmul.ts', 'backend/webgpu/device.ts'],
  ['backend/webgpu/device.ts', 'platform/index.ts'],
  ['backend/backend.ts', 'backend/cpu/cpuBackend.ts'],
  ['backend/kernels.ts', 'tensor/shape.ts'],
  ['models/fit.ts', 'node:fs'],
  ['cli/main.ts', 'left-pad'],
])('%s may not import %s', (from, to) => {
  expect(isAllowed({ from, to, typeOnly: false })).toBe(false);
});

test('imports of every form are seen, and cycles are found', () => {
  const text = `
    // import x from './comment.ts';
import type { A } from '../models/model.ts';
import {
  b,
  type C,
} from './many.ts';
import './effect.ts';
export * from './all.ts';
const late = await import('./late.ts');
throw new Error("made from '0123456789'");`;
  expect(importsOf('ops/x.ts', text.replace(/\/\/.*/, ''))).toEqual([
    { from: 'ops/x.ts', to: 'models/model.ts', typeOnly: true },
    ...['many', 'effect', 'all'].map((name) => ({ from: 'ops/x.ts', to: `ops/${name}.ts`, typeOnly: false })),
    { from: 'ops/x.ts', to: 'ops/late.ts', typeOnly: false, late: true },
  ]);
  const arrow = (from: string, to: string) => ({ from, to, typeOnly: false });
  expect(cycles([arrow('a', 'b'), arrow('b', 'c'), arrow('c', 'a'), arrow('c', 'd'), arrow('e', 'e')])).toEqual([
    'a b c',
    'e',
  ]);
});

/** Groups of files of which each reaches each other by imports, as sorted names. */
function cycles(arrows: readonly Import[]): string[] {
  const next = new Map<string, string[]>();
  for (const { from, to } of arrows) next.set(from, [...(next.get(from) ?? []), to]);
  const reached = new Map([...next.keys()].map((path) => [path, reach(path, next)]));
  const groups = [...next.keys()]
    .filter((path) => reached.get(path)!.has(path))
    .map((path) =>
      [...reached.get(path)!]
        .filter((other) => reached.get(other)?.has(path))
        .sort()
        .join(' '),
    );
  return [...new Set(groups)].sort();
}

function reach(start: string, next: ReadonlyMap<string, readonly string[]>): Set<string> {
  const found = new Set<string>();
  const open = [...(next.get(start) ?? [])];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (found.has(path)) continue;
    found.add(path);
    open.push(...(next.get(path) ?? []));
  }
  return found;
}
