// The tuner on a real device: what it measures of it, and what it makes of shaders that are wrong.
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { KernelCall } from '../../src/backend/kernels.ts';
import { kernels, waysOf } from '../../src/backend/webgpu/kernels/index.ts';
import type { Bench } from '../../src/backend/webgpu/tuner/bench.ts';
import { calibrate } from '../../src/backend/webgpu/tuner/calibrate.ts';
import { shadersHash } from '../../src/backend/webgpu/tuner/hash.ts';
import { tuningKey } from '../../src/backend/webgpu/tuner/key.ts';
import { tuneCall } from '../../src/backend/webgpu/tuner/tune.ts';
import type { Way } from '../../src/backend/webgpu/variant.ts';
import { openWebgpuBackend, type WebgpuBackend } from '../../src/backend/webgpu/webgpuBackend.ts';
import type { Dispatch } from '../../src/backend/webgpu/webgpuKernel.ts';
import { platform } from '../../src/platform/index.ts';
import { describeGpu } from '../setup/adapters.ts';
import { loadFamilies } from '../support/families.ts';
import { roof } from './support.ts';

/** The shader leaves before it has done anything. */
function idle(dispatch: Dispatch): Dispatch {
  const text = dispatch.shader.text.replace(/(fn main\([^{]*\{)/, '$1 if (true) { return; }');
  return { ...dispatch, shader: { ...dispatch.shader, text } };
}

const sides = { transposeA: false, transposeB: false, broadcastA: false, broadcastB: false };
const view = (shape: number[]) => ({ shape, dtype: 'float32' as const, storage: { byteLength: 0 }, byteOffset: 0 });
const call: KernelCall<'matmul'> = {
  kernel: 'matmul',
  inputs: [view([1, 12, 20]), view([1, 20, 16]), view([16])],
  outputs: [view([1, 12, 16])],
  attrs: { batch: 1, m: 12, n: 16, k: 20, ...sides, activation: 'relu' },
};

describeGpu('the tuner on this adapter', () => {
  let backend: WebgpuBackend;
  beforeAll(async () => {
    await loadFamilies();
    const gpu = await platform.requestGpu();
    if (typeof gpu === 'string') throw new Error(gpu);
    const opened = await openWebgpuBackend(gpu, undefined);
    if (typeof opened === 'string') throw new Error(opened);
    backend = opened;
  });
  afterAll(async () => {
    await backend.close();
    platform.releaseGpu();
  });

  test('calibrates, and leaves no memory behind', async () => {
    const before = backend.memory().bytes;
    const found = await calibrate(backend);
    // From a software adapter on a busy machine to more than any GPU has.
    expect(found.flops).toBeGreaterThan(1e7);
    expect(found.flops).toBeLessThan(1e15);
    for (const bytes of [found.bytes, found.cachedBytes]) {
      expect(bytes).toBeGreaterThan(1e6);
      expect(bytes).toBeLessThan(1e14);
    }
    expect(found.dispatchMs).toBeGreaterThan(0);
    expect(found.dispatchMs).toBeLessThan(100);
    expect(backend.memory().bytes).toBe(before);
  });

  /** The same backend, but for what it makes of dispatches. */
  function changed(change: (dispatch: Dispatch) => Dispatch): Bench {
    return {
      facts: backend.facts,
      allocate: (bytes) => backend.allocate(bytes),
      free: (storage) => backend.free(storage),
      write: (target, data) => backend.write(target, data),
      read: (source) => backend.read(source),
      prepareDispatches: (dispatches) => backend.prepareDispatches(dispatches.map(change)),
      roof: () => backend.roof(),
      time: (record) => backend.time(record),
    };
  }

  test.each([
    ['roof_flops', /counts wrongly/],
    ['roof_copy', /copies wrongly/],
  ])('believes no time of a %s that was not run', async (name, why) => {
    const bench = changed((dispatch) => (dispatch.shader.name === name ? idle(dispatch) : dispatch));
    await expect(calibrate(bench)).rejects.toThrow(why);
  });

  test('computes a call in the way that a table names, and otherwise in the first', async () => {
    const gpu = await platform.requestGpu();
    if (typeof gpu === 'string') throw new Error(gpu);
    const tuned = await openWebgpuBackend(gpu, undefined, { read: async () => null, write: async () => {} });
    if (typeof tuned === 'string') throw new Error(tuned);
    try {
      const constants = () => kernels.matmul(call, tuned.facts)[0]!.constants;
      const ways = [...waysOf(call, tuned.facts)!];
      expect(constants()).toEqual(ways[0]!.dispatches[0]!.constants);
      const last = ways.at(-1)!;
      const times = { ms: 1, first: ways[0]!.name, firstMs: 2, boundMs: 1, timings: [], rejected: [] };
      const entry = { key: tuningKey(call), way: last.name, ...times, shaders: shadersHash(last) };
      await tuned.tuner!.import(JSON.stringify({ ...JSON.parse(tuned.tuner!.export()), entries: [entry] }));
      expect(constants()).toEqual(last.dispatches[0]!.constants);
      expect(constants()).not.toEqual(ways[0]!.dispatches[0]!.constants);
    } finally {
      await tuned.close();
    }
  });

  test('rejects shaders that are wrong, write nothing or do not compile, and goes on', async () => {
    const tampered = (way: Way, name: string, change: (dispatch: Dispatch) => Dispatch): Way => {
      return { ...way, name, dispatches: way.dispatches.map(change) };
    };
    const withText = (change: (text: string) => string) => (dispatch: Dispatch) => {
      const text = change(dispatch.shader.text);
      expect(text).not.toBe(dispatch.shader.text);
      return { ...dispatch, shader: { ...dispatch.shader, text } };
    };
    const ways = (like: KernelCall): Way[] => {
      const right = [...waysOf(like, backend.facts)!].slice(0, 2);
      const first = right[0]!;
      return [
        ...right,
        tampered(
          first,
          'wrong',
          withText((text) => text.replace('sums[i][j] += ', 'sums[i][j] -= ')),
        ),
        tampered(
          first,
          'unfinished',
          withText((text) => text.replace('array<u32, TM>', 'array<u32, TM')),
        ),
        tampered(
          first,
          'one short',
          withText((text) => text.replace('k < end', 'k < end - 1u')),
        ),
        tampered(first, 'idle', idle),
        tampered(first, 'too many threads', (dispatch) => {
          return { ...dispatch, constants: { ...dispatch.constants, WORKGROUP_SIZE: 4096 } };
        }),
      ];
    };
    const before = backend.memory().bytes;
    const entry = await tuneCall('key', call, ways, backend, roof);
    expect(Object.fromEntries(entry.rejected)).toEqual({
      wrong: expect.stringMatching(/^a wrong result: element \d+ is/),
      unfinished: expect.stringMatching(/^matmul.wgsl .* does not compile: .*line \d+/),
      'one short': expect.stringMatching(/^a wrong result/),
      idle: expect.stringMatching(/^a wrong result: element 0 is NaN/),
      'too many threads': expect.stringMatching(/does not compile/),
    });
    expect(entry.timings).toHaveLength(2);
    for (const [, ms] of entry.timings) expect(ms).toBeGreaterThan(0);
    expect(backend.memory().bytes).toBe(before);
    await backend.sync();
  });
});
