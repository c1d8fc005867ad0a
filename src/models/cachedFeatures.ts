// The frozen beginning of a model gives the same for an image in every epoch: that can be computed once, and the rest trained on it.
import { trace } from '../compile/trace.ts';
import { floatDType } from '../engine/runtime.ts';
import { withoutDrawing } from '../engine/seed.ts';
import { Variable } from '../engine/variable.ts';
import { versionOf } from '../engine/versions.ts';
import { ValueError } from '../errors.ts';
import type { CallOptions } from '../layers/layer.ts';
import type { LayerNode } from '../layers/symbolic.ts';
import type { Tensor } from '../tensor/tensor.ts';
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
  readonly front: Front;
  readonly rest: StepModel;
}

export interface Front extends StepModel {
  /** What its results depend on beside the images: weights, and what functions of the user read. */
  readonly reads: readonly Tensor[];
}

/**
 * The model cut where the first layer trains, changes something while it trains, draws at random, or adds to the loss.
 *
 * @throws ValueError for a model that is no chain of layers, or whose first layer is of that kind
 */
export function splitFrozen(who: string, model: Model): SplitModel {
  const chain = chainOf(model);
  if (!chain) throw new ValueError(`${who}: cacheFeatures is for models whose layers stand one behind another`);
  const reads: Tensor[] = [];
  const first = chain.findIndex((use) => {
    const found = readsOfFixed(use);
    reads.push(...(found ?? []));
    return !found;
  });
  const cut = first < 0 ? chain.length : first;
  if (cut > 0) return { front: { ...partOf(chain.slice(0, cut)), reads }, rest: partOf(chain.slice(cut)) };
  throw new ValueError(
    `${who}: cacheFeatures needs frozen layers at the beginning; ${chain[0]?.layer.name} trains, draws at random or adds to the loss`,
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

/** What a layer reads that gives the same for the same images all through training and leaves everything as it is; null for another. */
function readsOfFixed({ layer, inputs, options }: LayerNode): readonly Tensor[] | null {
  if (layer.trainableWeights.length > 0) return null;
  const shape = inputs[0]!.shape.map((length) => length ?? LENGTH);
  let adds = false;
  const addLoss = () => {
    adds = true;
  };
  const { steps, externals, owned } = withoutDrawing(() =>
    trace((x) => layer.run([x!], { training: true, ...options, addLoss }), [{ shape, dtype: floatDType() }]),
  );
  for (const tensor of owned) tensor.dispose();
  const isFixed = !adds && steps.every(({ op }) => !op.mutates && op.kernel !== 'randomUniform');
  return isFixed ? [...externals.values()].filter(({ isDisposed }) => !isDisposed) : null;
}

function partOf(uses: readonly LayerNode[]): StepModel {
  return {
    run: (xs, given: CallOptions) =>
      uses.reduce((values, { layer, options }) => layer.run(values, { ...given, ...options }), xs),
    trainableWeights: uses.flatMap(({ layer }) => layer.trainableWeights),
  };
}

/** What the front of a model gives for the samples of a run of `fit`. */
export class CachedFeatures {
  private readonly owned: Cleanup;
  private readonly front: Front;
  private readonly kept: { readonly images: Tensor; readonly features: Variable; readonly batchSize: number }[] = [];
  private seen: readonly unknown[];

  /** What is computed belongs to `owned`. */
  constructor(owned: Cleanup, front: Front) {
    this.owned = owned;
    this.front = front;
    this.seen = this.now();
  }

  /** The samples as the front gives them. */
  async of(who: string, source: Source): Promise<Source> {
    if (source.kind === 'streamed' || source.prepare)
      throw new ValueError(
        `${who}: cacheFeatures is for arrays: what is augmented or comes in batches is not the same in every epoch`,
      );
    const images = listOf(source.x)[0]!;
    const known = this.kept.find((one) => one.images === images);
    if (known) return { ...source, x: known.features };
    const computed = await this.compute(images, source.batchSize);
    const features = this.owned.hold(new Variable(computed, { name: 'features', trainable: false }));
    this.kept.push({ images, features, batchSize: source.batchSize });
    return { ...source, x: features };
  }

  /** Computes them again if the front gives others by now: a callback may have changed its weights. */
  async refresh(): Promise<void> {
    const now = this.now();
    if (now.every((mark, i) => mark === this.seen[i])) return;
    this.seen = now;
    for (const { images, features, batchSize } of this.kept) {
      const computed = await this.compute(images, batchSize);
      features.assign(computed);
      computed.dispose();
    }
  }

  private now(): unknown[] {
    return this.front.reads.flatMap((tensor) => {
      const { storage } = tensor.locate();
      return [storage, versionOf(storage)];
    });
  }

  private async compute(images: Tensor, batchSize: number): Promise<Tensor> {
    const whole = arraySource({ x: [images], y: null, sampleWeight: null }, [0, images.shape[0]!], batchSize);
    const meanwhile = new Cleanup();
    try {
      const feed = await openFeed(
        meanwhile,
        whole,
        () => ({ xs: [], ys: [], weights: [] }),
        ({ xs }) => predictStep(this.front, xs),
      );
      return (await collect('fit: cacheFeatures', feed))[0]!;
    } finally {
      meanwhile.dispose();
    }
  }
}
