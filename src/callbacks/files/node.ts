// Callbacks that write files.
export { CSVLogger } from './csvLogger.ts';
export { ModelCheckpoint } from './modelCheckpoint.ts';
export { TensorBoard } from './tensorBoard.ts';
