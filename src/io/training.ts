// A run of `fit` as a file: weights, optimizer, and where the run is. What is loaded goes on as if nothing had happened.
import { FormatError, ValueError } from '../errors.ts';
import type { Model } from '../models/model.ts';
import type { TrainingRun } from '../models/trainingRun.ts';
import type { NamedArray } from './arrays.ts';
import { decodeSafetensors, encodeSafetensors } from './safetensors.ts';
import { assign, byNameOrOrder, weightArrays } from './weights.ts';

const WEIGHT = 'weight/';
const OPTIMIZER = 'optimizer/';
const STREAM = 'stream/';
const TALLY = 'tally';

/** The file of a run under way. */
export async function encodeTraining(model: Model): Promise<Uint8Array<ArrayBuffer>> {
  const { key, epoch, step, steps, samples, tally } = runOf(model);
  const run = JSON.stringify({ key, epoch, step, steps, samples, tally: tally?.names });
  const metadata = { format: 'wgslgrad training', run };
  const sums = await tally?.save();
  const all = [weightArrays(model), optimizerArrays(model), streamArrays(model)] as const;
  const [weights, optimizer, streams] = await Promise.all(all);
  const prefixed = (prefix: string, arrays: NamedArray[]) =>
    arrays.map((array) => ({ ...array, name: prefix + array.name }));
  return encodeSafetensors(
    [
      ...prefixed(WEIGHT, weights),
      ...prefixed(OPTIMIZER, optimizer),
      ...prefixed(STREAM, streams),
      ...(sums ? [{ name: TALLY, shape: [sums.length], data: sums }] : []),
    ],
    metadata,
  );
}

/** Puts a run back where the file says it was. */
export function restoreTraining(model: Model, bytes: Uint8Array, file: string): void {
  const run = runOf(model);
  const { arrays, metadata } = decodeSafetensors(bytes, file);
  const { tally, ...saved } = parseRun(metadata.run, file);
  const under = (prefix: string) =>
    arrays
      .filter(({ name }) => name.startsWith(prefix))
      .map((array) => ({ ...array, name: array.name.slice(prefix.length) }));
  const streams = under(STREAM);
  if (streams.length !== model.streams.length)
    throw new FormatError(
      `${file}: knows ${streams.length} layers with a seed, ${model.name} has ${model.streams.length}; build the same layers as when it was saved`,
    );
  assign(byNameOrOrder(model, under(WEIGHT), file), file);
  model.optimizer.setWeights(under(OPTIMIZER).map(({ data }) => data));
  model.streams.forEach((stream, i) => {
    stream.position().assign(Int32Array.from(streams[i]!.data));
  });
  Object.assign(run, saved, { resumed: true });
  const sums = arrays.find(({ name }) => name === TALLY);
  // other metrics than before: those of this epoch begin with what is left of it
  if (sums && run.tally && String(tally) === String(run.tally.names)) run.tally.restore(sums.data);
  else run.samples = 0;
}

async function optimizerArrays({ optimizer }: Model): Promise<NamedArray[]> {
  // numbered: names of slots need not differ
  const read = optimizer.variables.map(async ({ name, value }, i) => {
    return { name: `${i}/${name}`, shape: value.shape, data: await value.data() };
  });
  return Promise.all(read);
}

/** How far the streams of seeded layers have been drawn. */
function streamArrays({ streams }: Model): Promise<NamedArray[]> {
  return Promise.all(
    streams.map(async (stream, i) => ({ name: `${i}`, shape: [1], data: await stream.position().data() })),
  );
}

function runOf(model: Model): TrainingRun {
  if (model.training) return model.training;
  throw new ValueError(`${model.name}: is not being trained; a run can be saved and resumed by a callback of fit only`);
}

type SavedRun = Pick<TrainingRun, 'key' | 'epoch' | 'step' | 'steps' | 'samples'> & { readonly tally: unknown };

function parseRun(text: string | undefined, file: string): SavedRun {
  let found: unknown;
  try {
    found = JSON.parse(text ?? '');
  } catch (cause) {
    throw new FormatError(`${file}: says nothing of a run of fit`, { cause });
  }
  const { key, epoch, step, steps, samples, tally } = (found ?? {}) as Record<string, unknown>;
  const [a, b] = Array.isArray(key) ? key : [];
  if (isCount(a) && isCount(b) && isCount(epoch) && isCount(step) && isCount(steps) && isCount(samples))
    return { key: [a, b], epoch, step, steps, samples, tally };
  throw new FormatError(`${file}: what it says of the run is damaged: ${text}`);
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
