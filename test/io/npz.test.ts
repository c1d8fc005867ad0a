import { unzipSync, zipSync } from 'fflate';
import { expect, test } from 'vitest';
import { FormatError, ValueError } from '../../src/errors.ts';
import { decodeNpy, encodeNpy } from '../../src/io/npy.ts';
import { decodeNpz, encodeNpz } from '../../src/io/npz.ts';
import { openZip } from '../../src/io/zip.ts';
import { sizeOf } from '../../src/tensor/shape.ts';
import { damaged, expectReadOrRefused } from './damage.ts';
import { fixture, fixtureArrays } from './fixture.ts';

const values = [0, 1, -2, 3, 100, 7];

test.each([
  ['little_f2', Float32Array],
  ['big_f2', Float32Array],
  ['little_f4', Float32Array],
  ['big_f4', Float32Array],
  ['little_f8', Float64Array],
  ['big_f8', Float64Array],
  ['i1', Int32Array],
  ['little_i2', Int32Array],
  ['big_i4', Int32Array],
  ['little_i8', Float64Array],
  ['big_i8', Float64Array],
])('%s of numpy is read', async (name, type) => {
  const array = (await fixtureArrays('arrays.npz'))(name);
  expect(array).toEqual({ name, shape: [2, 3], data: type.from(values) });
});

test.each([
  ['u1', Uint8Array],
  ['u2', Int32Array],
  ['u4', Float64Array],
  ['u8', Float64Array],
])('%s of numpy is read', async (name, type) => {
  expect((await fixtureArrays('arrays.npz'))(name).data).toEqual(type.from(values.map(Math.abs)));
});

test('truths, scalars, nothing, and columns first', async () => {
  const array = await fixtureArrays('arrays.npz');
  expect(array('truth').data).toEqual(Uint8Array.of(0, 1, 0, 1, 1, 1));
  expect(array('scalar')).toEqual({ name: 'scalar', shape: [], data: Float64Array.of(2.5) });
  expect(array('empty')).toEqual({ name: 'empty', shape: [0, 3], data: new Float32Array(0) });
  expect(array('columns').data).toEqual(Float32Array.from({ length: 24 }, (_, i) => i));
});

test('compressed members are read', async () => {
  const [ramp] = await decodeNpz(fixture('deflated.npz'));
  expect(ramp?.data).toEqual(Int32Array.from({ length: 1000 }, (_, i) => i));
});

const arrays = [
  { name: 'a', shape: [2, 3], data: Float32Array.from(values) },
  { name: 'b/c', shape: [], data: Float64Array.of(0.1) },
  { name: 'd', shape: [2], data: Int32Array.of(-1, 2 ** 31 - 1) },
  { name: 'e', shape: [0], data: new Uint8Array(0) },
];

test('what is written is read again, and is the same bytes each time', async () => {
  const bytes = await encodeNpz(arrays);
  expect(await decodeNpz(bytes)).toEqual(arrays);
  expect(await encodeNpz(arrays)).toEqual(bytes);
});

test('the numbers begin at a multiple of 64 bytes', () => {
  for (const array of arrays) expect(encodeNpy(array).length - array.data.byteLength).toSatisfy((n) => n % 64 === 0);
});

test.each(['little_f4', 'little_f8', 'u1', 'scalar', 'empty'])('%s is written as numpy does', async (name) => {
  const zip = openZip(fixture('arrays.npz'), 'arrays.npz');
  const bytes = await zip.read(`${name}.npy`);
  expect(encodeNpy(decodeNpy(bytes))).toEqual(bytes);
});

test('two arrays of one name are refused', async () => {
  await expect(encodeNpz([arrays[0]!, arrays[0]!])).rejects.toThrow(ValueError);
});

/** An .npy file with this header. */
function npy(header: string, data = new Uint8Array(8)): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(10 + header.length + data.length);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, header.length & 255, header.length >> 8]);
  bytes.set(new TextEncoder().encode(header), 10);
  bytes.set(data, 10 + header.length);
  return bytes;
}

