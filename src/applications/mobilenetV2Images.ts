export { decodePredictions } from './predictions.ts';
export { preprocessTf as preprocessInput } from './preprocess.ts';
