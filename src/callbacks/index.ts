// What users reach as `callbacks`.
export { BackupAndRestore, type BackupAndRestoreOptions } from './backupAndRestore.ts';
export { CSVLogger, type CsvLoggerOptions } from './csvLogger.ts';
export { EarlyStopping, type EarlyStoppingOptions } from './earlyStopping.ts';
export { type Hooks, LambdaCallback } from './lambdaCallback.ts';
export { type LearningRateOfEpoch, LearningRateScheduler } from './learningRateScheduler.ts';
export { ModelCheckpoint, type ModelCheckpointOptions } from './modelCheckpoint.ts';
export { ReduceLROnPlateau, type ReduceLROnPlateauOptions } from './reduceLROnPlateau.ts';
export { TensorBoard, type TensorBoardOptions } from './tensorBoard.ts';
export { TerminateOnNaN } from './terminateOnNaN.ts';
