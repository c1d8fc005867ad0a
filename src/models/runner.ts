import { type Executable, prepare } from '../compile/replay.ts';
import { trace } from '../compile/trace.ts';
import { constant } from '../engine/make.ts';
import { assignAdd } from '../engine/variable.ts';
import { reshape } from '../ops/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Batches } from './batches.ts';
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

  /** `step` makes the means of a batch, which are added to the tally. */
  static async record(batches: Batches, tally: Tally, step: (...tensors: Tensor[]) => Tensor[]): Promise<Runner> {
    const recordFor = (rows: number) =>
      prepare(
        trace(() => {
          tally.add(step(...batches.gather(rows)), rows);
          assignAdd(batches.position, reshape(constant(1, 'int32'), [1]));
          return [];
        }, []),
      );
    const first = Math.min(batches.batchSize, batches.count);
    const whole = recordFor(first);
    const last = batches.lastSize === first ? whole : recordFor(batches.lastSize);
    return new Runner(batches, await whole, await last);
  }

  /** Runs step i of an epoch; steps must come in order. Returns the samples it took. */
  run(i: number): number {
    const isLast = i === this.batches.steps - 1;
    (isLast ? this.last : this.whole).run();
    return isLast ? this.batches.lastSize : this.batches.batchSize;
  }

  dispose(): void {
    this.whole.dispose();
    if (this.last !== this.whole) this.last.dispose();
  }
}
