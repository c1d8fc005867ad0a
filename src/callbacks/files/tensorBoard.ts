import { ValueError } from '../../errors.ts';
import type { Files } from '../../platform/index.ts';
import { refuseUnknown, truth, wholeNumber } from '../../tensor/options.ts';
import type { Callback, Logs, TrainedModel } from '../callback.ts';
import { batchCount, filledText } from '../options.ts';
import { EventFile } from './events/eventFile.ts';
import { requireFiles } from './noFiles.ts';

export interface TensorBoardOptions {
  /** Default: `logs`. */
  readonly logDir?: string;
  /** Histograms of the weights after every so many epochs; 0 (default) writes none. */
  readonly histogramFreq?: number;
  /** Pictures of weights are not written: only false is accepted. */
  readonly writeImages?: false;
  /** `epoch` (default); `batch` or a number of batches also writes what is known after so many of them, and makes training wait for each. */
  readonly updateFreq?: 'epoch' | 'batch' | number;
}

const who = 'TensorBoard';

class TensorBoardCallback implements Callback {
  /** There only when batches are written: a run that has such a hook waits for every batch. */
  readonly onTrainBatchEnd?: (batch: number, logs: Logs) => Promise<void>;
  private readonly files: Files;
  private readonly logDir: string;
  private readonly histogramFreq: number;
  private model!: TrainedModel;
  private train!: EventFile;
  private validation!: EventFile;
  private batches = 0;

  constructor(options: TensorBoardOptions) {
    refuseUnknown(who, options, ['logDir', 'histogramFreq', 'writeImages', 'updateFreq']);
    this.logDir = filledText(who, 'logDir', options.logDir ?? 'logs');
    this.histogramFreq = wholeNumber(who, 'histogramFreq', options.histogramFreq ?? 0, 0);
    if (truth(who, 'writeImages', options.writeImages ?? false))
      throw new ValueError(`${who}: writeImages: pictures of weights are not written, it must be false`);
    const { updateFreq = 'epoch' } = options;
    if (updateFreq !== 'epoch') {
      const every = updateFreq === 'batch' ? 1 : batchCount(who, 'updateFreq', updateFreq, ['epoch', 'batch']);
      this.onTrainBatchEnd = (_, logs) => this.afterBatch(logs, every);
    }
    this.files = requireFiles(who);
  }

  /** Each run has files of its own. */
  setModel(model: TrainedModel): void {
    this.model = model;
    this.train = new EventFile(this.files, this.files.join(this.logDir, 'train'));
    this.validation = new EventFile(this.files, this.files.join(this.logDir, 'validation'));
  }

  onTrainBegin(): void {
    this.batches = 0;
  }

  async onEpochEnd(epoch: number, logs: Logs): Promise<void> {
    const learningRate = await this.model.optimizer.currentLearningRate();
    for (const [name, value] of Object.entries({ ...logs, learning_rate: learningRate })) {
      if (name.startsWith('val_')) this.validation.scalar(`epoch_${name.slice(4)}`, epoch, value);
      else this.train.scalar(`epoch_${name}`, epoch, value);
    }
    if (this.histogramFreq > 0 && epoch % this.histogramFreq === 0) await this.writeWeights(epoch);
    await this.train.flush();
    await this.validation.flush();
  }

  async onTestEnd(logs: Logs): Promise<void> {
    const step = await this.model.optimizer.currentIterations();
    for (const [name, value] of Object.entries(logs)) {
      this.validation.scalar(`evaluation_${name}_vs_iterations`, step, value);
    }
    await this.validation.flush();
  }

  private async afterBatch(logs: Logs, every: number): Promise<void> {
    this.batches++;
    if (this.batches % every !== 0) return;
    for (const [name, value] of Object.entries(logs)) this.train.scalar(`batch_${name}`, this.batches, value);
    await this.train.flush();
  }

  private async writeWeights(epoch: number): Promise<void> {
    const values = this.model.getWeights();
    try {
      for (const [i, { name }] of this.model.weights.entries()) {
        this.train.histogram(`${name}/histogram`, epoch, await values[i]!.data());
      }
    } finally {
      for (const value of values) value.dispose();
    }
  }
}

/**
 * Writes what TensorBoard shows: `epoch_loss`, `epoch_accuracy`, ... and `epoch_learning_rate` by epoch, counted from 0, below `logDir`/train and
 * `logDir`/validation; `batch_...` by batch, counted from 1, where asked for; after each evaluation `evaluation_..._vs_iterations` by
 * updates of the optimizer; and histograms of the weights.
 *
 * @throws ResourceError in a browser, and when a file cannot be written
 */
export function TensorBoard(options: TensorBoardOptions = {}): Callback {
  return new TensorBoardCallback(options);
}
