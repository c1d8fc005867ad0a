import { expect, test } from 'vitest';
import { FormatError } from '../../src/errors.ts';
import { readHdf5 } from '../../src/io/hdf5/read.ts';
import {
  datasetAt,
  findGroup,
  groupAt,
  type Hdf5Group,
  makeGroup,
  setText,
  setTexts,
  textOf,
  textsOf,
} from '../../src/io/hdf5/tree.ts';
import { writeHdf5 } from '../../src/io/hdf5/write.ts';
import { sizeOf } from '../../src/tensor/shape.ts';
import { damaged, expectReadOrRefused } from './damage.ts';
import { fixture } from './fixture.ts';

const values = [0, 1, -2, 3, 100, 7];
const ramp = (count: number) => Array.from({ length: count }, (_, i) => i);

async function types(): Promise<Hdf5Group> {
  return readHdf5(fixture('types.h5'), 'types.h5');
}

test.each([
  ['f2', Float32Array],
  ['f4', Float32Array],
  ['f8', Float64Array],
  ['i1', Int32Array],
  ['i2', Int32Array],
  ['i4', Int32Array],
  ['i8', Float64Array],
])('numbers of type %s, either end first', async (name, type) => {
  const expected = { shape: [2, 3], data: type.from(values) };
  expect(datasetAt(await types(), `little/${name}`, 'types.h5')).toEqual(expected);
  expect(datasetAt(await types(), `big/${name}`, 'types.h5')).toEqual(expected);
});

test.each([
  ['u1', Uint8Array],
  ['u2', Int32Array],
  ['u4', Float64Array],
  ['u8', Float64Array],
])('numbers of type %s', async (name, type) => {
  const expected = { shape: [2, 3], data: type.from(values.map(Math.abs)) };
  expect(datasetAt(await types(), `little/${name}`, 'types.h5')).toEqual(expected);
});

test('scalars and arrays of nothing', async () => {
  const { datasets } = await types();
  expect(datasets.get('scalar')).toEqual({ shape: [], data: Float32Array.of(1.5) });
  expect(datasets.get('empty')).toEqual({ shape: [0, 3], data: new Float32Array(0) });
});

test.each(['plain', 'deflated', 'checked'])('data in %s chunks', async (name) => {
  const expected = { shape: [35, 9], data: Float32Array.from(ramp(315)) };
  expect(datasetAt(await types(), `chunks/${name}`, 'types.h5')).toEqual(expected);
});

test('data in chunks of three axes', async () => {
  expect(datasetAt(await types(), 'chunks/cube', 'types.h5')).toEqual({
    shape: [3, 4, 5],
    data: Int32Array.from(ramp(60)),
  });
});

test('attributes', async () => {
  const group = (await types()).groups.get('attributes')!;
  expect(textOf(group, 'text')).toBe('größe');
  expect(textOf(group, 'long')).toBe('x'.repeat(70_000));
  expect(textOf(group, 'bytes')).toBe('fixed');
  expect(textsOf(group, 'texts', '')).toEqual(['one', '', 'three']);
  expect(textsOf(group, 'fixed', '')).toEqual(['one', '', 'three']);
  expect(textsOf(group, 'none', '')).toEqual([]);
  expect(group.attributes.get('number')).toEqual({ shape: [], data: Float64Array.of(3) });
  expect(group.attributes.get('nothing')).toEqual({ shape: [0], data: new Float32Array(0) });
  // an enumeration: no model needs it
  expect(group.attributes.has('truth')).toBe(false);
});

test('a group of so many names that its tree has branches', async () => {
  const many = (await types()).groups.get('many')!;
  expect([...many.datasets].map(([name, { data }]) => `${name} ${data[0]}`).sort()).toEqual(
    ramp(160)
      .map((i) => `name ${i} ${i % 100}`)
      .sort(),
  );
});

function tree(): Hdf5Group {
  const root = makeGroup();
  setText(root, 'config', `{"größe": "${'x'.repeat(100_000)}"}`);
  root.datasets.set('top', { shape: [2, 3], data: Float32Array.from(values) });
  const layer = groupAt(root, 'layers/conv2d/vars');
  setText(layer, 'name', 'conv2d');
  layer.datasets.set('0', { shape: [3], data: Int32Array.of(-1, 0, 2 ** 31 - 1) });
  layer.datasets.set('1', { shape: [], data: Float64Array.of(0.1) });
  layer.datasets.set('2', { shape: [0, 4], data: new Float32Array(0) });
  layer.datasets.set('3', { shape: [2], data: Uint8Array.of(0, 255) });
  setTexts(groupAt(root, 'lists'), 'weight_names', ['a', 'größe', '']);
  setTexts(groupAt(root, 'lists'), 'none', []);
  for (const i of ramp(200)) groupAt(root, `many/layer ${i}`);
  return root;
}

test('what is written is read again', async () => {
  expect(await readHdf5(await writeHdf5(tree()), 'x.h5')).toEqual(tree());
});

test('a list too long for one attribute is split, as Keras does', async () => {
  const names = ramp(2000).map((i) => `layer_with_a_rather_long_name_${i}/kernel`);
  const group = makeGroup();
  setTexts(group, 'names', names);
  expect([...group.attributes.keys()]).toEqual(['names0', 'names1']);
  const found = await readHdf5(await writeHdf5(group), 'x.h5');
  expect(textsOf(found, 'names', 'x.h5')).toEqual(names);
});

