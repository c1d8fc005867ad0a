// Checks of options. Each error names whose option it is, what came and what was expected.
import { ValueError } from '../errors.ts';

/** Options that nobody knows are refused: a misspelt one would otherwise be ignored in silence. */
export function refuseUnknown(who: string, options: object, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null) {
    throw new ValueError(
      `${who}: options must be an object, got ${JSON.stringify(options)}; there are ${known.join(', ')}`,
    );
  }
  for (const name of Object.keys(options)) {
    if (!known.includes(name)) throw new ValueError(`${who}: unknown option ${name}; there are ${known.join(', ')}`);
  }
}

export function wholeNumber(who: string, name: string, value: unknown, least: number): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= least) return value;
  throw new ValueError(`${who}: ${name} must be a whole number of at least ${least}, got ${String(value)}`);
}

/** A finite number of at least `least` and below `below`. */
export function finiteNumber(who: string, name: string, value: unknown, least = -Infinity, below = Infinity): number {
  if (typeof value === 'number' && Number.isFinite(value) && value >= least && value < below) return value;
  const range =
    below === Infinity ? (least === -Infinity ? '' : ` of at least ${least}`) : ` from ${least} to below ${below}`;
  throw new ValueError(`${who}: ${name} must be a finite number${range}, got ${String(value)}`);
}

export function truth(who: string, name: string, value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  throw new ValueError(`${who}: ${name} must be true or false, got ${JSON.stringify(value)}`);
}
