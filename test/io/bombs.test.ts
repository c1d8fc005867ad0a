// Small files that ask for much: refused by a stated limit before memory or time is spent.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unzipSync, zipSync } from 'fflate';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { close, FormatError, init, loadModel, tensor } from 'wgslgrad';
import { modelFromJSON } from '../../src/io/fromConfig.ts';
import { readHdf5 } from '../../src/io/hdf5/read.ts';
import { Hdf5Source } from '../../src/io/hdf5/source.ts';
import { makeGroup, setTexts } from '../../src/io/hdf5/tree.ts';
import { writeHdf5 } from '../../src/io/hdf5/write.ts';
import { MOST_TEXT, MOST_UNPACKED } from '../../src/io/limits.ts';
import { decodeNpy } from '../../src/io/npy.ts';
import { decodeNpz } from '../../src/io/npz.ts';
import { decodeSafetensors } from '../../src/io/safetensors.ts';
import { fixture } from './fixture.ts';

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'wgslgrad-bombs-'));
  await init({ backend: 'cpu' });
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await close();
});

/** Refused, with those words, at once. */
async function expectRefused(run: () => unknown, message: RegExp): Promise<void> {
  const begin = performance.now();
  const error = await (async () => run())().catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(FormatError);
  expect(String(error)).toMatch(message);
  expect(String(error).length).toBeLessThan(10_000);
  expect(performance.now() - begin).toBeLessThan(5000);
}

const latin1 = (bytes: Uint8Array) => new TextDecoder('latin1').decode(bytes);
const at = (bytes: Uint8Array, text: string) => {
  const found = latin1(bytes).indexOf(text);
  expect(found).toBeGreaterThanOrEqual(0);
  return found;
};

test('zip members that share their bytes', async () => {
  const bytes = new Uint8Array(zipSync({ 'a.npy': new Uint8Array(1000), 'b.npy': new Uint8Array(1000) }, { level: 0 }));
  const view = new DataView(bytes.buffer);
  const directory = view.getUint32(bytes.length - 6, true);
  const second = bytes.lastIndexOf(0x62) - 46;
  // both begin at the same place, and the first reaches to the end of the second
  view.setUint32(directory + 20, 2000, true);
  view.setUint32(second + 42, 0, true);
  await expectRefused(() => decodeNpz(bytes), /b\.npy lies where other members do/);
});

test('a deflated member is unpacked no further than its directory says', async () => {
  const bytes = new Uint8Array(zipSync({ 'a.npy': new Uint8Array(2 ** 24) }, { level: 9 }));
  const view = new DataView(bytes.buffer);
  view.setUint32(view.getUint32(bytes.length - 6, true) + 24, 100, true);
  await expectRefused(() => decodeNpz(bytes), /unpack to more than the 100 bytes allowed/);
});

test('zip members whose names lead elsewhere are members and no files', async () => {
  const members = unzipSync(fixture('adam.keras'));
  const model = await loadModel(
    zipSync({ ...members, '../../../tmp/x': new Uint8Array(3), '/etc/x': new Uint8Array(3) }),
  );
  expect(model.name).toBe('resumed');
});

test.each([10 ** 12, 2 ** 53, 17 * 2 ** 20])('a safetensors header of %d bytes', async (claimed) => {
  const bytes = new Uint8Array(18 * 2 ** 20).fill(0x20);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(claimed), true);
  await expectRefused(() => decodeSafetensors(bytes), /the header claims|bytes of text are more than/);
});

test('safetensors with arrays in each other, or holes between them', async () => {
  const file = (...places: number[][]) => {
    const entry = ([first, end]: number[]) => ({ dtype: 'U8', shape: [end! - first!], data_offsets: [first, end] });
    const text = new TextEncoder().encode(
      JSON.stringify(Object.fromEntries(places.map((place, i) => [`t${i}`, entry(place)]))),
    );
    const bytes = new Uint8Array(8 + text.length + 8);
    bytes.set(text, 8);
    new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
    return bytes;
  };
  expect(decodeSafetensors(file([4, 8], [0, 4])).arrays).toHaveLength(2);
  await expectRefused(() => decodeSafetensors(file([0, 4], [0, 4])), /t1: its elements lie where those of others do/);
  await expectRefused(
    () => decodeSafetensors(file([0, 4], [5, 8])),
    /t1: begins at 5, bytes 4 to there belong to no array/,
  );
  await expectRefused(() => decodeSafetensors(file([0, 4])), /its arrays take 4 bytes, the file holds 8/);
});

