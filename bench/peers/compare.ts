// We and the other engines, on one adapter, in one process, in turns.
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { provideGpu } from './gpu.ts';
import { openPeers } from './peers.ts';
import { type Section, sections } from './sections.ts';

async function compare(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { json: { type: 'string' }, tuned: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  const chosen = choose(positionals);
  provideGpu();
  const peers = await openPeers(values.tuned);
  console.log(`Node ${process.version}, ${cpus().length} cores, ${cpus()[0]?.model ?? 'unknown'}`);
  console.log(`adapter: ${peers.ours.adapter}, npm webgpu ${peers.dawn}`);
  console.log(values.tuned ? 'our kernels are tuned first' : 'our kernels are not tuned');
  console.log(`engines: ${[peers.ours, ...peers.rivals].map(({ name }) => name).join(', ')}`);
  const report: Record<string, unknown> = {
    adapter: peers.ours.adapter,
    engines: peers.rivals.map(({ name }) => name),
  };
  for (const [name, section] of chosen) report[name] = await section(peers);
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(report, null, 2)}\n`);
}

function choose(names: readonly string[]): [string, Section][] {
  const unknown = names.filter((name) => !sections.has(name));
  if (unknown.length > 0)
    throw new Error(`no section ${unknown.join(', ')}; there are ${[...sections.keys()].join(', ')}`);
  return [...sections].filter(([name]) => names.length === 0 || names.includes(name));
}

// Dawn alone does not keep Node alive while a promise of it is waited for.
const alive = setInterval(() => {}, 1000);
let exitCode = 0;
try {
  await compare();
} catch (error) {
  exitCode = 1;
  console.error(error);
}
clearInterval(alive);
process.send?.(exitCode);
