// At least one case for every operation: how to call it, and on which inputs. The registry test, the gradient checks and
// the comparison of backends are all made from this table, so an operation without a case cannot pass.
import { affineCases } from './cases/affine.ts';
import type { Case } from './cases/case.ts';
import { elementwiseCases } from './cases/elementwise.ts';
import { fusedCases } from './cases/fused.ts';
import { linearCases } from './cases/linear.ts';
import { normalizeCases } from './cases/normalize.ts';
import { reduceCases } from './cases/reduce.ts';
import { shapeCases } from './cases/shape.ts';
import { updateCases } from './cases/updates.ts';

export type { Case, Input } from './cases/case.ts';
export { canBeChecked, canBeCheckedTwice, isDifferentiable, isFloatInput } from './cases/case.ts';

export const cases: readonly Case[] = [
  ...elementwiseCases,
  ...reduceCases,
  ...shapeCases,
  ...linearCases,
  ...affineCases,
  ...normalizeCases,
  ...fusedCases,
  ...updateCases,
];
