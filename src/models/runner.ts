import { type Executable, prepare } from '../compile/replay.ts';
import { trace } from '../compile/trace.ts';
import { increment } from '../engine/variable.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Batches } from './batches.ts';
import { all, type Cleanup } from './cleanup.ts';
import type { Tally } from './tally.ts';

/** A step recorded for whole batches and for the last, smaller one, so that neither has to wait for the other's shaders. */
export class Runner {
  private readonly batches: Batches;
  private readonly whole: Executable;
  private readonly last: Executable;

  private constructor(batches: Batches, whole: Executable, last: Executable) {
    this.batches = batches;
    this.whole = whole;
    this.last = last;
  }

  /** `step` makes the means of a batch, which are added to the tally. What is prepared belongs to `owned`. */
  static async record(
    owned: Cleanup,
    batches: Batches,
    tally: Tally,
    step: (...tensors: Tensor[]) => Tensor[],
  ): Promise<Runner> {
    const [whole, last] = await recordBatches(owned, batches, (rows) => {
      tally.add(step(...batches.gather(rows)), rows);
      return [];
    });
    return new Runner(batches, whole, last);
  }

  /** Runs step i of an epoch; steps must come in order. Returns the samples it took. */
  run(i: number): number {
    const isLast = i === this.batches.steps - 1;
    (isLast ? this.last : this.whole).run();
    return isLast ? this.batches.lastSize : this.batches.batchSize;
  }
}

/**
 * `step` recorded for whole batches and for the last one, which may be smaller: two executables, or the same one twice.
 * Each run moves the cursor of `batches` on.
 */
export async function recordBatches(
  owned: Cleanup,
  batches: Batches,
  step: (rows: number) => readonly Tensor[],
): Promise<[whole: Executable, last: Executable]> {
  const record = async (rows: number) => {
    const program = trace(() => {
      const results = step(rows);
      increment(batches.position);
      return results;
    }, []);
    return owned.hold(await prepare(program));
  };
  const first = Math.min(batches.batchSize, batches.count);
  if (batches.lastSize === first) {
    const only = await record(first);
    return [only, only];
  }
  return all([record(first), record(batches.lastSize)]);
}
