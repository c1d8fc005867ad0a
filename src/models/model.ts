// A model: layers, and what Keras lets one do with them. How training runs is in fit.ts, what a step is in step.ts.
import type { TrainedModel } from '../callbacks/callback.ts';
import type { History } from '../callbacks/history.ts';
import { ensureStarted } from '../engine/start.ts';
import { ValueError } from '../errors.ts';
import type { Layer } from '../layers/layer.ts';
import type { Direction } from '../metrics/metric.ts';
import type { Optimizer } from '../optimizers/optimizer.ts';
import { platform } from '../platform/index.ts';
import { refuseUnknown } from '../tensor/options.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { type Arrays, isPlainObject } from './arrays.ts';
import { type EvaluateOptions, evaluateModel } from './evaluate.ts';
import { type FileSource, modelFiles } from './files.ts';
import { fitModel } from './fit.ts';
import type { FitOptions } from './fitOptions.ts';
import { Network } from './network.ts';
import { type CompileOptions, type Objective, resolveObjective } from './objective.ts';
import type { OnBatch, TestOnBatchOptions, TrainOnBatchOptions } from './onBatch.ts';
import type { PredictOptions } from './predict.ts';
import type { BatchData } from './source.ts';
import { type Data, isBatchData } from './sources.ts';
import { summaryOf } from './summaryOf.ts';
import { type SummaryOptions, summaryTable } from './summaryTable.ts';
import { configOf, modelToConfig } from './toConfig.ts';
import type { TrainingRun } from './trainingRun.ts';

export abstract class Model extends Network implements TrainedModel {
  /** Set it to end training after the current batch. */
  stopTraining = false;
  /** The run of `fit` under way, for what saves and resumes it. */
  training: TrainingRun | null = null;
  private compiled: Objective | null = null;
  private onBatch: { readonly steps: OnBatch; readonly trains: string } | null = null;

  /** Says how to train. Compiling again starts the optimizer anew; the weights stay. */
  compile(options: CompileOptions): void {
    this.requireIdle('compile');
    this.compiled = resolveObjective(options, this.outputNames);
    this.forgetSteps();
  }

  get optimizer(): Optimizer {
    return this.objective('optimizer').optimizer;
  }

  /** What compile said, or null. */
  get currentObjective(): Objective | null {
    return this.compiled;
  }

  /** What compile said; a ValueError when it was not called. */
  objective(who: string): Objective {
    if (this.compiled) return this.compiled;
    throw new ValueError(`${who}: call compile({ optimizer, loss, metrics }) first`);
  }

  /** Which way a logged value gets better; null when nobody knows. */
  directionOf(key: string): Direction | null {
    const name = key.replace(/^val_/, '');
    if (name === 'loss') return 'min';
    return this.compiled?.trackers.find((tracker) => tracker.name === name)?.direction ?? null;
  }

  /** Trains on samples x with targets y, or on data that brings both in batches. Resolves to the history, one number for each key and epoch. */
  async fit(x: Arrays, y: Arrays, options?: FitOptions): Promise<History>;
  async fit(data: BatchData, options?: FitOptions): Promise<History>;
  async fit(x: Data, second?: Arrays | FitOptions, third?: FitOptions): Promise<History> {
    await ensureStarted();
    const { y, options } = split(x, second, third);
    return fitModel(this, x, y, options);
  }

  /** [loss, ...metrics] over x and y; the loss alone without metrics; an object with returnDict. */
  async evaluate(
    x: Arrays,
    y: Arrays,
    options: EvaluateOptions & { returnDict: true },
  ): Promise<Record<string, number>>;
  async evaluate(x: Arrays, y: Arrays, options?: EvaluateOptions): Promise<number[]>;
  async evaluate(data: BatchData, options: EvaluateOptions & { returnDict: true }): Promise<Record<string, number>>;
  async evaluate(data: BatchData, options?: EvaluateOptions): Promise<number[]>;
  async evaluate(x: Data, second?: Arrays | EvaluateOptions, third?: EvaluateOptions): Promise<unknown> {
    await ensureStarted();
    const { y, options } = split(x, second, third);
    return evaluateModel(this, x, y, options);
  }

  /** The model's output for every sample, as one tensor. */
  async predict(x: Data, options: PredictOptions = {}): Promise<Tensor> {
    return only(this, 'predict', await this.predictAll(x, options));
  }

  /** The same for a model of several outputs: one tensor for each. */
  async predictAll(x: Data, options: PredictOptions = {}): Promise<Tensor[]> {
    await ensureStarted();
    const { predictModel } = await import('./seldom.ts');
    return predictModel(this, x, options);
  }

  /** One training step on this batch: [loss, ...metrics] from before the update, in the form of evaluate. */
  async trainOnBatch(x: Arrays, y: Arrays, options?: TrainOnBatchOptions): Promise<number[]>;
  async trainOnBatch(x: Arrays, y: Arrays, options: TrainOnBatchOptions = {}): Promise<unknown> {
    return (await this.steps()).train(x, y, options);
  }

