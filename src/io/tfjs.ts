// The layers-model of TensorFlow.js: model.json with the configuration in the words of Keras 2, and shards with the weights one after
// another, which may be kept in 8 or 16 bits.

import { FormatError, ValueError } from '../errors.ts';
import type { Layer, Weight } from '../layers/layer.ts';
import type { Assignment, LoadedModel } from '../models/files.ts';
import type { Model } from '../models/model.ts';
import { Network } from '../models/network.ts';
import { modelToConfig } from '../models/toConfig.ts';
import { version } from '../version.ts';
import type { NamedArray } from './arrays.ts';
import { ofTfjs } from './kerasTwo.ts';
import { checkedSize, isObject, parseObject } from './limits.ts';
import { decodeNumbers, little, type NumberType } from './numbers.ts';
import { requireTfjs } from './tfjsLimits.ts';
import { byEnding, valuesOf } from './weights.ts';

type Json = Readonly<Record<string, unknown>>;

/** The name of model.json among its files. */
export const TFJS_MODEL = 'model.json';

/** Bytes of a shard: browsers keep files of that size in their cache. */
const SHARD = 4 * 2 ** 20;

const types: Readonly<Record<string, NumberType>> = {
  float32: little('float', 4),
  float16: little('float', 2),
  int32: little('int', 4),
  uint16: little('uint', 2),
  uint8: little('uint', 1),
  bool: little('uint', 1),
};

/** The bytes of a shard by its name in the manifest. */
export type ReadShard = (path: string) => Promise<Uint8Array>;

/** What a model.json and its shards say. How the model was compiled is left out, as tfjs does: there is no optimizer in these files. */
export async function decodeTfjs(text: string, readShard: ReadShard, file: string): Promise<LoadedModel> {
  const json = parseObject(text, file);
  if (json.format === 'graph-model')
    throw new FormatError(`${file}: is a graph-model, which has lost its layers; convert it as a layers-model`);
  const { modelTopology: topology, weightsManifest: manifest } = json;
  const config = isObject(topology) && isObject(topology.model_config) ? topology.model_config : topology;
  if (!isObject(config) || !Array.isArray(manifest))
    throw new FormatError(`${file}: holds no model, which has modelTopology and weightsManifest`);
  const arrays: NamedArray[] = [];
  const seen = new Set<string>();
  const read = (given: unknown) => {
    const path = shardName(given, file);
    // a name that stands there a million times would be that much memory
    if (seen.has(path)) throw new FormatError(`${file}: has shard ${path} twice`);
    seen.add(path);
    return readShard(path);
  };
  for (const group of manifest) arrays.push(...(await readGroup(group, read, file)));
  return { config, keras: 2, compile: null, weights: (model) => byName(model, arrays, file), optimizer: [] };
}

async function readGroup(
  group: unknown,
  read: (path: unknown) => Promise<Uint8Array>,
  file: string,
): Promise<NamedArray[]> {
  const { paths, weights } = isObject(group) ? group : {};
  if (!Array.isArray(paths) || !Array.isArray(weights))
    throw new FormatError(`${file}: each of its weightsManifest needs paths and weights`);
  const shards: Uint8Array[] = [];
  for (const path of paths) shards.push(await read(path));
  const bytes = joined(shards);
  let at = 0;
  const arrays = weights.map((entry: unknown) => {
    const { array, end } = readWeight(entry, bytes, at, file);
    at = end;
    return array;
  });
  if (at !== bytes.length)
    throw new FormatError(`${file}: its weights take ${at} bytes, ${paths.join(', ')} have ${bytes.length}`);
  return arrays;
}

/**
 * Files beside model.json: whoever wrote it has no say in what else is read. Addresses know `%2e` for a dot and leave out tabs, so neither
 * may be in a name.
 */
