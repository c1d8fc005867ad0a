// The report that people send: one Markdown file that says all that a stranger needs to read the figures.
import type { Machine } from './machine.ts';
import type { Table } from './section.ts';

export function markdownReport(machine: Machine, command: string, tables: readonly Table[]): string {
  const facts = Object.entries(machine.facts).map(([fact, value]) => ({ fact, value }));
  const limits = Object.entries(machine.limits).map(([limit, value]) => ({ limit, value }));
  return [
    `# wgslgrad on ${machine.facts.adapter}`,
    `\`${command}\``,
    section({ title: 'Machine', rows: facts }),
    ...tables.map(section),
    `## Features\n\n${machine.features.join(', ') || 'none'}`,
    section({ title: 'Limits', rows: limits }),
    '',
  ].join('\n\n');
}

function section({ title, rows, notes = [] }: Table): string {
  return [`## ${title}`, markdownTable(rows), ...notes].join('\n\n');
}

function markdownTable(rows: Table['rows']): string {
  const [first] = rows;
  if (!first) return '(nothing)';
  const columns = Object.keys(first);
  const line = (cells: readonly (string | number | undefined)[]) =>
    `| ${cells.map((cell) => String(cell ?? '').replaceAll('|', '\\|')).join(' | ')} |`;
  return [
    line(columns),
    line(columns.map(() => '---')),
    ...rows.map((row) => line(columns.map((name) => row[name]))),
  ].join('\n');
}
