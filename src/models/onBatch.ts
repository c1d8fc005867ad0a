import { type Compiled, compile } from '../compile/compile.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { type ArrayLikeData, asData, requireSameLength } from './batches.ts';
import { checkTargets } from './checks.ts';
import type { Model } from './model.ts';
import { predictStep, requireTrainable, testStep, trainStep } from './step.ts';

/** Single steps on batches that the caller brings: recorded once for each shape. */
export class OnBatch {
  private readonly model: Model;
  private readonly trainStep: Compiled<[Tensor, Tensor], Tensor[]>;
  private readonly testStep: Compiled<[Tensor, Tensor], Tensor[]>;
  private readonly predictStep: Compiled<[Tensor], Tensor>;

  constructor(model: Model) {
    this.model = model;
    this.trainStep = compile((x, y) => trainStep(model, model.objective('trainOnBatch'), x, y));
    this.testStep = compile((x, y) => testStep(model, model.objective('testOnBatch'), x, y));
    this.predictStep = compile((x) => predictStep(model, x));
  }

  train(x: ArrayLikeData, y: ArrayLikeData): Promise<number[]> {
    return this.run('trainOnBatch', this.trainStep, x, y);
  }

  test(x: ArrayLikeData, y: ArrayLikeData): Promise<number[]> {
    return this.run('testOnBatch', this.testStep, x, y);
  }

  async predict(x: ArrayLikeData): Promise<Tensor> {
    const inputs = asData('predictOnBatch: x', x, this.model.sampleShape);
    this.model.build(inputs.shape);
    return this.predictStep(inputs);
  }

  dispose(): void {
    for (const step of [this.trainStep, this.testStep, this.predictStep]) step.dispose();
  }

  private async run(
    who: string,
    step: Compiled<[Tensor, Tensor], Tensor[]>,
    x: ArrayLikeData,
    y: ArrayLikeData,
  ): Promise<number[]> {
    this.model.objective(who);
    const inputs = asData(`${who}: x`, x, this.model.sampleShape);
    const targets = asData(`${who}: y`, y, null);
    requireSameLength(inputs, targets);
    this.model.build(inputs.shape);
    if (step === this.trainStep) requireTrainable(this.model);
    await checkTargets(this.model, targets);
    const means = await step(inputs, targets);
    const values = await Promise.all(means.map((mean) => mean.item()));
    for (const mean of means) mean.dispose();
    return values;
  }
}
