import { affine } from './affine.ts';
import type { Definitions } from './definition.ts';
import { elementwise } from './elementwise.ts';
import { fused } from './fused.ts';
import { linear } from './linear.ts';
import { movement } from './movement.ts';
import { optimizers } from './optimizers.ts';
import { random } from './random.ts';
import { rows } from './rows.ts';
import { updates } from './updates.ts';
import { windows } from './windows.ts';

/** A kernel without a definition does not compile. */
export const definitions: Definitions = {
  ...elementwise,
  ...movement,
  ...random,
  ...linear,
  ...windows,
  ...affine,
  ...fused,
  ...rows,
  ...updates,
  ...optimizers,
};