const says = (descr: string, shape: string) => `{'descr': '${descr}', 'fortran_order': False, 'shape': (${shape}), }`;
test.each([
  ['no array', new Uint8Array(20), /not an .npy file/],
  ['objects of Python', npy(says('|O', '1,')), /expected numbers, got \|O; what Python would have to run/],
  ['texts', npy(says('<U3', '1,')), /expected numbers, got <U3/],
  ['complex numbers', npy(says('<c8', '1,')), /expected numbers/],
  ['long doubles', npy(says('<f16', '1,')), /expected numbers/],
  ['floats of one byte', npy(says('<f1', '8,')), /numbers of 8 bits are not read/],
  ['a shape for more', npy(says('<f4', '3,')), /shape \(3\) of <f4 takes 12 bytes, got 8/],
  ['a shape for less', npy(says('<f4', '1,')), /takes 4 bytes, got 8/],
  ['a shape for more than there is', npy(says('<f4', '99999999999, 99999999999')), /is no shape/],
  ['no header', npy('{}'), /no header/],
])('an .npy file with %s is a FormatError', (_, bytes, message) => {
  expect(() => decodeNpy(bytes)).toThrow(FormatError);
  expect(() => decodeNpy(bytes)).toThrow(message);
});

test('damaged .npy files are read or refused, and nothing else', async () => {
  const good = encodeNpy(arrays[0]!);
  const read = await expectReadOrRefused(
    (i) => damaged(good, i),
    (bytes) => decodeNpy(bytes),
    ({ shape, data }) => expect(data.length).toBe(sizeOf(shape)),
  );
  expect(read).toBeGreaterThan(0);
});

test.each(['arrays.npz', 'deflated.npz'])('damaged copies of %s are read as they were, or refused', async (name) => {
  const good = fixture(name);
  const whole = await decodeNpz(good);
  // every byte of an array is under a check sum
  await expectReadOrRefused(
    (i) => damaged(good, i),
    (bytes) => decodeNpz(bytes),
    (found) => {
      const names = new Map(whole.map((array) => [array.name, array.data]));
      for (const array of found) if (names.has(array.name)) expect(array.data).toEqual(names.get(array.name));
    },
  );
});

test('damaged arrays with check sums that are right', async () => {
  const members = unzipSync(fixture('arrays.npz'));
  const names = Object.keys(members);
  const make = (i: number) => {
    const name = names[i % names.length]!;
    return zipSync({ ...members, [name]: damaged(new Uint8Array(members[name]!), i) }, { level: 0 });
  };
  const read = await expectReadOrRefused(
    make,
    (bytes) => decodeNpz(bytes),
    (found) => {
      for (const { shape, data } of found) if (data.length !== sizeOf(shape)) expect(data.length).toBe(sizeOf(shape));
    },
  );
  expect(read).toBeGreaterThan(10);
});

/** A zip file whose directory claims that its one member, of 1 KB, unpacks to `claimed` bytes. */
async function bomb(claimed: number): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(zipSync({ 'a.npy': new Uint8Array(2 ** 20) }, { level: 9 }));
  const view = new DataView(bytes.buffer);
  const directory = view.getUint32(bytes.length - 6, true);
  view.setUint32(directory + 24, claimed, true);
  return bytes;
}

test('a zip bomb is refused by the stated limit, whether its directory says so or not', async () => {
  expect(() => openZip(new Uint8Array(0), 'x')).toThrow(FormatError);
  const honest = await bomb(2 ** 30 + 1);
  expect(() => openZip(honest, 'x.zip')).toThrow(/x\.zip: unpacks to 1073741825 bytes; at most 1073741824 are allowed/);
  const lying = openZip(await bomb(1000), 'x.zip');
  await expect(lying.read('a.npy')).rejects.toThrow(FormatError);
});

test('a member that is missing or there twice is refused', async () => {
  await expect(openZip(await encodeNpz(arrays), 'x').read('config.json')).rejects.toThrow(
    /lacks config\.json; it has a/,
  );
  const bytes = await encodeNpz([arrays[0]!, { ...arrays[1]!, name: 'b' }]);
  // 'b' becomes 'a' in the directory
  const at = bytes.lastIndexOf(0x62);
  bytes[at] = 0x61;
  expect(() => openZip(bytes, 'x')).toThrow(/two members called a\.npy/);
});
