// What was measured, as a file: of which device, with which limits, and of which shaders. A table is taken whole or not at all.
import type { Tuned } from '../../backend.ts';
import type { AdapterIdentity } from '../device.ts';
import type { Roof } from './costModel.ts';

/** The form of the file; raised when it, the keys or the names of ways change their meaning. */
export const FORMAT = 1;

export interface Entry extends Tuned {
  /** Of the text of the shaders of the way: another text is another way. */
  readonly shaders: string;
}

export interface Table {
  /** What the device can do at most, once it was measured. */
  readonly roof: Roof | null;
  readonly entries: readonly Entry[];
}

export function formatTable({ adapter, features, limits }: AdapterIdentity, { roof, entries }: Table): string {
  return `${JSON.stringify({ format: FORMAT, adapter, features, limits, roof, entries }, null, 1)}\n`;
}