  /** Loss and metrics of this batch, in the form of evaluate. */
  async testOnBatch(x: Arrays, y: Arrays, options?: TestOnBatchOptions): Promise<number[]>;
  async testOnBatch(x: Arrays, y: Arrays, options: TestOnBatchOptions = {}): Promise<unknown> {
    return (await this.steps()).test(x, y, options);
  }

  /** The model's output for this batch. */
  async predictOnBatch(x: Arrays): Promise<Tensor> {
    return only(this, 'predictOnBatch', await (await this.steps()).predict(x));
  }

  /** What Keras writes of the model beside its class: the layers and how they are connected, without weights. */
  override getConfig(): Record<string, unknown> {
    return { ...configOf(this) };
  }

  /** The model without weights as Keras' JSON; `modelFromJSON` of `wgslgrad/io` makes it again. */
  toJSON(): string;
  toJSON(key: string): object;
  toJSON(key?: string): string | object {
    const config = modelToConfig(this);
    // JSON.stringify, which encodes what it gets, says under which key: '' where that is the model itself
    return key === undefined ? JSON.stringify(config) : config;
  }

  /** Writes layers, weights, and how the model is trained with the state of its optimizer; the format follows from the name: .keras, .h5, model.json (tfjs), .onnx. */
  async save(path: string): Promise<void> {
    await (await modelFiles()).saveModel(this, path);
  }

  /** Writes the weights; the format follows from the name: .weights.h5, .h5 or .safetensors. */
  async saveWeights(path: string): Promise<void> {
    await (await modelFiles()).saveWeights(this, path);
  }

  /** Overwrites the weights with those of a file: .weights.h5, .h5, .safetensors, or that of a whole model. An optimizer keeps its state. */
  async loadWeights(from: FileSource, options: Readonly<Record<string, never>> = {}): Promise<void> {
    refuseUnknown('loadWeights', options, []);
    await (await modelFiles()).loadWeights(this, from);
  }

  /** Weights, optimizer and where the run of `fit` under way is. */
  async saveTraining(path: string): Promise<void> {
    await (await modelFiles()).saveTraining(this, path);
  }

  /** Puts the run of `fit` under way back where it was when it was saved; false when there is no such file. */
  async loadTraining(path: string): Promise<boolean> {
    return (await modelFiles()).loadTraining(this, path);
  }

  async removeTraining(path: string): Promise<void> {
    await (await modelFiles()).removeTraining(path);
  }

  /** Prints the table of layers. */
  summary(options: SummaryOptions & { printFn?: (text: string) => void } = {}): void {
    const { printFn = (text: string) => platform.terminal.write(`${text}\n`), ...rest } = options;
    printFn(this.summaryText({ terminalColumns: platform.terminal.columns, ...rest }));
  }

  /** The table of layers as text. */
  summaryText(options: SummaryOptions = {}): string {
    return summaryTable(summaryOf(this, this.compiled?.optimizer.stateSize ?? 0), options);
  }

  /** What fit has recorded would not know of the change. */
  protected requireIdle(who: string): void {
    if (this.training) throw new ValueError(`${who}: ${this.name} is busy with fit; wait for it to end`);
  }

  /** Recorded steps hold the layers and what of them is trained: when that changes they are recorded anew. */
  protected forgetSteps(): void {
    this.onBatch?.steps.dispose();
    this.onBatch = null;
  }

  /** Predictions of a batch, recorded once for each shape. */
  async predictStep(): Promise<OnBatch['predictStep']> {
    return (await this.steps()).predictStep;
  }

  private async steps(): Promise<OnBatch> {
    await ensureStarted();
    const { OnBatch } = await import('./seldom.ts');
    const trains = trainingOf(this);
    if (this.onBatch?.trains !== trains) this.forgetSteps();
    this.onBatch ??= { steps: new OnBatch(this), trains };
    return this.onBatch.steps;
  }
}

/** Which layers train, one digit each. Weights do not tell: a normalisation without gamma and beta acts differently too. */
function trainingOf(layer: Layer): string {
  return `${Number(layer.trainable)}${layer instanceof Network ? `(${layer.layers.map(trainingOf).join('')})` : ''}`;
}

function only(model: Model, who: string, [first, ...others]: readonly Tensor[]): Tensor {
  if (others.length === 0) return first!;
  throw new ValueError(`${who}: ${model.name} has ${others.length + 1} outputs; predictAll gives all of them`);
}

/** Data that comes in batches has no y: what follows it are the options. */
function split<O extends object>(x: Data, second: Arrays | O | undefined, third: O | undefined) {
  const isOptions = third === undefined && isBatchData(x) && (second === undefined || isPlainObject(second));
  // an object of nothing but names stands where options are expected
  if (isOptions) return { y: undefined, options: (second ?? {}) as O };
  return { y: second as Arrays | undefined, options: third ?? ({} as O) };
}
