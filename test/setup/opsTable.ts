import type { Reporter, TestModule, TestRunEndReason, Vitest } from 'vitest/node';
import { type Column, columns, type Proof, type Row } from './proof.ts';

/** Prints, after a run of the whole suite, what is proven of each operation. An empty cell fails the run. */
export default class OpsTable implements Reporter {
  private vitest: Vitest | undefined;

  onInit(vitest: Vitest): void {
    this.vitest = vitest;
  }

  async onTestRunEnd(modules: readonly TestModule[], _: unknown, reason: TestRunEndReason): Promise<void> {
    if (!this.vitest || reason === 'interrupted' || !(await isWholeSuite(this.vitest, modules))) return;
    const passed = modules.flatMap((module) => [...module.children.allTests('passed')].map((test) => test.meta()));
    const rows = passed.flatMap((meta) => meta.rows ?? []);
    const proofs = passed.flatMap((meta) => meta.proofs ?? []);
    const { adapter } = this.vitest.getRootProject().getProvidedContext();
    // Without an adapter the suites of that column are listed as not run.
    const needed = columns.filter((column) => column !== 'GPU' || adapter.name !== null);
    console.log(`\n${formatTable(rows, proofs)}`);
    const wrong = gaps(rows, proofs, needed);
    if (wrong.length === 0) return;
    console.log(`\nThe table of operations has gaps:\n${wrong.map((line) => `  ${line}`).join('\n')}`);
    process.exitCode = 1;
  }
}

/** No file was left out, by whatever option, and no test by its name. */
async function isWholeSuite(vitest: Vitest, modules: readonly TestModule[]): Promise<boolean> {
  if (vitest.getGlobalTestNamePattern()) return false;
  const ran = new Set(modules.map(({ moduleId }) => moduleId));
  return (await vitest.globTestSpecifications()).every(({ moduleId }) => ran.has(moduleId));
}

/** What the table lacks, and what it has no place for. */
export function gaps(rows: readonly Row[], proofs: readonly Proof[], needed: readonly Column[]): string[] {
  if (rows.length === 0) return ['no passed test said which rows there must be (test/engine/registry.test.ts does)'];
  const strangers = new Set(proofs.map(({ row }) => row).filter((name) => !rows.some((row) => row.name === name)));
  return [
    ...needed.flatMap((column) => {
      const empty = rows.filter((row) => cell(row, column, proofs) === EMPTY).map(({ name }) => name);
      return empty.length > 0 ? [`no passed test proves '${column}' of ${empty.join(', ')}`] : [];
    }),
    ...[...strangers].map((name) => `a test proves something of ${name}, which is no operation and no public function`),
  ];
}

const EMPTY = '-';

/** The number of passed tests behind a cell, or why it needs none. */
function cell(row: Row, column: Column, proofs: readonly Proof[]): string {
  if (row.gradient !== 'differentiable' && column.endsWith('gradient')) return row.gradient;
  const count = proofs.filter((proof) => proof.row === row.name && proof.column === column).length;
  return count > 0 ? String(count) : EMPTY;
}

export function formatTable(rows: readonly Row[], proofs: readonly Proof[]): string {
  const lines = (['operation', 'function'] as const).flatMap((kind) => [
    [kind, ...columns],
    ...rows
      .filter((row) => row.kind === kind)
      .map((row) => [row.name, ...columns.map((column) => cell(row, column, proofs))]),
  ]);
  const widths = lines[0]!.map((_, c) => Math.max(...lines.map((line) => line[c]!.length)));
  const format = (line: readonly string[]) =>
    line.map((text, c) => (c === 0 ? text.padEnd(widths[c]!) : text.padStart(widths[c]!))).join('  ');
  return lines.map(format).join('\n');
}
