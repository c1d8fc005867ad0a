import { ValueError } from '../../errors.ts';
import type { Files } from '../../platform/index.ts';
import { finiteNumber, refuseUnknown, truth } from '../../tensor/options.ts';
import type { Callback, Logs, TrainedModel } from '../callback.ts';
import { fixed } from '../formatNumber.ts';
import { Monitor, type MonitorOptions } from '../monitor.ts';
import { batchCount, filledText, isVerbose, type VerboseOption } from '../options.ts';
import { say } from '../say.ts';
import { type FileName, fileName } from './fileName.ts';
import { requireFiles } from './noFiles.ts';

export interface ModelCheckpointOptions extends MonitorOptions, VerboseOption {
  /** Saves only where the watched value is better than ever; default false. */
  readonly saveBestOnly?: boolean;
  /** Saves the weights alone, not the whole model; default false. */
  readonly saveWeightsOnly?: boolean;
  /** `epoch` (default), or a number of batches; training then waits for the numbers of every batch. */
  readonly saveFreq?: 'epoch' | number;
  /** With saveBestOnly: the value that the first one must beat. */
  readonly initialValueThreshold?: number | null;
}

// biome-ignore format: a table
const known = [
  'monitor', 'verbose', 'saveBestOnly', 'saveWeightsOnly', 'mode', 'saveFreq', 'initialValueThreshold',
];
const who = 'ModelCheckpoint';

class ModelCheckpointCallback implements Callback {
  /** There only when batches are counted: a run that has such a hook waits for every batch. */
  readonly onTrainBatchEnd?: (batch: number, logs: Logs) => Promise<void>;
  private readonly files: Files;
  private readonly nameOf: FileName;
  private readonly monitor: Monitor;
  private readonly bestOnly: boolean;
  private readonly weightsOnly: boolean;
  private readonly savesEpochs: boolean;
  private readonly speaks: boolean;
  private model!: TrainedModel;
  private epoch = 0;
  private batchesSinceSave = 0;

  constructor(filepath: string, options: ModelCheckpointOptions) {
    refuseUnknown(who, options, known);
    const { saveFreq = 'epoch', initialValueThreshold: threshold = null } = options;
    const start = threshold === null ? null : finiteNumber(who, 'initialValueThreshold', threshold);
    this.monitor = new Monitor(who, options, 0, start);
    this.bestOnly = truth(who, 'saveBestOnly', options.saveBestOnly ?? false);
    this.weightsOnly = truth(who, 'saveWeightsOnly', options.saveWeightsOnly ?? false);
    this.speaks = isVerbose(who, options.verbose ?? 0);
    this.nameOf = fileName(who, checkedPath(filepath, this.weightsOnly));
    this.savesEpochs = saveFreq === 'epoch';
    if (saveFreq !== 'epoch') {
      const every = batchCount(who, 'saveFreq', saveFreq, ['epoch']);
      this.onTrainBatchEnd = (batch, logs) => this.afterBatch(batch, logs, every);
    }
    this.files = requireFiles(who);
  }

  setModel(model: TrainedModel): void {
    this.model = model;
  }

  onTrainBegin(): void {
    if (this.bestOnly) this.monitor.begin(this.model);
  }

  onEpochBegin(epoch: number): void {
    this.epoch = epoch;
  }

  async onEpochEnd(epoch: number, logs: Logs): Promise<void> {
    if (this.savesEpochs) await this.saveIfBetter(this.nameOf({ ...logs, epoch: epoch + 1 }), logs);
  }

  private async afterBatch(batch: number, logs: Logs, every: number): Promise<void> {
    this.batchesSinceSave++;
    if (this.batchesSinceSave < every) return;
    this.batchesSinceSave = 0;
    await this.saveIfBetter(this.nameOf({ batch: batch + 1, ...logs, epoch: this.epoch + 1 }), logs);
  }

  private async saveIfBetter(path: string, logs: Logs): Promise<void> {
    const { key, best } = this.monitor;
    // where the value is missing, rather a model too many than none
    const value = this.bestOnly ? this.monitor.read(logs) : null;
    if (value === null) this.tell(`saving model to ${path}`);
    else {
      const before = best === null ? 'None' : fixed(best, 5);
      if (!this.monitor.improves(value)) return this.tell(`${key} did not improve from ${before}`);
      this.tell(`${key} improved from ${before} to ${fixed(value, 5)}, saving model to ${path}`);
    }
    await this.files.makeFolderOf(path);
    await (this.weightsOnly ? this.model.saveWeights(path) : this.model.save(path));
  }

  private tell(what: string): void {
    if (this.speaks) say(`Epoch ${this.epoch + 1}: ${what}`);
  }
}

function checkedPath(filepath: unknown, weightsOnly: boolean): string {
  const path = filledText(who, 'filepath', filepath);
  const endings = weightsOnly ? ['.weights.h5', '.safetensors'] : ['.keras', '.h5'];
  if (endings.some((ending) => path.endsWith(ending))) return path;
  const what = weightsOnly ? 'weights' : 'a model';
  throw new ValueError(`${who}: filepath must end in ${endings.join(' or ')} for ${what}, got ${path}`);
}

/**
 * Saves the model, or its weights, after every epoch or so many batches. `filepath` may have places for numbers: `{epoch:02d}` and `{batch}`, counted
 * from 1, and keys of the logs as in `{val_loss:.2f}`. Folders are made. The best value is remembered from one run to the next.
 *
 * @throws ResourceError in a browser, and when the file cannot be written
 * @throws ValueError when the name wants a number that is not there; with saveBestOnly when nobody knows which way the value gets better
 */
export function ModelCheckpoint(filepath: string, options: ModelCheckpointOptions = {}): Callback {
  return new ModelCheckpointCallback(filepath, options);
}
