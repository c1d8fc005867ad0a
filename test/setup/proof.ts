// Which test proves what: a passed test counts in the cells it names, and the table of operations (opsTable.ts) is printed
// from nothing else. In a test:
//
//   test.for(table)('%s', ([name], { task }) => {
//     proves(task, 'special values', name);
//     ...
//   });
import type { TaskMeta } from 'vitest';

export const columns = ['CPU32', 'CPU64', 'GPU', 'gradient', 'second gradient', 'special values'] as const;
export type Column = (typeof columns)[number];

/** What the table must have a row for: an operation of the registry, or a public function that is none itself. */
export interface Row {
  readonly name: string;
  readonly kind: 'operation' | 'function';
  /** Whether the two gradient cells need a proof; else the words that stand there. */
  readonly gradient: 'differentiable' | 'not differentiable' | 'in place' | 'no input';
}

export interface Proof {
  readonly row: string;
  readonly column: Column;
}

declare module 'vitest' {
  interface TaskMeta {
    proofs?: readonly Proof[];
    /** Set by one test of the suite: all rows there must be. */
    rows?: readonly Row[];
  }
}

/** Says inside a test that it proves a column of these rows (names of operations or public functions). */
export function proves(task: { readonly meta: TaskMeta }, column: Column, ...rows: readonly string[]): void {
  task.meta.proofs = [...(task.meta.proofs ?? []), ...rows.map((row) => ({ row, column }))];
}
