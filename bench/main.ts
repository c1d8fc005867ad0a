// npm run bench [-- steps kernels ...] [--json FILE] [--roofline FILE.svg] [--report FILE.md] [--tuned]
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { describeMachine } from './machine.ts';
import { markdownReport } from './report.ts';
import { drawRoofline } from './roofline.ts';
import type { SectionResult } from './section.ts';
import { chooseSections } from './sections.ts';

const help = `npm run bench [-- steps augment kernels start memory cpu scale ways] [OPTIONS]

  --json FILE       everything that was measured
  --roofline FILE   the kernels under the roof, as SVG
  --report FILE     what to send, as Markdown
  --tuned           tunes first
  --help`;

const { values, positionals } = parseArgs({
  options: {
    help: { type: 'boolean', default: false },
    json: { type: 'string' },
    roofline: { type: 'string' },
    report: { type: 'string' },
    tuned: { type: 'boolean', default: false },
  },
  allowPositionals: true,
});
if (values.help) {
  console.log(help);
  process.exit();
}
// What was asked for is refused before the first minute is spent.
const chosen = chooseSections(positionals);
if (values.roofline !== undefined && !chosen.has('kernels'))
  throw new Error('--roofline draws the kernels: leave their section in');

const machine = await describeMachine();
for (const [fact, value] of Object.entries(machine.facts)) console.log(`${fact}: ${value}`);

const results: Record<string, SectionResult> = {};
for (const [name, section] of chosen) {
  const result = await section({ tuned: values.tuned });
  results[name] = result;
  for (const { title, rows, notes = [] } of result.tables) {
    console.log(`\n${title}`);
    console.table(rows);
    for (const note of notes) console.log(note);
  }
}

const asked = [...positionals, ...(values.tuned ? ['--tuned'] : [])];
const command = ['npm run bench', ...(asked.length > 0 ? ['--', ...asked] : [])].join(' ');
const tables = Object.values(results).flatMap((result) => result.tables);
if (values.json !== undefined) {
  const raw = Object.fromEntries(Object.entries(results).map(([name, result]) => [name, result.raw]));
  save(values.json, `${JSON.stringify({ command, ...machine, sections: raw }, null, 2)}\n`);
}
if (values.roofline !== undefined && results.kernels?.roofline) {
  const { roof, points } = results.kernels.roofline;
  save(values.roofline, (await drawRoofline(machine.facts.adapter ?? '', roof, points)).bytes);
}
if (values.report !== undefined) save(values.report, markdownReport(machine, command, tables));

function save(path: string, content: string | Uint8Array): void {
  writeFileSync(path, content);
  console.log(`wrote ${path}`);
}