test.each<[string, (header: string) => string, number, RegExp]>([
  ['a header of gigabytes', (text) => text, 2 ** 32 - 1, /a header of 4294967295 bytes is longer than/],
  ['65 axes', (text) => text.replace('(8,)', `(8,${'1,'.repeat(64)})`), 0, /65 axes are more than 64/],
  ['an absurd size', (text) => text.replace('(8,)', '(99999999999, 99999999999)'), 0, /is no shape/],
  ['more than it has', (text) => text.replace('(8,)', '(4294967296,)'), 0, /takes 4294967296 bytes, got 8/],
])('.npy with %s', async (_, change, claimed, message) => {
  const header = new TextEncoder().encode(change("{'descr': '|u1', 'fortran_order': True, 'shape': (8,), }\n"));
  const bytes = new Uint8Array(12 + header.length + 8);
  bytes.set([0x93, ...new TextEncoder().encode('NUMPY'), 2, 0]);
  new DataView(bytes.buffer).setUint32(8, claimed || header.length, true);
  bytes.set(header, 12);
  await expectRefused(() => decodeNpy(bytes), message);
});

test('HDF5 texts of no bytes, of which there could be any number', async () => {
  const root = makeGroup();
  setTexts(root, 'names', ['12345', '1']);
  const bytes = await writeHdf5(root);
  // class 3 of version 1, of 5 bytes; behind it the shape [2]
  const view = new DataView(bytes.buffer);
  const type = bytes.findIndex((byte, i) => byte === 0x13 && view.getUint32(i + 4, true) === 5);
  const shape = bytes.indexOf(2, type + 16);
  view.setUint32(type + 4, 0, true);
  view.setBigUint64(shape, 2n ** 40n, true);
  await expectRefused(() => readHdf5(bytes), /has elements of 0 bytes/);
});

test('HDF5 names that lie in each other', async () => {
  const root = makeGroup();
  for (let i = 0; i < 8; i++) root.groups.set(`group ${i}`, makeGroup());
  const small = await writeHdf5(root);
  // another heap of names at the end of the file: one long text, of which each name is an end
  const names = new Uint8Array(5 * 2 ** 20).fill(0x61);
  names[names.length - 1] = 0;
  const bytes = new Uint8Array(small.length + names.length);
  bytes.set(small);
  bytes.set(names, small.length);
  const view = new DataView(bytes.buffer);
  const heap = at(bytes, 'HEAP');
  view.setBigUint64(heap + 8, BigInt(names.length), true);
  view.setBigUint64(heap + 24, BigInt(small.length), true);
  const table = at(bytes, 'SNOD');
  for (let i = 0; i < 8; i++) view.setBigUint64(table + 8 + 40 * i, BigInt(i), true);
  await expectRefused(() => readHdf5(bytes), new RegExp(`more than the ${MOST_TEXT} bytes of text allowed`));
});

test('HDF5 chunks that are deflated again and again', async () => {
  const bytes = fixture('types.h5');
  // the first of two filters becomes the second
  new DataView(bytes.buffer).setUint16(at(bytes, 'shuffle\0') - 8, 1, true);
  await expectRefused(() => readHdf5(bytes), /expected 2 or 3, got 1/);
});

test('HDF5 chunks that take more than all the file may', async () => {
  const bytes = fixture('types.h5');
  const view = new DataView(bytes.buffer);
  // the lengths of a chunk of floats: 35 and 5
  let place = -1;
  for (let i = 0; i + 12 <= bytes.length; i++) {
    if (view.getUint32(i, true) === 35 && view.getUint32(i + 4, true) === 5 && view.getUint32(i + 8, true) === 4)
      place = i;
  }
  view.setUint32(place, 2 ** 26, true);
  await expectRefused(() => readHdf5(bytes), /chunks\/checked: unpacks to more than the 1073741824 bytes allowed/);
  // together too
  const source = new Hdf5Source(new Uint8Array(10), 'x.h5');
  source.unpack(MOST_UNPACKED / 2, 'a');
  source.unpack(MOST_UNPACKED / 2 + 10, 'b');
  expect(() => source.unpack(1, 'c')).toThrow(/x\.h5: c: unpacks to more/);
});

