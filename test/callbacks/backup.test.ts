// A run that is killed at any moment and started again ends with the same weights as an undisturbed one.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as w from 'wgslgrad';
import { tinyData, tinyModel } from '../models/support.ts';
import { describeGpu } from '../setup/adapters.ts';

const folders: string[] = [];
const folder = (): string => {
  folders.push(mkdtempSync(join(tmpdir(), 'wgslgrad-backup-')));
  return folders.at(-1)!;
};
afterAll(() => {
  for (const path of folders) rmSync(path, { recursive: true });
});

interface Run {
  /** Batches that were reported. */
  readonly batches: number;
  /** null when it was killed before its end. */
  readonly weights: string | null;
}

/** Runs the program, and kills it without warning after so many batches: while it does one of the next two, or in between. */
function run(args: readonly string[], killAfter = Infinity): Promise<Run> {
  return new Promise((resolve, reject) => {
    const program = join(import.meta.dirname, 'backupRun.ts');
    // A busy machine may be late with the kill: the program must not have come to its end by then.
    if (killAfter < Infinity) args = [...args, `${killAfter + 2}`];
    const child = spawn(process.execPath, ['--import', 'tsx', program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    let [batches, errors, weights] = [0, '', null as string | null];
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.startsWith('weights ')) weights = line;
      if (line.startsWith('batch ') && ++batches >= killAfter) child.kill('SIGKILL');
    });
    child.stderr.on('data', (text) => {
      errors += text;
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0 || signal === 'SIGKILL') resolve({ batches, weights });
      else reject(new Error(errors));
    });
  });
}

function suite(backend: string, kinds: readonly (readonly [freq: string, source: string, kills: readonly number[]])[]) {
  test.each(kinds)('backed up every %s, data as %s, killed after %j batches', async (freq, source, kills) => {
    const undisturbed = await run([backend, '-', freq, source]);
    const backups = folder();
    const args = [backend, backups, freq, source];
    let repeated = 0;
    for (const killAfter of kills) {
      const { weights, batches } = await run(args, killAfter);
      expect(weights).toBeNull();
      repeated += batches;
    }
    const last = await run(args);
    expect(last.weights).toBe(undisturbed.weights);
    // it did go on, and not begin anew
    expect(last.batches).toBeLessThan(undisturbed.batches);
    expect(repeated + last.batches).toBeGreaterThanOrEqual(undisturbed.batches);
    expect(readdirSync(backups)).toEqual([]);
  });
}

describe('on the CPU', () => {
  suite('cpu', [
    ['epoch', 'arrays', [8, 5, 9]],
    ['1', 'arrays', [4, 2, 11]],
    ['5', 'steps', [7, 6]],
    ['3', 'batches', [7, 12]],
  ]);
});

describeGpu('on WebGPU', () => {
  suite('webgpu', [['2', 'arrays', [9, 5]]]);
});

describe('the file', () => {
  beforeAll(async () => {
    await w.init({ backend: 'cpu', seed: 1 });
  });
  afterAll(() => w.close());
  const { x, y } = tinyData(8);
  const train = (path: string, options: Parameters<typeof w.callbacks.BackupAndRestore>[1] = {}) => {
    const model = tinyModel();
    model.compile({ loss: 'categorical_crossentropy' });
    return model.fit(x, y, { epochs: 2, verbose: 0, callbacks: [w.callbacks.BackupAndRestore(path, options)] });
  };

  test('stays if asked, and a finished run is not run again', async () => {
    const path = folder();
    expect((await train(path, { deleteCheckpoint: false })).epoch).toEqual([0, 1]);
    expect(existsSync(join(path, 'training.safetensors'))).toBe(true);
    expect((await train(path)).epoch).toEqual([]);
    expect(readdirSync(path)).toEqual([]);
  });

  test('goes on with other metrics than before, over what is left of the epoch', async () => {
    const path = folder();
    const run = (metrics: string[], callbacks: w.Callback[] = []) => {
      const model = tinyModel();
      model.compile({ loss: 'categorical_crossentropy', metrics });
      const backup = w.callbacks.BackupAndRestore(path, { saveFreq: 1 });
      return model.fit(x, y, { batchSize: 2, verbose: 0, callbacks: [backup, ...callbacks] });
    };
    const onTrainBatchEnd = (batch: number) => {
      if (batch === 2) throw new Error('a power cut');
    };
    await expect(run(['accuracy'], [{ onTrainBatchEnd }])).rejects.toThrow('a power cut');
    const { history } = await run(['mae']);
    expect(history.mae).toHaveLength(1);
    expect(history.mae![0]).toBeGreaterThan(0);
    expect(history.mae![0]).toBeLessThan(1);
  });

  test('is refused when damaged or of another model', async () => {
    const path = folder();
    writeFileSync(join(path, 'training.safetensors'), 'nonsense');
    await expect(train(path)).rejects.toThrow(w.FormatError);
    await train(folder());
    await train(path, { deleteCheckpoint: false }).catch(() => {});
    rmSync(join(path, 'training.safetensors'));
    await train(path, { deleteCheckpoint: false });
    const other = new w.Sequential([w.Dense(3, { activation: 'softmax', inputShape: [2] })]);
    other.compile({ loss: 'categorical_crossentropy' });
    const callbacks = [w.callbacks.BackupAndRestore(path)];
    await expect(other.fit(x, y, { verbose: 0, callbacks })).rejects.toThrow(/holds 4 weights, .* has 2/);
  });

  test.each<[string, () => unknown, RegExp]>([
    [
      'no folder',
      () => Reflect.apply(w.callbacks.BackupAndRestore, null, []),
      /backupDir must be the name of a folder/,
    ],
    ['a frequency of 0', () => w.callbacks.BackupAndRestore('a', { saveFreq: 0 }), /saveFreq must be a whole number/],
    ['a word', () => Reflect.apply(w.callbacks.BackupAndRestore, null, ['a', { saveFreq: 'day' }]), /saveFreq/],
    [
      'an unknown option',
      () => Reflect.apply(w.callbacks.BackupAndRestore, null, ['a', { saves: 1 }]),
      /unknown option saves/,
    ],
  ])('%s is refused', (_, make, says) => {
    expect(make).toThrow(says);
  });
});
