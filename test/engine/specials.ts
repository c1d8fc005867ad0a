// What each operation and each public function does with infinities, NaN, zeros and the ends of the number ranges. The
// registry test and specials.test.ts are made from this table: without a case neither an operation nor a function passes.
import { affineSpecials } from './specials/affine.ts';
import { elementwiseSpecials } from './specials/elementwise.ts';
import { fusedSpecials } from './specials/fused.ts';
import { linearSpecials } from './specials/linear.ts';
import { movementSpecials } from './specials/movement.ts';
import { normalizeSpecials } from './specials/normalize.ts';
import { reduceSpecials } from './specials/reduce.ts';
import type { Special } from './specials/special.ts';
import { updateSpecials } from './specials/updates.ts';

export const specials: readonly Special[] = [
  ...elementwiseSpecials,
  ...reduceSpecials,
  ...movementSpecials,
  ...linearSpecials,
  ...affineSpecials,
  ...normalizeSpecials,
  ...fusedSpecials,
  ...updateSpecials,
];
