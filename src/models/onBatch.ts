import { type Compiled, compile } from '../compile/compile.ts';
import { scope } from '../engine/scope.ts';
import { ValueError } from '../errors.ts';
import type { Metric } from '../metrics/metric.ts';
import { refuseUnknown, truth } from '../tensor/options.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { type ArrayLikeData, asInputs } from './batches.ts';
import { checkedData } from './checks.ts';
import { type ClassWeight, checkedClassWeight, classWeightTable, weightsByClass } from './classWeight.ts';
import { Cleanup } from './cleanup.ts';
import { listOrNumber } from './evaluate.ts';
import type { Model } from './model.ts';
import { predictStep, requireTrainable, type StepResult, testStep, trainStep } from './step.ts';

export interface TestOnBatchOptions {
  /** How much each sample counts. */
  readonly sampleWeight?: ArrayLikeData;
  /** The result as an object instead of a list. */
  readonly returnDict?: boolean;
}

export interface TrainOnBatchOptions extends TestOnBatchOptions {
  /** How much the samples of each class count. */
  readonly classWeight?: ClassWeight;
}

type StepOnBatch = Compiled<Tensor[], Tensor[]>;

/** Single steps on batches that the caller brings: recorded once for each shape. */
export class OnBatch {
  private readonly model: Model;
  private readonly trainStep: StepOnBatch;
  private readonly testStep: StepOnBatch;
  private readonly predictStep: Compiled<[Tensor], Tensor>;

  constructor(model: Model) {
    this.model = model;
    this.trainStep = compile((x, y, weights) =>
      asList(trainStep(model, model.objective('trainOnBatch'), { x: x!, y: y!, weights: weights ?? null })),
    );
    this.testStep = compile((x, y, weights) =>
      asList(testStep(model, model.objective('testOnBatch'), { x: x!, y: y!, weights: weights ?? null })),
    );
    this.predictStep = compile((x) => predictStep(model, x));
  }

  train(x: ArrayLikeData, y: ArrayLikeData, options: TrainOnBatchOptions): Promise<unknown> {
    refuseUnknown('trainOnBatch', options, ['sampleWeight', 'classWeight', 'returnDict']);
    return this.run('trainOnBatch', this.trainStep, x, y, options);
  }

  test(x: ArrayLikeData, y: ArrayLikeData, options: TestOnBatchOptions): Promise<unknown> {
    refuseUnknown('testOnBatch', options, ['sampleWeight', 'returnDict']);
    return this.run('testOnBatch', this.testStep, x, y, options);
  }

  async predict(x: ArrayLikeData): Promise<Tensor> {
    const owned = new Cleanup();
    try {
      const inputs = asInputs(owned, 'predictOnBatch: x', this.model, x);
      this.model.build(inputs.shape);
      return await this.predictStep(inputs);
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
    x: ArrayLikeData,
    y: ArrayLikeData,
    { sampleWeight, classWeight, returnDict = false }: TrainOnBatchOptions,
  ): Promise<number[] | number | Record<string, number>> {
    const { metrics } = this.model.objective(who);
    truth(who, 'returnDict', returnDict);
    if (classWeight && sampleWeight) throw new ValueError(`${who}: classWeight and sampleWeight cannot be combined`);
    const byClass = classWeight && checkedClassWeight(who, classWeight);
    const owned = new Cleanup();
    try {
      const data = await checkedData(owned, who, this.model, [x, y, sampleWeight]);
      if (step === this.trainStep) requireTrainable(who, this.model);
      const weights = byClass ? weightsOf(owned, data.y, byClass) : data.sampleWeight;
      const found = (await step(data.x, data.y, ...(weights ? [weights] : []))).map((one) => owned.hold(one));
      const values = await resultsOf(found, metrics, data.x.shape[0]!);
      if (!returnDict) return listOrNumber(values);
      return Object.fromEntries(['loss', ...metrics.map(({ name }) => name)].map((name, i) => [name, values[i]!]));
    } finally {
      owned.dispose();
    }
  }
}

function asList({ loss, sums }: StepResult): Tensor[] {
  return [loss, ...sums];
}

async function resultsOf([loss, ...sums]: readonly Tensor[], metrics: readonly Metric[], rows: number) {
  const [lossValue, ...found] = await Promise.all([loss!.item(), ...sums.map((one) => one.data())] as const);
  return [lossValue, ...metrics.map((metric, i) => metric.result(found[i]!, rows))];
}

function weightsOf(owned: Cleanup, y: Tensor, byClass: readonly number[]): Tensor {
  return scope(() => owned.hold(weightsByClass(y, classWeightTable(byClass, y.rank === 2 ? y.shape[1]! : 0))));
}
