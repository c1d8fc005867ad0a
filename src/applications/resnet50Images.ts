export { decodePredictions } from './predictions.ts';
export { preprocessCaffe as preprocessInput } from './preprocess.ts';
