// What each operation means, by family: one entry an operation, in the order of the page.
import type { Family } from './text.ts';
import { activations, elementwise } from './texts/elementwise.ts';
import { creation, indexing, shape } from './texts/movement.ts';
import {
  batchStatistics,
  convolution,
  fused,
  losses,
  pooling,
  products,
  reductions,
  resizing,
  transforming,
} from './texts/sums.ts';
import { updates } from './texts/updates.ts';

export const families: readonly Family[] = [
  elementwise,
  activations,
  reductions,
  shape,
  indexing,
  products,
  convolution,
  pooling,
  batchStatistics,
  resizing,
  transforming,
  losses,
  creation,
  updates,
  fused,
];
