// What users reach as `callbacks`.
export { BackupAndRestore, type BackupAndRestoreOptions } from './backupAndRestore.ts';
export { EarlyStopping, type EarlyStoppingOptions } from './earlyStopping.ts';
export type { CsvLoggerOptions } from './files/csvLogger.ts';
export { CSVLogger, ModelCheckpoint, TensorBoard } from './files/index.ts';
export type { ModelCheckpointOptions } from './files/modelCheckpoint.ts';
export type { TensorBoardOptions } from './files/tensorBoard.ts';
export { type Hooks, LambdaCallback } from './lambdaCallback.ts';
export { type LearningRateOfEpoch, LearningRateScheduler } from './learningRateScheduler.ts';
export { ReduceLROnPlateau, type ReduceLROnPlateauOptions } from './reduceLROnPlateau.ts';
export { TerminateOnNaN } from './terminateOnNaN.ts';
