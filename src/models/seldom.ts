// What many programs never do with a model, loaded when one does.
export { CachedFeatures, splitFrozen } from './cachedFeatures.ts';
export { OnBatch } from './onBatch.ts';
export { predictModel } from './predict.ts';
export { StreamedFeed } from './streamedFeed.ts';
