export { optimizerKernels } from '../optimizers.ts';
