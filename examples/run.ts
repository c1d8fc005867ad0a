// `npm run example NAME` runs examples/NAME.ts.
import { readdirSync } from 'node:fs';

const names = readdirSync(import.meta.dirname).flatMap((file) =>
  file === 'run.ts' || !file.endsWith('.ts') ? [] : [file.replace(/\.ts$/, '')],
);
const name = process.argv[2] ?? '';
if (names.includes(name)) await import(`./${name}.ts`);
else {
  console.error(`usage: npm run example NAME, with NAME one of ${names.join(', ')}`);
  process.exitCode = 2;
}
