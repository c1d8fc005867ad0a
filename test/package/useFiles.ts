// Files as bytes, with and without the packages that write some of them.
import { close, Dense, init, loadModel, Sequential } from 'wgslgrad';
import { encodeModel, encodeWeights, modelFromJSON } from 'wgslgrad/io';

export interface FilesOutcome {
  /** Names of the layers of a .keras file. */
  readonly layers: readonly string[];
  /** Whether weights came back as they were. */
  readonly same: boolean;
  /** Of a model.json with its shards. */
  readonly files: readonly string[];
  /** What a format says whose package is not installed. */
  readonly refusal: string;
}

/** `keras`: a .keras file in hexadecimal digits. */
export async function useFiles(keras: string): Promise<FilesOutcome> {
  await init({ backend: 'cpu' });
  const loaded = await loadModel(Uint8Array.from(keras.match(/../g) ?? [], (digits) => Number.parseInt(digits, 16)));
  const model = new Sequential([Dense(2, { inputShape: [3] })]);
  const other = modelFromJSON(model.toJSON());
  for (const bytes of (await encodeWeights(model, 'w.safetensors')).values()) await other.loadWeights(bytes);
  const [a, b] = await Promise.all([model, other].map((one) => one.getWeights()[0]?.array()));
  const outcome = {
    layers: loaded.layers.map(({ name }) => name),
    same: JSON.stringify(a) === JSON.stringify(b),
    files: [...(await encodeModel(model, 'model.json')).keys()],
    refusal: await messageOf(() => encodeModel(model, 'model.keras')),
  };
  await close();
  return outcome;
}

async function messageOf(call: () => Promise<unknown>): Promise<string> {
  try {
    await call();
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  }
  return 'none';
}
