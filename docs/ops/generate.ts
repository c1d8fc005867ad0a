// `npm run docs`: writes docs/ops.md.
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { opsPage } from './page.ts';

writeFileSync(resolve(import.meta.dirname, '../ops.md'), await opsPage());
