// From the start of a process to the end of the first step of R1, by packages as they are installed.
import { fileURLToPath } from 'node:url';
import { requireBuilt } from '../built.ts';
import { ourStart } from '../sections/start.ts';
import { startRow, startTimes } from '../startTimes.ts';

const ROUNDS = 5;
const script = (name: string) => fileURLToPath(new URL(`start/${name}.mjs`, import.meta.url));

export async function compareStart(): Promise<unknown> {
  requireBuilt();
  const rivals = [
    { name: 'tfjs', script: script('tfjs') },
    { name: 'jax-js', script: script('jax') },
  ];
  const times = await startTimes([ourStart, ...rivals], ROUNDS);
  console.log('\nProcess start to the end of the first step of R1 (cold: no shader cache of Mesa):');
  console.table(times.map(startRow));
  return times;
}
