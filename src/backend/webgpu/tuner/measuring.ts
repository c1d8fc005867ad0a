// What only a program that tunes needs, or one that was tuned before.
export { calibrate } from './calibrate.ts';
export { parseTable } from './parseTable.ts';
export { tuneCall } from './tune.ts';
