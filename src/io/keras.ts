// The .keras file: a zip of metadata.json, config.json and model.weights.h5.

import { FormatError } from '../errors.ts';
import type { LoadedModel } from '../models/files.ts';
import type { Model } from '../models/model.ts';
import { modelToConfig } from '../models/toConfig.ts';
import { compileConfig } from './compileConfig.ts';
import { readHdf5 } from './hdf5/read.ts';
import { writeHdf5 } from './hdf5/write.ts';
import { kerasJson } from './kerasJson.ts';
import { KERAS_VERSION } from './legacyH5.ts';
import { decodeText, isObject, parseObject } from './limits.ts';
import { optimizerState } from './optimizerState.ts';
import { valuesOf } from './weights.ts';
import { arraysAt, weightsIn, weightsTree } from './weightsH5.ts';
import { openZip, writeZip } from './zip.ts';

const CONFIG = 'config.json';
const WEIGHTS = 'model.weights.h5';

/** A model with its weights, and how it is trained if it was compiled. Needs npm packages h5wasm and fflate. */
export async function encodeKeras(model: Model): Promise<Uint8Array<ArrayBuffer>> {
  const { currentObjective: objective } = model;
  const config = { ...modelToConfig(model), ...(objective && { compile_config: await compileConfig(objective) }) };
  const metadata = { keras_version: KERAS_VERSION, date_saved: now() };
  return writeZip(
    new Map([
      ['metadata.json', json(metadata)],
      [CONFIG, json(config)],
      [WEIGHTS, await encodeWeightsH5(model)],
    ]),
  );
}

/** The weights file, with the state of the optimizer if there is one. Needs npm package h5wasm. */
export async function encodeWeightsH5(model: Model): Promise<Uint8Array<ArrayBuffer>> {
  const { optimizer } = model.currentObjective ?? {};
  const state = optimizer ? await optimizerState(optimizer) : [];
  const kept = optimizer && state.length > 0 ? { name: optimizer.name, state } : null;
  return writeHdf5(weightsTree(model, await valuesOf(model), kept));
}

/** What a .keras file says. */
export async function decodeKeras(bytes: Uint8Array<ArrayBuffer>, file: string): Promise<LoadedModel> {
  const zip = openZip(bytes, file);
  const config = parseObject(decodeText(await zip.read(CONFIG), `${file}: ${CONFIG}`), `${file}: ${CONFIG}`);
  if (!zip.names.includes(WEIGHTS) && zip.names.includes('model.weights.npz'))
    throw new FormatError(
      `${file}: keeps its weights as pickled Python objects (.npz), which are not read; save it as h5`,
    );
  const where = `${file}: ${WEIGHTS}`;
  const tree = await readHdf5(await zip.read(WEIGHTS), where);
  return {
    config,
    keras: 3,
    compile: isObject(config.compile_config) ? config.compile_config : null,
    weights: (model) => weightsIn(tree, model, where),
    optimizer: arraysAt(tree, 'optimizer/vars'),
  };
}

const json = (value: unknown) => new TextEncoder().encode(kerasJson(value));

function now(): string {
  return new Date().toISOString().slice(0, 19).replace('T', '@');
}
