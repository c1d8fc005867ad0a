import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Running, startWgslgrad, temporaryFolder } from './command.ts';
import { fewDigits } from './digits.ts';

const wait = (ms: number) => new Promise((done) => setTimeout(done, ms));

async function longRun() {
  const out = await temporaryFolder();
  const json = join(out, 'r1.json');
  const args = ['--epochs', '100000', '--out', out, '--json', json];
  const results = () => JSON.parse(readFileSync(json, 'utf8'));
  return { out, args, results, env: await fewDigits(320, 100) };
}

test('Ctrl-C stops after the current batch, then tests, writes and draws what was reached', async () => {
  const { out, args, results, env } = await longRun();
  const run = startWgslgrad(['train', '--backend', 'cpu', ...args], env);
  await run.untilPrinted('Epoch 3/');
  run.pressCtrlC();
  expect(await run.ended, run.output).toEqual({ code: 0, signal: null });
  expect(run.output).toContain('ending with the results so far');
  expect(run.output).toMatch(/test accuracy 0\.\d+/);
  for (const file of ['weights.safetensors', 'curves.svg', 'filters.png'])
    expect(existsSync(join(out, file)), `${file}: ${run.output}`).toBe(true);
  const { stopped, history } = results();
  expect(stopped).toBe(true);
  expect(history.val_loss.length).toBeGreaterThanOrEqual(2);
  expect(history.loss.length).toBeLessThan(100_000);
});

test('Ctrl-C while the first step is still being compiled stops before it', async () => {
  const { args, results, env } = await longRun();
  const run = startWgslgrad(['train', ...args], env);
  await run.untilPrinted('Total params');
  run.pressCtrlC();
  expect(await run.ended, run.output).toEqual({ code: 0, signal: null });
  expect(results()).toMatchObject({ stopped: true, files: expect.any(Array) });
  expect(run.output).toContain('no picture curves');
});

test('a second Ctrl-C ends at once with exit code 130', async () => {
  const { out, args, env } = await longRun();
  const run = startWgslgrad(['train', '--backend', 'cpu', ...args], env);
  await run.untilPrinted('Epoch 2/');
  run.pressCtrlC();
  await run.untilPrinted('ending with the results so far');
  await wait(700);
  run.pressCtrlC();
  expect(await run.ended, run.output).toEqual({ code: 130, signal: null });
  expect(existsSync(join(out, 'r1.json'))).toBe(false);
});

// npm passes the signal on that the terminal has sent to all of the group: the program gets one key press twice or more.
test('one Ctrl-C in a terminal stops `npm start` with its results', async () => {
  const { args, results, env } = await longRun();
  const run = new Running('npm', ['start', '--', '--backend', 'cpu', ...args], env);
  await run.untilPrinted('Epoch 2/');
  run.pressCtrlC();
  await run.ended;
  expect(run.output).toMatch(/test accuracy 0\.\d+/);
  expect(results()).toMatchObject({
    stopped: true,
    files: expect.arrayContaining([expect.stringMatching(/curves\.svg$/)]),
  });
});