test('HDF5 trees that lead back to themselves', async () => {
  const good = fixture('types.h5');
  let refused = 0;
  for (const { index } of latin1(good).matchAll(/TREE/g)) {
    const bytes = good.slice();
    const view = new DataView(bytes.buffer);
    if (bytes[index + 4] !== 0) continue;
    // its first child is the node itself, on every level below
    view.setUint8(index + 5, 255);
    view.setBigUint64(index + 32, BigInt(index), true);
    const error = await readHdf5(bytes).catch((thrown: unknown) => thrown);
    // some were left behind when a tree grew, and lead nowhere
    if (error instanceof FormatError) refused++;
  }
  expect(refused).toBeGreaterThan(3);
});

const relu = { class_name: 'Activation', config: { activation: 'relu' } };
const input = { class_name: 'InputLayer', config: { batch_shape: [null, 2] } };
const chain = (layers: readonly object[]) => ({ class_name: 'Sequential', config: { layers } });

test('models of a million layers', async () => {
  const layers = Array.from({ length: 1_000_000 }, () => relu);
  await expectRefused(
    () => modelFromJSON(chain(layers)),
    /its layers are used 1000001 times in all; at most 5000 are allowed/,
  );
  await expectRefused(
    () => modelFromJSON(JSON.stringify(chain(layers))),
    /characters are more than the 16777216 allowed/,
  );
});

test('models in models, each used twice by the next', async () => {
  const twice = (inner: object, depth: number): object => ({
    class_name: 'Functional',
    name: `m${depth}`,
    config: {
      name: `m${depth}`,
      layers: [
        { ...input, name: 'i', config: { batch_shape: [null, 2], name: 'i' }, inbound_nodes: [] },
        { ...inner, name: 'n', inbound_nodes: [[['i', 0, 0, {}]], [['n', 1, 0, {}]]] },
      ],
      input_layers: [['i', 0, 0]],
      output_layers: [['n', 2, 0]],
    },
  });
  const nested = (depth: number) =>
    Array.from({ length: depth }).reduce<object>((inner, _, i) => twice(inner, i), { ...relu });
  await expectRefused(() => modelFromJSON(nested(30)), /its layers are used \d{10} times in all/);
});

test('a graph that is listed backwards, in no time that grows with the square of its layers', async () => {
  const layers = Array.from({ length: 4000 }, (_, i) => ({
    ...relu,
    name: `a${i}`,
    config: { ...relu.config, name: `a${i}` },
    inbound_nodes: [[[i === 0 ? 'i' : `a${i - 1}`, 0, 0, {}]]],
  })).reverse();
  const first = { ...input, name: 'i', config: { ...input.config, name: 'i' }, inbound_nodes: [] };
  const begin = performance.now();
  const config = {
    name: 'm',
    layers: [...layers, first],
    input_layers: [['i', 0, 0]],
    output_layers: [['a3999', 0, 0]],
  };
  const model = modelFromJSON({ class_name: 'Functional', config });
  expect(performance.now() - begin).toBeLessThan(10_000);
  // and each layer is no call in the call of the one before
  expect(Array.from(await model.apply(tensor([[1, -2]])).data())).toEqual([1, 0]);
  expect(JSON.parse(model.toJSON()).config.layers).toHaveLength(4001);
});

