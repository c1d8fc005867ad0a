import { thisMachine } from './preflight/machine.ts';
import { adapter, chromium } from './preflight/needs.ts';
import { preflight } from './preflight/preflight.ts';

// `npm start` needs an adapter only; `npm test` adds --chromium.
process.exitCode = preflight(process.argv.includes('--chromium') ? [adapter, chromium] : [adapter], thisMachine);
