// From the start of a process to the end of its first training step.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median, rounded } from './arithmetic.ts';
import type { TableRow } from './section.ts';

/** A program for Node that ends in one line, `loss ` and a number, as soon as its first step is done. */
export interface Starter {
  readonly name: string;
  readonly script: string;
}

export interface StartTimes {
  readonly name: string;
  readonly coldMs: readonly number[];
  readonly warmMs: readonly number[];
}

/**
 * Each program several times, in turns: cold with an empty shader cache (of Mesa; the drivers of hardware have their own,
 * which stay as they are), and warm with the one that the cold run left.
 */
export async function startTimes(starters: readonly Starter[], rounds: number): Promise<StartTimes[]> {
  const times = starters.map(({ name }) => ({ name, coldMs: [] as number[], warmMs: [] as number[] }));
  for (let round = 0; round < rounds; round++) {
    for (const [i, starter] of starters.entries()) {
      const cache = mkdtempSync(join(tmpdir(), 'wgslgrad-bench-'));
      times[i]!.coldMs.push(await startOnce(starter, cache));
      times[i]!.warmMs.push(await startOnce(starter, cache));
      rmSync(cache, { recursive: true });
    }
  }
  return times;
}

export function startRow({ name, coldMs, warmMs }: StartTimes): TableRow {
  return {
    ...{ 'process start to the end of the first step': name, processes: coldMs.length },
    ...{ 'cold, median ms': rounded(median(coldMs)), 'minimum ms': rounded(Math.min(...coldMs)) },
    ...{ 'warm, median ms': rounded(median(warmMs)), 'warm, minimum ms': rounded(Math.min(...warmMs)) },
  };
}

function startOnce({ name, script }: Starter, cache: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const begin = performance.now();
    const env = { ...process.env, MESA_SHADER_CACHE_DIR: cache };
    const child = spawn(process.execPath, [script], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let ms = Number.NaN;
    let output = '';
    let complaints = '';
    child.stdout.on('data', (text) => {
      output += text;
      if (Number.isNaN(ms) && /^loss \d/m.test(output)) ms = performance.now() - begin;
    });
    child.stderr.on('data', (text) => {
      complaints += text;
    });
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0 && !Number.isNaN(ms)) resolve(ms);
      else reject(new Error(`${name} did not end its first step (exit ${code}): ${output}${complaints}`));
    });
  });
}
