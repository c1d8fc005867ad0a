// How long a user waits for the first step of the built package.
import { fileURLToPath } from 'node:url';
import { requireBuilt } from '../built.ts';
import type { SectionResult } from '../section.ts';
import { type Starter, startRow, startTimes } from '../startTimes.ts';

const ROUNDS = 5;

/** R1 by dist/node. */
export const ourStart: Starter = {
  name: 'wgslgrad',
  script: fileURLToPath(new URL('../start/wgslgrad.mjs', import.meta.url)),
};

export async function start(): Promise<SectionResult> {
  requireBuilt();
  const times = await startTimes([ourStart], ROUNDS);
  return { tables: [{ title: 'Start', rows: times.map(startRow) }], raw: times };
}
