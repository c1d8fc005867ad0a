// What users reach as `applications`.
export type { ApplicationOptions } from './application.ts';
export { MobileNetV2, type MobileNetV2Options } from './mobilenetV2.ts';
export * as mobilenetV2 from './mobilenetV2Images.ts';
export type { Prediction } from './predictions.ts';
export { ResNet50 } from './resnet50.ts';
export * as resnet50 from './resnet50Images.ts';