const hostile = '{"__proto__": {"polluted": true}, "constructor": {"prototype": {"polluted": true}}}';
test.each<[string, string]>([
  [
    'options',
    `{"class_name": "Sequential", "config": {"layers": [{"class_name": "Dense", "config": {"units": 2, "__proto__": ${hostile}}}]}}`,
  ],
  [
    'a model',
    `{"class_name": "Sequential", "__proto__": ${hostile}, "config": {"layers": [], "__proto__": ${hostile}}}`,
  ],
  ['a class', '{"class_name": "Sequential", "config": {"layers": [{"class_name": "__proto__", "config": {}}]}}'],
  [
    'another class',
    '{"class_name": "Sequential", "config": {"layers": [{"class_name": "constructor", "config": {}}]}}',
  ],
  [
    'an initializer',
    `{"class_name": "Sequential", "config": {"layers": [{"class_name": "Dense", "config": {"units": 2, "kernel_initializer": {"class_name": "toString", "config": ${hostile}}}}]}}`,
  ],
  [
    'an activation',
    '{"class_name": "Sequential", "config": {"layers": [{"class_name": "Activation", "config": {"activation": "constructor"}}]}}',
  ],
  [
    'names',
    '{"class_name": "Sequential", "config": {"name": "__proto__", "layers": [{"class_name": "Activation", "config": {"activation": "relu", "name": "__proto__"}}]}}',
  ],
])('names that every object has change nothing: %s', async (_, text) => {
  try {
    modelFromJSON(text);
  } catch (error) {
    expect(error).toBeInstanceOf(FormatError);
  }
  expect(Reflect.get({}, 'polluted')).toBeUndefined();
  expect(Reflect.get(Object, 'polluted')).toBeUndefined();
});

/** A model.json of one Dense layer whose weights lie in these shards. */
function dense(paths: unknown): string {
  const layer = { class_name: 'Dense', config: { name: 'd', units: 2, use_bias: false, batch_input_shape: [null, 2] } };
  return JSON.stringify({
    modelTopology: chain([layer]),
    weightsManifest: [{ paths, weights: [{ name: 'd/kernel', shape: [2, 2], dtype: 'float32' }] }],
  });
}

const elsewhere = [
  '../w.bin',
  'a/../../w.bin',
  '/etc/passwd',
  'https://x.y/w.bin',
  '//x.y/w.bin',
  'file:///etc/passwd',
  '\\\\x\\w.bin',
  'c:\\w.bin',
];
const veiled = [
  '%2e%2e/w.bin',
  '.%2E/w.bin',
  '.\t./w.bin',
  '..\n/w.bin',
  'w.bin\u0000',
  'w.bin?x',
  'w.bin#x',
  './w.bin',
  'a//w.bin',
  '',
  '..',
  'a/',
  null,
  3,
  ['w.bin'],
];
test.each([...elsewhere, ...veiled].map((path) => [JSON.stringify(path), path]))(
  'shard %s is not asked for',
  async (_, path) => {
    mkdirSync(join(folder, 'm', 'a'), { recursive: true });
    for (const place of ['w.bin', 'm/w.bin', 'm/a/w.bin']) writeFileSync(join(folder, place), new Uint8Array(16));
    writeFileSync(join(folder, 'm/model.json'), dense([path]));
    await expectRefused(() => loadModel(join(folder, 'm/model.json')), /is no name of a file beside it/);
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(request.url!);
      response.end(request.url === '/m/model.json' ? dense([path]) : new Uint8Array(16));
    });
    await new Promise<void>((resolve) => server.listen(0, resolve));
    const address = server.address();
    try {
      const url = `http://localhost:${typeof address === 'object' ? address?.port : 0}/m/model.json`;
      await expectRefused(() => loadModel(url), /is no name of a file beside it/);
    } finally {
      server.close();
    }
    expect(asked).toEqual(['/m/model.json']);
  },
);

test('a shard that is named a million times', async () => {
  writeFileSync(join(folder, 'w.bin'), new Uint8Array(16));
  writeFileSync(join(folder, 'model.json'), dense(Array(1_000_000).fill('w.bin')));
  await expectRefused(() => loadModel(join(folder, 'model.json')), /has shard w\.bin twice/);
});

test('a name of a million parts', async () => {
  writeFileSync(join(folder, 'w.bin'), new Uint8Array(16));
  writeFileSync(join(folder, 'model.json'), dense(['w.bin']).replace('d/kernel', `${'a/'.repeat(1_000_000)}d/kernel`));
  expect((await loadModel(join(folder, 'model.json'))).countParams()).toBe(4);
});