function shardName(path: unknown, file: string): string {
  const isPlain = typeof path === 'string' && !/[\\:?#%\p{Cc}]|(?:^|\/)\.{0,2}(?:\/|$)/u.test(path);
  if (isPlain) return path;
  throw new FormatError(`${file}: ${JSON.stringify(path)} is no name of a file beside it`);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function readWeight(entry: unknown, bytes: Uint8Array, at: number, file: string): { array: NamedArray; end: number } {
  const { name, shape, dtype, quantization } = isObject(entry) ? entry : {};
  if (typeof name !== 'string' || !Array.isArray(shape))
    throw new FormatError(`${file}: a weight of its manifest needs a name and a shape`);
  const where = `${file}: ${name}`;
  const kept = isObject(quantization) ? quantization : { dtype };
  const type = typeof kept.dtype === 'string' && Object.hasOwn(types, kept.dtype) ? types[kept.dtype]! : null;
  if (!type || (dtype !== undefined && !(typeof dtype === 'string' && Object.hasOwn(types, dtype))))
    throw new FormatError(
      `${where}: ${JSON.stringify(kept.dtype ?? dtype)} is none of ${Object.keys(types).join(', ')}`,
    );
  const size = checkedSize(where, shape);
  const end = at + size * type.bytes;
  if (end > bytes.length)
    throw new FormatError(`${where}: needs ${size * type.bytes} bytes from ${at} on, its shards have ${bytes.length}`);
  const data = decodeNumbers(bytes.subarray(at, end), size, type, where);
  return { array: { name, shape, data: isObject(quantization) ? dequantized(data, quantization, where) : data }, end };
}

/** q scale + min, in float32 as tfjs does; floats of 16 bits are what they are. */
function dequantized(data: NamedArray['data'], { dtype, scale, min }: Json, where: string): NamedArray['data'] {
  if (dtype === 'float16') return data;
  if (dtype !== 'uint8' && dtype !== 'uint16')
    throw new FormatError(
      `${where}: weights are quantized as uint8, uint16 or float16, not as ${JSON.stringify(dtype)}`,
    );
  if (!isNumber(scale) || !isNumber(min)) throw new FormatError(`${where}: scale and min must be finite numbers`);
  return Float32Array.from(data, (q) => q * scale + min);
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

/** Keras 2 and tfjs call the kernel of a DepthwiseConv2D otherwise. */
function nameOf(layer: Layer, { name }: Weight): string {
  return layer.className === 'DepthwiseConv2D' ? name.replace(/\/kernel$/, '/depthwise_kernel') : name;
}

/** The weights with their names there, layer by layer, those inside nested models too. */
function namesIn(model: Network, found = new Map<Weight, string>()): Map<Weight, string> {
  for (const layer of model.layers) {
    if (layer instanceof Network) namesIn(layer, found);
    else for (const weight of layer.weights) found.set(weight, nameOf(layer, weight));
  }
  return found;
}

/** Each weight by its name: that of its layer and its own. */
function byName(model: Model, arrays: readonly NamedArray[], file: string): Assignment[] {
  const find = byEnding(arrays);
  const found = [...namesIn(model)].map(([weight, name]) => {
    const value = find(name) ?? find(weight.name);
    if (value) return { weight, value, source: value.name };
    throw new FormatError(`${file}: has no weight ${name}; build the same layers as when it was saved`);
  });
  const used = new Set(found.map(({ value }) => value));
  const strange = arrays.find((array) => !used.has(array));
  if (strange || used.size < found.length)
    throw new FormatError(
      `${file}: ${strange?.name ?? 'one of its weights'} belongs to no layer of ${model.name}, or to two; build the same layers as when it was saved`,
    );
  return found;
}

/** model.json and its shards. A ValueError names what tfjs does not have, or has otherwise. */
export async function encodeTfjs(model: Model): Promise<Map<string, Uint8Array>> {
  requireTfjs(model);
  const values = await valuesOf(model);
  const arrays = [...namesIn(model)].map(([weight, name]) => ({ ...values.get(weight)!, name }));
  const twice = arrays.find(({ name }, i) => arrays.findIndex((other) => other.name === name) < i);
  if (twice) throw new ValueError(`tfjs: two weights are called ${twice.name}; give the layers names of their own`);
  const all = joined(arrays.map(({ data }) => bytesOf(Float32Array.from(data))));
  const count = Math.max(1, Math.ceil(all.length / SHARD));
  const paths = Array.from({ length: count }, (_, i) => `group1-shard${i + 1}of${count}.bin`);
  const json = {
    format: 'layers-model',
    generatedBy: `wgslgrad ${version}`,
    convertedBy: null,
    modelTopology: { keras_version: '2.15.0', backend: 'tensorflow', model_config: modelToConfig(model, ofTfjs) },
    weightsManifest: [{ paths, weights: arrays.map(({ name, shape }) => ({ name, shape, dtype: 'float32' })) }],
  };
  const files = new Map<string, Uint8Array>();
  paths.forEach((path, i) => {
    files.set(path, all.subarray(i * SHARD, (i + 1) * SHARD));
  });
  // last, so that whoever finds it finds the others
  return files.set(TFJS_MODEL, new TextEncoder().encode(JSON.stringify(json)));
}

const bytesOf = (data: Float32Array) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
