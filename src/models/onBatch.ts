import { type Compiled, compile, compileWithin } from '../compile/compile.ts';
import { scope } from '../engine/scope.ts';
import { ValueError } from '../errors.ts';
import { refuseUnknown, truth } from '../tensor/options.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { type Arrays, asInputs, type SampleWeight } from './arrays.ts';
import { requireOwnOptimizer } from './busy.ts';
import { checkedData } from './checks.ts';
import {
  type ClassWeight,
  checkedClassWeight,
  classWeightTable,
  requireOneOutput,
  weightsByClass,
} from './classWeight.ts';
import { Cleanup } from './cleanup.ts';
import { listOrNumber } from './evaluate.ts';
import type { Model } from './model.ts';
import { predictStep, requireTrainable, type StepResult, type TargetBatch, testStep, trainStep } from './step.ts';
import type { Tracker } from './tracker.ts';

export interface TestOnBatchOptions {
  /** How much each sample counts. */
  readonly sampleWeight?: SampleWeight;
  /** The result as an object instead of a list. */
  readonly returnDict?: boolean;
}

export interface TrainOnBatchOptions extends TestOnBatchOptions {
  /** How much the samples of each class count. */
  readonly classWeight?: ClassWeight;
}

type StepOnBatch = Compiled<Tensor[], Tensor[]>;

/** What predictions of other sizes may hold until they are asked for again. */
const KEPT_BYTES = 2 ** 28;

/** Single steps on batches that the caller brings: recorded once for each shape. */
export class OnBatch {
  private readonly model: Model;
  private readonly trainStep: StepOnBatch;
  private readonly testStep: StepOnBatch;
  readonly predictStep: Compiled<Tensor[], readonly Tensor[]>;

  constructor(model: Model) {
    this.model = model;
    this.trainStep = compile((...all) => asList(trainStep(model, model.objective('trainOnBatch'), this.batchOf(all))));
    this.testStep = compile((...all) => asList(testStep(model, model.objective('testOnBatch'), this.batchOf(all))));
    this.predictStep = compileWithin(KEPT_BYTES, (...xs) => predictStep(model, xs));
  }

  private batchOf(all: readonly Tensor[]): TargetBatch {
    const [inputs, outputs] = [this.model.inputNames.length, this.model.outputNames.length];
    return {
      xs: all.slice(0, inputs),
      ys: all.slice(inputs, inputs + outputs),
      weights: all.slice(inputs + outputs),
    };
  }

  train(x: Arrays, y: Arrays, options: TrainOnBatchOptions): Promise<unknown> {
    refuseUnknown('trainOnBatch', options, ['sampleWeight', 'classWeight', 'returnDict']);
    return this.run('trainOnBatch', this.trainStep, x, y, options);
  }

  test(x: Arrays, y: Arrays, options: TestOnBatchOptions): Promise<unknown> {
    refuseUnknown('testOnBatch', options, ['sampleWeight', 'returnDict']);
    return this.run('testOnBatch', this.testStep, x, y, options);
  }

  /** One tensor for each output. */
  async predict(x: Arrays): Promise<readonly Tensor[]> {
    const owned = new Cleanup();
    try {
      const inputs = asInputs(owned, 'predictOnBatch: x', this.model, x);
      this.model.buildOn(inputs);
      return await this.predictStep(...inputs);
    } finally {
      owned.dispose();
    }
  }

  dispose(): void {
    for (const step of [this.trainStep, this.testStep, this.predictStep]) step.dispose();
  }

  private async run(
    who: string,
    step: StepOnBatch,
    x: Arrays,
    y: Arrays,
    { sampleWeight, classWeight, returnDict = false }: TrainOnBatchOptions,
  ): Promise<number[] | number | Record<string, number>> {
    const { trackers } = this.model.objective(who);
    truth(who, 'returnDict', returnDict);
    if (classWeight && sampleWeight) throw new ValueError(`${who}: classWeight and sampleWeight cannot be combined`);
    if (classWeight) requireOneOutput(who, this.model);
    const byClass = classWeight && checkedClassWeight(who, classWeight);
    const owned = new Cleanup();
    try {
      const data = await checkedData(owned, who, this.model, [x, y, sampleWeight]);
      if (step === this.trainStep) {
        requireTrainable(who, this.model);
        requireOwnOptimizer(who, this.model);
      }
      const weights = byClass ? [weightsOf(who, owned, data.y[0]!, byClass)] : data.sampleWeight;
      const found = (await step(...data.x, ...data.y, ...weights)).map((one) => owned.hold(one));
      const values = await resultsOf(found, trackers, data.x[0]!.shape[0]!);
      if (!returnDict) return listOrNumber(values);
      return Object.fromEntries(['loss', ...trackers.map(({ name }) => name)].map((name, i) => [name, values[i]!]));
    } finally {
      owned.dispose();
    }
  }
}

function asList({ loss, sums }: StepResult): Tensor[] {
  return [loss, ...sums];
}

async function resultsOf([loss, ...sums]: readonly Tensor[], trackers: readonly Tracker[], rows: number) {
  const [lossValue, ...found] = await Promise.all([loss!.item(), ...sums.map((one) => one.data())] as const);
  return [lossValue, ...trackers.map((tracker, i) => tracker.result(found[i]!, rows))];
}

function weightsOf(who: string, owned: Cleanup, y: Tensor, byClass: readonly number[]): Tensor {
  return scope(() => owned.hold(weightsByClass(who, y, classWeightTable(byClass))));
}
