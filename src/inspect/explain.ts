// Where a training step goes: the list of dispatches that `fit` replays, what each computes, and what limits it.
import type { Roof, Shape, Spec, TimedPiece } from '../backend/backend.ts';
import type { Executable } from '../compile/replay.ts';
import { type Cost, costOf } from '../engine/op.ts';
import type { Step } from '../engine/program.ts';
import { currentBackend } from '../engine/runtime.ts';
import { scope } from '../engine/scope.ts';
import { withoutDrawing } from '../engine/seed.ts';
import { ensureStarted } from '../engine/start.ts';
import { ValueError } from '../errors.ts';
import { Batches } from '../models/batches.ts';
import { alone } from '../models/busy.ts';
import { batchSizeOption } from '../models/checks.ts';
import { Cleanup } from '../models/cleanup.ts';
import { Model } from '../models/model.ts';
import { recordBatches } from '../models/residentFeed.ts';
import { requireTrainable, trainStep } from '../models/step.ts';
import { stepSpecs } from '../models/stepSpecs.ts';
import { Tally } from '../models/tally.ts';
import { randomUniform, zeros } from '../ops/create.ts';
import { kindOf, refuseUnknown, wholeNumber } from '../tensor/options.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { explanationTable } from './explanationTable.ts';

export interface ExplainOptions {
  /** Default: 32, as in `fit`. */
  readonly batchSize?: number;
  /** How often each dispatch is timed; the median counts. Default: 5. */
  readonly rounds?: number;
}

/** One dispatch of a training step. */
export interface ExplainedDispatch {
  /** The file in shaders/ that computes it; on the CPU backend the kernel. */
  readonly shader: string;
  /** What the shader was given as constants: tiles, and those sizes that are compiled in. */
  readonly settings: Readonly<Record<string, number | boolean | string>>;
  /** The operations that it stands for, in the order of the step. Empty when it only helps another dispatch. */
  readonly ops: readonly string[];
  /** Shapes of what those operations read and make. */
  readonly inputs: readonly Shape[];
  readonly outputs: readonly Shape[];
  readonly workgroups: number;
  /** Floating-point operations; a multiply-add counts two. */
  readonly flops: number;
  /** Bytes of memory that it is given access to. */
  readonly bytes: number;
  readonly milliseconds: number;
  /**
   * The time that a plain loop of multiply-adds or a plain copy would take, whichever takes longer, over the measured time; null where
   * neither was measured. A kernel that reads more than it writes, or reads from caches, may be faster than a copy: above 1.
   */
  readonly share: number | null;
  /** Which of the two it is. */
  readonly bound: 'arithmetic' | 'bytes' | null;
}

export interface Explanation {
  readonly backend: 'webgpu' | 'cpu';
  readonly adapter: string;
  readonly batchSize: number;
  /** Whose clock the times are from: the device's, or the program's with the wait for the result. */
  readonly clock: 'device' | 'program';
  /** What the adapter can do at most, as measured now; null on the CPU backend. */
  readonly roof: Roof | null;
  readonly dispatches: readonly ExplainedDispatch[];
  /** Buffers of values between dispatches; bytes of these and of what kernels need themselves; bytes of values that must exist at once in any plan. */
  readonly memory: { readonly buffers: number; readonly bytes: number; readonly leastBytes: number };
  /** The list as a table. */
  toString(): string;
}

/**
 * The dispatches of one training step of a compiled model, timed one by one on made-up samples. Weights, optimizer and random
 * numbers are afterwards what they were.
 *
 * @throws ValueError for a model that is not compiled, has nothing to train, or is being trained
 * @throws ShapeError for a model that does not know the shape of its samples
 */
export async function explain(model: Model, options: ExplainOptions = {}): Promise<Explanation> {
  if (!(model instanceof Model)) throw new ValueError(`explain: expected a model, got ${kindOf(model)}`);
  refuseUnknown('explain', options, ['batchSize', 'rounds']);
  const batchSize = batchSizeOption('explain', options.batchSize);
  const rounds = wholeNumber('explain', 'rounds', options.rounds ?? 5, 1);
  const objective = model.objective('explain');
  await ensureStarted();
  const specs = stepSpecs('explain', model, batchSize);
  requireTrainable('explain', model);
  objective.optimizer.build(model.trainableWeights.map(({ variable }) => variable));
  return alone('explain', model, async () => {
    const owned = new Cleanup();
    try {
      const data = withoutDrawing(() =>
        [...specs.xs.map(sample), ...specs.ys.map(target)].map((one) => owned.hold(one)),
      );
      const batches = owned.hold(new Batches(data, batchSize, batchSize));
      const tally = owned.hold(new Tally(objective.trackers, model.resultShapes));
      const [step] = await withoutDrawing(() =>
        recordBatches(owned, batches, (rows) => {
          const all = batches.gather(rows);
          const xs = all.splice(0, specs.xs.length);
          tally.add(trainStep(model, objective, { xs, ys: all }), rows);
          return [];
        }),
      );
      return await explained(step, batchSize, rounds);
    } finally {
      owned.dispose();
    }
  });
}

/** Anything but zeros, which hardware may be faster with, and whose gradients would be zeros too. */
function sample({ shape }: Spec): Tensor {
  return scope(() => randomUniform(shape));
}

/** Classes are all the first one: that is wrong often enough. */
function target(spec: Spec): Tensor {
  return spec.dtype === 'int32' ? zeros(spec.shape, 'int32') : sample(spec);
}

async function explained(step: Executable, batchSize: number, rounds: number): Promise<Explanation> {
  const backend = currentBackend();
  const roof = (await backend.roof?.()) ?? null;
  const { clock, pieces } = await step.time(rounds);
  const { buffers, bytes, leastBytes } = step;
  const found = {
    ...{ backend: backend.name, adapter: backend.adapter, batchSize, clock, roof },
    dispatches: pieces.map((piece) => dispatchOf(piece, step, roof)),
    memory: { buffers, bytes, leastBytes },
  };
  return { ...found, toString: () => explanationTable(found) };
}

function dispatchOf(piece: TimedPiece, { steps, values }: Executable, roof: Roof | null): ExplainedDispatch {
  const own = piece.calls.map((i) => steps[i]!);
  const shapes = (ids: readonly number[]) => ids.map((id) => values[id]!.shape);
  const costs = own.map((step) => cost(step, values));
  const flops = costs.reduce((total, one) => total + one.flops, 0);
  const { shader, settings, workgroups, bytesBound, milliseconds } = piece;
  return {
    ...{ shader, settings, workgroups, milliseconds, flops, bytes: bytesBound },
    ops: own.map(({ op }) => op.name),
    inputs: own.flatMap(({ inputs }) => shapes(inputs)),
    outputs: own.flatMap(({ outputs }) => shapes(outputs)),
    ...shareOf(flops, bytesBound, milliseconds, roof),
  };
}

function cost({ op, inputs, outputs, attrs }: Step, values: readonly Spec[]): Cost {
  const specs = (ids: readonly number[]) => ids.map((id) => values[id]!);
  return costOf(op, specs(inputs), specs(outputs), attrs);
}

function shareOf(flops: number, bytes: number, milliseconds: number, roof: Roof | null) {
  if (!roof || milliseconds === 0) return { share: null, bound: null };
  const [arithmetic, memory] = [flops / roof.flops, bytes / roof.cachedBytes];
  const least = 1000 * Math.max(arithmetic, memory) + roof.dispatchMs;
  return { share: least / milliseconds, bound: arithmetic > memory ? 'arithmetic' : 'bytes' } as const;
}
