// The browser build replaces './node.ts' with './browser.ts' (see build/bundle.ts).
export { CSVLogger, ModelCheckpoint, TensorBoard } from './node.ts';
