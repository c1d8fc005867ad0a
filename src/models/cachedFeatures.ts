// The frozen beginning of a model gives the same for an image in every epoch: that can be computed once, and the rest trained on it.
import { trace } from '../compile/trace.ts';
import { floatDType } from '../engine/runtime.ts';
import { withoutDrawing } from '../engine/seed.ts';
import { ValueError } from '../errors.ts';
import type { CallOptions, Layer } from '../layers/layer.ts';
import type { LayerNode } from '../layers/symbolic.ts';
import { Cleanup } from './cleanup.ts';
import { collect } from './collect.ts';
import { openFeed } from './feeds.ts';
import type { Model } from './model.ts';
import { listOf } from './residentFeed.ts';
import type { Source } from './source.ts';
import { arraySource } from './sources.ts';
import { predictStep, type StepModel } from './step.ts';

/** What stands for a length that is not known: enough for any window. */
const LENGTH = 256;

/** A model in two: what stays as it is, and what is trained on its results. */
export interface SplitModel {
  readonly front: StepModel;
  readonly rest: StepModel;
}

/**
 * The model cut where the first layer trains, changes something while it trains, or draws at random.
 *
 * @throws ValueError for a model that is no chain of layers, or whose first layer is of that kind
 */
export function splitFrozen(who: string, model: Model): SplitModel {
  const chain = chainOf(model);
  if (!chain) throw new ValueError(`${who}: cacheFeatures is for models whose layers stand one behind another`);
  const layers = chain.map(({ layer }) => layer);
  const first = chain.findIndex((use) => !isFixed(use));
  const cut = first < 0 ? layers.length : first;
  if (cut > 0) return { front: partOf(layers.slice(0, cut)), rest: partOf(layers.slice(cut)) };
  throw new ValueError(
    `${who}: cacheFeatures needs frozen layers at the beginning; ${layers[0]?.name} trains or draws at random`,
  );
}

/** The layers in use, if each takes what the one before it gave and nothing else; null otherwise. */
function chainOf({ graph }: Model): readonly LayerNode[] | null {
  if (graph?.inputs.length !== 1 || graph.outputs.length !== 1) return null;
  const uses = graph.nodes.filter(({ inputs }) => inputs.length > 0);
  const follows = uses.every(
    ({ inputs }, i) => inputs.length === 1 && inputs[0] === (uses[i - 1]?.outputs[0] ?? graph.inputs[0]),
  );
  return follows && uses.at(-1)?.outputs[0] === graph.outputs[0] ? uses : null;
}

/** Whether a layer gives the same for the same images all through training, and leaves everything as it is. */
function isFixed({ layer, inputs }: LayerNode): boolean {
  if (layer.trainableWeights.length > 0) return false;
  const shape = inputs[0]!.shape.map((length) => length ?? LENGTH);
  const { steps } = withoutDrawing(() =>
    trace((x) => layer.run([x!], { training: true }), [{ shape, dtype: floatDType() }]),
  );
  return steps.every(({ op }) => !op.mutates && op.kernel !== 'randomUniform');
}

function partOf(layers: readonly Layer[]): StepModel {
  return {
    run: (xs, options: CallOptions) => layers.reduce((values, layer) => layer.run(values, options), xs),
    trainableWeights: layers.flatMap(({ trainableWeights }) => trainableWeights),
  };
}

/** The samples as the front of the model gives them, computed now. They belong to `owned`. */
export async function withFeatures(owned: Cleanup, who: string, front: StepModel, source: Source): Promise<Source> {
  if (source.kind === 'streamed' || source.prepare)
    throw new ValueError(
      `${who}: cacheFeatures is for arrays: what is augmented or comes in batches is not the same in every epoch`,
    );
  const [images] = listOf(source.x);
  const whole = arraySource({ x: images!, y: null, sampleWeight: null }, [0, images!.shape[0]!], source.batchSize);
  const meanwhile = new Cleanup();
  try {
    const feed = await openFeed(
      meanwhile,
      whole,
      () => ({ xs: [], ys: [], weights: [] }),
      ({ xs }) => predictStep(front, xs),
    );
    const [features] = await collect(who, feed);
    return { ...source, x: owned.hold(features!) };
  } finally {
    meanwhile.dispose();
  }
}
