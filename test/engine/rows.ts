// The rows of the table of operations (test/setup/opsTable.ts), and which of them a case is a proof of.
import { publicFunctions } from '../../docs/ops/facts.ts';
import { allOps, type OpDefinition } from '../../src/engine/op.ts';
import type { Row } from '../setup/proof.ts';
import { type Case, cases, isDifferentiable } from './cases.ts';

/** The operation, and the public function where that is another. */
export function rowsOf({ op, fn = op }: Case): string[] {
  return [...new Set([op, fn])];
}

/** The cases of an operation or a public function. */
export function casesOf(name: string): Case[] {
  return cases.filter((one) => rowsOf(one).includes(name));
}

/** One row for each operation of the registry, and for each public function that is none itself. */
export async function tableRows(): Promise<Row[]> {
  const ops = allOps();
  const names = ops.map(({ name }) => name);
  const functions = (await publicFunctions()).map(({ name }) => name).filter((name) => !names.includes(name));
  return [
    ...ops.map((op): Row => ({ name: op.name, kind: 'operation', gradient: gradientOf(op) })),
    ...functions.map((name): Row => ({ name, kind: 'function', gradient: gradientOfFunction(name) })),
  ];
}

/** What the operation says of itself. */
function gradientOf({ name, mutates, gradient }: OpDefinition): Row['gradient'] {
  if (mutates) return 'in place';
  if (gradient === 'not differentiable') return gradient;
  return takesNothing(casesOf(name)) ? 'no input' : 'differentiable';
}

/** What the operations at the heart of its cases say. */
function gradientOfFunction(name: string): Row['gradient'] {
  const own = casesOf(name);
  if (takesNothing(own)) return 'no input';
  return own.some(isDifferentiable) ? 'differentiable' : 'not differentiable';
}

const takesNothing = (own: readonly Case[]) => own.every(({ inputs }) => inputs.length === 0);
