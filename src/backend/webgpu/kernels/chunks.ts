// Kernels and ways that many programs never use, by what brings the need for them: each family is loaded with the first of it.
import { later } from '../later.ts';

/** Convolutions, pools and batch normalisation of any kind: what a network needs beyond the one layer that convPool computes from a patch. */
export const windows = later(() => import('./families/windows.ts'));

/** Operands staged in workgroup memory: what GPUs begin with where a result is large. */
export const staging = later(() => import('./families/staging.ts'));

/** Operands handed round a subgroup, which software devices begin with; and Winograd, which only the tuner chooses. */
export const sharing = later(() => import('./families/sharing.ts'));

/** What is done to pictures before a network sees them. */
export const pictures = later(() => import('./families/pictures.ts'));

/** All but Adam. */
export const optimizers = later(() => import('./families/optimizers.ts'));
