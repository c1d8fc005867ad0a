import { afterEach, expect, test, vi } from 'vitest';
import type { TextStore } from '../../src/backend/backend.ts';
import type { KernelCall } from '../../src/backend/kernels.ts';
import type { AdapterIdentity } from '../../src/backend/webgpu/device.ts';
import { shadersHash } from '../../src/backend/webgpu/tuner/hash.ts';
import { tuningKey } from '../../src/backend/webgpu/tuner/key.ts';
import { formatTable } from '../../src/backend/webgpu/tuner/table.ts';
import { TunedWays } from '../../src/backend/webgpu/tuner/tunedWays.ts';
import { FormatError, ResourceError } from '../../src/errors.ts';
import { call, fakeBench, roof, wayOf } from './support.ts';

const identity: AdapterIdentity = { adapter: 'a', features: [], limits: {} };

afterEach(() => void vi.restoreAllMocks());

function memoryStore(): TextStore & { readonly texts: Map<string, string> } {
  const texts = new Map<string, string>();
  return {
    texts,
    read: async (name) => texts.get(name) ?? null,
    async write(name, text) {
      texts.set(name, text);
    },
  };
}

/** A tuner whose kernel has the ways `first` and `quick`; its shaders read as `texts` says. */
function make(store: TextStore, texts: { first?: string; quick?: string } = {}, who = identity) {
  const bench = fakeBench({ first: { ms: 10, f: (x) => x }, quick: { ms: 5, f: (x) => x } });
  const ways = (like: KernelCall) =>
    like.kernel === 'copy'
      ? (['first', 'quick'] as const).map((name) => wayOf(name, like, {}, texts[name] ?? `text of ${name}`))
      : null;
  return { tuner: new TunedWays(bench, who, store, ways), bench };
}

/** A table that was measured already, as `tune` would write it. */
function measured(way: string, text = `text of ${way}`): string {
  const shaders = shadersHash(wayOf(way, call, {}, text));
  const times = { ms: 5, first: 'first', firstMs: 10, boundMs: 1, timings: [], rejected: [] };
  return formatTable(identity, { roof, entries: [{ key: tuningKey(call), way, ...times, shaders }] });
}

test('nothing is chosen before anything is measured, and what was imported afterwards', async () => {
  const { tuner } = make(memoryStore());
  expect(tuner.chosen(call)).toBeUndefined();
  await tuner.import(measured('quick'));
  expect(tuner.chosen(call)).toBe('quick');
  expect(tuner.chosen({ ...call, outputs: [{ ...call.outputs[0]!, shape: [9] }] })).toBeUndefined();
  await tuner.clear();
  expect(tuner.chosen(call)).toBeUndefined();
});

test('tuning measures once; another run finds it', async () => {
  const store = memoryStore();
  const { tuner, bench } = make(store);
  const [found] = await tuner.tune([
    call,
    call,
    { ...call, kernel: 'fill', attrs: { value: 0, shape: [8], dtype: 'float32' } },
  ]);
  expect(found).toMatchObject({ way: 'quick', first: 'first' });
  const runs = bench.runs.length;
  expect(await tuner.tune([call])).toEqual([found]);
  expect(bench.runs).toHaveLength(runs);

  const later = make(store);
  await later.tuner.load();
  expect(later.tuner.chosen(call)).toBe('quick');
  expect(later.tuner.report()).toEqual([found]);
  await later.tuner.tune([call]);
  expect(later.bench.runs).toEqual([]);
});

test('an entry whose shader has changed since is a miss, and is measured anew', async () => {
  const { tuner, bench } = make(memoryStore(), { quick: 'another text' });
  await tuner.import(measured('quick'));
  expect(tuner.chosen(call)).toBeUndefined();
  await tuner.tune([call]);
  expect(bench.runs.length).toBeGreaterThan(0);
  expect(tuner.chosen(call)).toBe('quick');
});

test('comments and spacing of a shader are no change', async () => {
  const { tuner } = make(memoryStore(), { quick: 'text of\n  quick // a word more' });
  await tuner.import(measured('quick', 'text of quick // a word'));
  expect(tuner.chosen(call)).toBe('quick');
});

test('a way that is no more is not chosen', async () => {
  const { tuner } = make(memoryStore());
  await tuner.import(measured('gone'));
  expect(tuner.chosen(call)).toBeUndefined();
});

test('what is exported is imported elsewhere; what is damaged or foreign is refused', async () => {
  const { tuner } = make(memoryStore());
  await tuner.import(measured('quick'));
  const other = make(memoryStore());
  await other.tuner.import(tuner.export());
  expect(other.tuner.report()).toEqual(tuner.report());
  await expect(tuner.import('{')).rejects.toThrow(FormatError);
  const foreign = make(memoryStore(), {}, { ...identity, adapter: 'b' });
  await expect(foreign.tuner.import(tuner.export())).rejects.toThrow(/refused: it was measured on another adapter/);
  expect(foreign.tuner.report()).toEqual([]);
});

test.each([
  ['damaged', async () => '{"format":'],
  [
    'unreadable',
    async () => {
      throw new ResourceError('cannot read it');
    },
  ],
])('a %s file costs one warning, and nothing else', async (_, read) => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
  const { tuner } = make({ ...memoryStore(), read });
  await tuner.load();
  expect(warn.mock.calls).toEqual([[expect.stringMatching(/^wgslgrad ignores what its tuner has kept: [^\n]+$/)]]);
  expect(tuner.chosen(call)).toBeUndefined();
});

test('where nothing can be kept, what was measured is used all the same', async () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
  const write = async () => {
    throw new ResourceError('the disk is full');
  };
  const { tuner } = make({ ...memoryStore(), write });
  await tuner.import(measured('quick'));
  expect(tuner.chosen(call)).toBe('quick');
  expect(warn.mock.calls).toEqual([[expect.stringMatching(/cannot keep .*: the disk is full$/)]]);
});
