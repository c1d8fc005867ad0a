import { ValueError } from '../errors.ts';
import { kindOf, refuseUnknown, truth, wholeNumber } from '../tensor/options.ts';
import type { Callback, TrainedModel } from './callback.ts';

export interface BackupAndRestoreOptions {
  /** 'epoch' (default), or a number of batches between two backups. */
  readonly saveFreq?: 'epoch' | number;
  /** Whether the backup goes when training has ended by itself; default true. */
  readonly deleteCheckpoint?: boolean;
}

const FILE = 'training.safetensors';

/**
 * Backs up a run of `fit`, so that the same program, started again after it was interrupted at any moment, ends with the same weights
 * as if nothing had happened: weights, optimizer, orders, dropout and augmentation go on where the last backup was. What the program
 * draws before `fit` must be the same both times: `setRandomSeed` at its beginning.
 */
export function BackupAndRestore(backupDir: string, options: BackupAndRestoreOptions = {}): Callback {
  const who = 'BackupAndRestore';
  if (typeof backupDir !== 'string' || backupDir === '')
    throw new ValueError(`${who}: backupDir must be the name of a folder, got ${kindOf(backupDir)}`);
  refuseUnknown(who, options, ['saveFreq', 'deleteCheckpoint']);
  const { saveFreq = 'epoch' } = options;
  const every = saveFreq === 'epoch' ? null : wholeNumber(who, 'saveFreq', saveFreq, 1);
  const deleteCheckpoint = truth(who, 'deleteCheckpoint', options.deleteCheckpoint ?? true);
  const path = `${backupDir.replace(/\/$/, '')}/${FILE}`;
  let model: TrainedModel;
  let batches = 0;
  const hooks: Callback = {
    setModel(given) {
      model = given;
    },
    async onTrainBegin() {
      batches = 0;
      await model.loadTraining(path);
    },
    async onTrainEnd() {
      if (deleteCheckpoint) await model.removeTraining(path);
    },
  };
  if (every === null) return { ...hooks, onEpochEnd: () => model.saveTraining(path) };
  return {
    ...hooks,
    async onTrainBatchEnd() {
      if (++batches % every === 0) await model.saveTraining(path);
    },
  };
}
