import type { Variable } from '../engine/variable.ts';
import { ValueError } from '../errors.ts';
import { kindOf, refuseUnknown } from '../tensor/options.ts';
import { requireVariables } from './checks.ts';

export interface ExclusionOptions {
  readonly variables?: readonly Variable[];
  /** Parts of names: `['bias']` stands for all biases. */
  readonly names?: readonly string[];
}

/** The variables that do not decay. */
export class Exclusions {
  private readonly variables: readonly Variable[];
  private readonly names: readonly string[];

  constructor(who: string, options: ExclusionOptions) {
    refuseUnknown(who, options, ['variables', 'names']);
    const { variables = [], names = [] } = options;
    if (!Array.isArray(variables) || variables.length > 0) requireVariables(who, variables);
    if (!Array.isArray(names) || names.some((name) => typeof name !== 'string' || name === ''))
      throw new ValueError(`${who}: names must be a list of words, got ${kindOf(names)}`);
    this.variables = variables;
    this.names = names;
  }

  has(variable: Variable): boolean {
    return this.variables.includes(variable) || this.names.some((name) => variable.name.includes(name));
  }
}
