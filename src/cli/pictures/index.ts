export { type Augmented, drawAugmentations } from './augmentations.ts';
export { drawConfusionMatrix } from './confusionMatrix.ts';
export { drawCurves } from './curves.ts';
export { drawFeatureMaps } from './featureMaps.ts';
export { drawFilters } from './filters.ts';
export type { Picture } from './picture.ts';
