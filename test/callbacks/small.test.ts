import { afterEach, describe, expect, test, vi } from 'vitest';
import { callbacks, ResourceError, ValueError } from 'wgslgrad';
import { ProgressLine } from '../../src/callbacks/progressLine.ts';
import { say, warn } from '../../src/callbacks/say.ts';
import { platform } from '../../src/platform/index.ts';
import { printed } from '../models/support.ts';
import { FakeModel, run } from './support.ts';

describe('TerminateOnNaN', () => {
  test.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    'ends after a loss of %d',
    async (loss) => {
      const model = new FakeModel();
      const seen: number[] = [];
      const watch = callbacks.LambdaCallback({ onTrainBatchEnd: (batch) => void seen.push(batch) });
      const batches = [{ loss: 1 }, { loss, accuracy: 1 }, { loss: 1 }];
      const text = await printed(async () => {
        expect(
          await run([callbacks.TerminateOnNaN(), watch], model, [{ logs: {}, batches }, { logs: {} }]),
        ).toHaveLength(1);
      });
      expect(text).toBe('Batch 1: Invalid loss, terminating training\n');
      expect(seen).toEqual([0, 1]);
    },
  );

  test.each([[{ loss: 1e30 }], [{ loss: -1 }], [{ accuracy: Number.NaN }], [{}]])('goes on after %o', async (logs) => {
    const model = new FakeModel();
    const epochs = [{ logs: {}, batches: [logs] }, { logs: { val_loss: Number.NaN } }, { logs: {} }];
    const text = await printed(async () => {
      expect(await run([callbacks.TerminateOnNaN()], model, epochs)).toHaveLength(3);
    });
    expect(text).toBe('');
  });
});

describe('LambdaCallback', () => {
  const names = [
    ...['onTrainBegin', 'onTrainEnd', 'onEpochBegin', 'onEpochEnd', 'onTrainBatchBegin', 'onTrainBatchEnd'],
    ...['onTestBegin', 'onTestEnd', 'onTestBatchBegin', 'onTestBatchEnd'],
    ...['onPredictBegin', 'onPredictEnd', 'onPredictBatchBegin', 'onPredictBatchEnd'],
  ];

  test('has the hooks that it was given and no other: one for batches would make training wait', () => {
    expect(Object.keys(callbacks.LambdaCallback())).toEqual([]);
    expect(Object.keys(callbacks.LambdaCallback({ onEpochEnd() {} }))).toEqual(['onEpochEnd']);
    const all = Object.fromEntries(names.map((name) => [name, () => {}]));
    expect(callbacks.LambdaCallback(all)).toEqual(all);
  });

  test('is called with what the hook is called with', async () => {
    const seen: unknown[] = [];
    const lambda = callbacks.LambdaCallback({
      onEpochBegin: (epoch) => void seen.push(['begin', epoch]),
      async onEpochEnd(epoch, logs) {
        logs.added = 5;
        seen.push(['end', epoch, logs]);
      },
      onTrainEnd: (logs) => void seen.push(['done', logs]),
    });
    const logs = await run([lambda], new FakeModel(), [{ logs: { loss: 1 } }]);
    expect(logs).toEqual([{ loss: 1, added: 5 }]);
    expect(seen).toEqual([
      ['begin', 0],
      ['end', 0, logs[0]],
      ['done', logs[0]],
    ]);
  });

  test.each<[object, string]>([
    [{ onBatchEnd() {} }, 'LambdaCallback: unknown option onBatchEnd; there are onTrainBegin, '],
    [{ on_epoch_end() {} }, 'LambdaCallback: unknown option on_epoch_end'],
    [{ setModel() {} }, 'LambdaCallback: unknown option setModel'],
    [{ onEpochEnd: 3 }, 'LambdaCallback: onEpochEnd: expected a function, got number 3'],
    [{ onEpochEnd: null }, 'LambdaCallback: onEpochEnd: expected a function, got null'],
  ])('refuses %o', (hooks, says) => {
    expect(() => callbacks.LambdaCallback(hooks)).toThrow(ValueError);
    expect(() => callbacks.LambdaCallback(hooks)).toThrow(says);
  });
});

describe('a message', () => {
  afterEach(() => vi.restoreAllMocks());
  const line = (interactive: boolean) => {
    const terminal = { interactive, columns: 80, write: (text: string) => platform.terminal.write(text) };
    return new ProgressLine({ verbose: 1, epochs: 1, terminal, now: () => 0 });
  };
  // what stands behind an escape character is a control code
  const drawn = (text: string) =>
    text
      .split('\x1b')
      .map((part, i) => (i === 0 ? part : part.replace(/^\[[\d;]*[mK]/, '')))
      .join('');

  test('starts on a line of its own where a progress line stands half drawn, and the line closes below', async () => {
    const text = await printed(() => {
      const half = line(true);
      half.begin(0, 1);
      half.update(1, []);
      say('one');
      say('two');
      half.end([]);
      say('three');
    });
    const bar = `1/1 ${'━'.repeat(20)} 0s 0s/step`;
    expect(drawn(text)).toBe(`\r${bar}\none\ntwo\n${bar}\nthree\n`);
  });

  test('is no more than its line elsewhere', async () => {
    const text = await printed(() => {
      const quiet = line(false);
      quiet.begin(0, 1);
      quiet.update(1, []);
      say('one');
      quiet.breakLine();
    });
    expect(text).toBe('one\n');
  });

  test('a warning breaks the line too, and goes where warnings go', async () => {
    const heard = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const text = await printed(() => {
      const half = line(true);
      half.begin(0, 2);
      half.update(1, []);
      warn('odd');
    });
    expect(text.endsWith('\n')).toBe(true);
    expect(heard.mock.calls).toEqual([['odd']]);
  });
});

test('what a browser has of the callbacks that write files says that it has none', async () => {
  const browser = await import('../../src/callbacks/files/browser.ts');
  const node = await import('../../src/callbacks/files/node.ts');
  expect(Object.keys(browser).sort()).toEqual(Object.keys(node).sort());
  for (const [name, make] of Object.entries(browser)) {
    expect(() => make('m.keras' as never)).toThrow(ResourceError);
    expect(() => make('m.keras' as never)).toThrow(`${name} writes files, and a browser has none: leave it out there`);
  }
});
