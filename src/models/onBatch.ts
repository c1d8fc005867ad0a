import { type Compiled, compile } from '../compile/compile.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { type ArrayLikeData, asInputs } from './batches.ts';
import { checkedPair } from './checks.ts';
import { Cleanup } from './cleanup.ts';
import { listOrNumber } from './evaluate.ts';
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

  train(x: ArrayLikeData, y: ArrayLikeData): Promise<number[] | number> {
    return this.run('trainOnBatch', this.trainStep, x, y);
  }

  test(x: ArrayLikeData, y: ArrayLikeData): Promise<number[] | number> {
    return this.run('testOnBatch', this.testStep, x, y);
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
    step: Compiled<[Tensor, Tensor], Tensor[]>,
    x: ArrayLikeData,
    y: ArrayLikeData,
  ): Promise<number[] | number> {
    this.model.objective(who);
    const owned = new Cleanup();
    try {
      const data = await checkedPair(owned, who, this.model, x, y);
      if (step === this.trainStep) requireTrainable(who, this.model);
      const means = (await step(data.x, data.y)).map((mean) => owned.hold(mean));
      return listOrNumber(await Promise.all(means.map((mean) => mean.item())));
    } finally {
      owned.dispose();
    }
  }
}
