import { FormatError, ShapeError } from '../errors.ts';
import { refuseUnknown, requireTensors, wholeNumber } from '../tensor/options.ts';
import { formatShape } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { usePublished } from './published.ts';

const CLASS_INDEX = {
  url: 'https://storage.googleapis.com/download.tensorflow.org/data/imagenet_class_index.json',
  md5: 'c2c37ea517e94d9795004a39431a14cb',
};

/** A class of imagenet: its WordNet id, its name, and what the model gives for it. */
export type Prediction = readonly [id: string, label: string, score: number];

/** The classes that each row of predictions [n, 1000] gives most for, best first. The names are downloaded once and kept. */
export async function decodePredictions(predictions: Tensor, options: { top?: number } = {}): Promise<Prediction[][]> {
  requireTensors('decodePredictions', { predictions });
  refuseUnknown('decodePredictions', options, ['top']);
  const top = wholeNumber('decodePredictions', 'top', options.top ?? 5, 1);
  const [rows, classes] = predictions.shape;
  if (predictions.rank !== 2 || classes !== 1000)
    throw new ShapeError(`decodePredictions: needs predictions [n, 1000], got ${formatShape(predictions.shape)}`);
  const names = await usePublished(
    'decodePredictions',
    CLASS_INDEX,
    'Names of classes need a network once.',
    parseNames,
  );
  const scores = await predictions.data();
  return Array.from({ length: rows! }, (_, row) =>
    bestOf(scores.subarray(row * classes, (row + 1) * classes), names, top),
  );
}

type ClassName = readonly [id: string, label: string];

/** The highest scores with the names of their classes; of equal ones the first class comes first. */
export function bestOf(scores: ArrayLike<number>, names: readonly ClassName[], top: number): Prediction[] {
  const best = Array.from(names.keys()).sort((a, b) => scores[b]! - scores[a]! || a - b);
  return best.slice(0, top).map((i) => [...names[i]!, scores[i]!]);
}

/** The file is {"0": ["n01440764", "tench"], ...}. */
export function parseNames(bytes: Uint8Array): ClassName[] {
  const found = parsed(bytes);
  return Array.from({ length: 1000 }, (_, i) => {
    const entry: unknown = typeof found === 'object' && found !== null ? Reflect.get(found, String(i)) : undefined;
    const [id, label]: unknown[] = Array.isArray(entry) ? entry : [];
    if (typeof id === 'string' && typeof label === 'string') return [id, label] as const;
    throw new FormatError(`${CLASS_INDEX.url}: has no class ${i}`);
  });
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw new FormatError(`${CLASS_INDEX.url}: is no JSON`, { cause });
  }
}