test('an earlier file does not show through in a later one', async () => {
  const first = await writeHdf5(tree());
  const second = await writeHdf5(makeGroup());
  expect(second.length).toBeLessThan(first.length / 4);
  expect(await readHdf5(second, 'x.h5')).toEqual(makeGroup());
});

test('paths that lead nowhere', () => {
  expect(findGroup(tree(), 'layers/dense')).toBe(null);
  expect(() => datasetAt(tree(), 'layers/conv2d/vars/9', 'x.h5')).toThrow(
    'x.h5: there is no dataset layers/conv2d/vars/9',
  );
  expect(() => textsOf(tree(), 'layer_names', 'x.h5')).toThrow('x.h5: there is no attribute layer_names');
});

/** The fixture with bytes from there on replaced. */
function patched(at: number, ...bytes: number[]): Uint8Array<ArrayBuffer> {
  const good = fixture('types.h5');
  good.set(bytes, at);
  return good;
}

test.each([
  ['nothing', new Uint8Array(0), /the superblock of 24 bytes runs past the end/],
  ['another format', new Uint8Array(100), /at byte 0: not an HDF5 file/],
  ['half of it', fixture('types.h5').slice(0, 50_000), /the file has 50000 bytes of \d+: it was cut off/],
  ['a newer superblock', patched(8, 3), /superblock 3 is newer than what Keras writes; write the file again by h5py/],
  ['addresses of 4 bytes', patched(13, 4), /expected 8, got 4/],
  ['a root that is nowhere', patched(64, 255, 255, 255, 255, 255, 255, 255, 255), /an address is missing/],
  ['a root outside', patched(64, 0, 0, 0, 0, 0, 1), /there is no byte 1099511627776 in the file/],
  ['a root that is its own table', patched(64, 0), /is no object of the format/],
])('%s is a FormatError', async (_, bytes, message) => {
  await expect(readHdf5(bytes, 'x.h5')).rejects.toThrow(FormatError);
  await expect(readHdf5(bytes, 'x.h5')).rejects.toThrow(message);
});

/** Refuses whatever has a shape that its data does not. */
function expectWhole(group: Hdf5Group): void {
  for (const { shape, data } of [...group.attributes.values(), ...group.datasets.values()]) {
    // a call of expect for each would take longer than all the reading
    if (data.length !== sizeOf(shape)) expect(data.length).toBe(sizeOf(shape));
  }
  for (const inner of group.groups.values()) expectWhole(inner);
}

test.each([
  ['chain.h5', 2100],
  ['chain.weights.h5', 2100],
  // chunks take longest to unpack
  ['types.h5', 350],
])('damaged copies of %s are read or refused, and nothing else', async (name, count) => {
  const good = fixture(name);
  const make = (i: number) => damaged(good, i);
  const read = await expectReadOrRefused(make, (bytes) => readHdf5(bytes, name), expectWhole, count);
  expect(read).toBeGreaterThan(0);
});

test('a group that holds itself, at whatever depth, is refused and not followed', async () => {
  const good = await writeHdf5(tree());
  const view = new DataView(good.buffer);
  const root = view.getBigUint64(64, true);
  const texts = new TextDecoder('latin1').decode(good);
  let refused = 0;
  // each entry of a table: the place of its object becomes that of the root
  for (let at = texts.indexOf('SNOD'); at >= 0; at = texts.indexOf('SNOD', at + 1)) {
    const bytes = good.slice();
    new DataView(bytes.buffer).setBigUint64(at + 8 + 8, root, true);
    await expect(readHdf5(bytes, 'x.h5')).rejects.toThrow(
      /lies where something else does|lies more than 64 groups deep/,
    );
    refused++;
  }
  expect(refused).toBeGreaterThan(20);
});

/** Places of a signature. */
function placesOf(bytes: Uint8Array, signature: string): number[] {
  const text = new TextDecoder('latin1').decode(bytes);
  return [...text.matchAll(new RegExp(signature, 'g'))].map(({ index }) => index);
}

test('names that lead to one object twice do not double the work at each level', async () => {
  const root = makeGroup();
  // a/a/a/..., with an empty b beside each
  for (let depth = 1; depth <= 40; depth++) {
    groupAt(root, 'a/'.repeat(depth));
    groupAt(root, `${'a/'.repeat(depth - 1)}b`);
  }
  const bytes = await writeHdf5(root);
  const view = new DataView(bytes.buffer);
  for (const at of placesOf(bytes, 'SNOD')) {
    if (view.getUint16(at + 6, true) === 2)
      view.setBigUint64(at + 8 + 40 + 8, view.getBigUint64(at + 8 + 8, true), true);
  }
  await expect(readHdf5(bytes, 'x.h5')).rejects.toThrow(/lies where something else does/);
});

test('chunks that are missing are not taken for zeros', async () => {
  const good = fixture('types.h5');
  let tried = 0;
  for (const at of placesOf(good, 'TREE')) {
    const isOfChunks = good[at + 4] === 1;
    if (!isOfChunks) continue;
    const bytes = good.slice();
    bytes[at + 6]! -= 1;
    await expect(readHdf5(bytes, 'x.h5')).rejects.toThrow(/has \d+ chunks of \d+/);
    tried++;
  }
  expect(tried).toBe(4);
});
