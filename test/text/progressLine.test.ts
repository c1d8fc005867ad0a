import { describe, expect, it } from 'vitest';
import {
  epochHeader,
  epochLine,
  type LogEntry,
  orderLogs,
  ProgressLine,
  type ProgressState,
  progressLine,
} from '../../src/callbacks/progressLine.ts';

const FULL = '━'.repeat(20);
const CLOSING_LOGS: LogEntry[] = [
  ['val_loss', 0.1262],
  ['loss', 0.3902],
  ['val_accuracy', 0.9646],
  ['accuracy', 0.8914],
];
const CLOSED: ProgressState = {
  current: 1500,
  total: 1500,
  elapsedSeconds: 6.2,
  secondsPerStep: 0.004,
  logs: CLOSING_LOGS,
  done: true,
};
const RUNNING: ProgressState = {
  current: 300,
  total: 1500,
  elapsedSeconds: 3,
  secondsPerStep: 0.01,
  logs: [['loss', 0.5]],
  done: false,
};
const plain = (state: ProgressState) => progressLine(state, { ansi: false });

describe('the line with the bar', () => {
  it('closes an epoch as the specification shows it', () => {
    expect(plain(CLOSED)).toBe(
      '1500/1500 ━━━━━━━━━━━━━━━━━━━━ 6s 4ms/step - accuracy: 0.8914 - loss: 0.3902 - val_accuracy: 0.9646 - val_loss: 0.1262',
    );
  });

  it('shows the time left while it runs, and the time taken at the end', () => {
    expect(plain(RUNNING)).toBe(` 300/1500 ${FULL} 12s 10ms/step - loss: 0.5000`);
    expect(plain({ ...RUNNING, done: true })).toBe(` 300/1500 ${FULL} 3s 10ms/step - loss: 0.5000`);
  });

  it.each([
    [12.5, '12s'],
    [65, '1:05'],
    [3727, '1:02:07'],
  ])('shows %d s that are left as %s', (secondsPerStep, text) => {
    expect(plain({ ...RUNNING, current: 1499, secondsPerStep }).split(' ')[2]).toBe(text);
  });

  it('counts steps of unknown number in seven characters, without a bar and with the time taken', () => {
    const line = plain({ ...RUNNING, total: null });
    expect(line).toBe('    300/Unknown 3s 10ms/step - loss: 0.5000');
  });

  it('ends after the time per step when there is nothing to show', () => {
    expect(plain({ ...CLOSED, logs: [] })).toBe(`1500/1500 ${FULL} 6s 4ms/step`);
  });

  it('shows a loss that is not a number, and one that is not finite', () => {
    const logs: LogEntry[] = [
      ['loss', Number.NaN],
      ['accuracy', Number.POSITIVE_INFINITY],
    ];
    expect(plain({ ...CLOSED, logs })).toBe(`1500/1500 ${FULL} 6s 4ms/step - accuracy: inf - loss: nan`);
  });

  it('on a terminal paints count and time bold, the done cells green and the others white', () => {
    expect(progressLine({ ...RUNNING, logs: [] }, { ansi: true })).toBe(
      '\x1b[1m 300/1500\x1b[0m \x1b[32m━━━━\x1b[0m\x1b[37m━━━━━━━━━━━━━━━━\x1b[0m \x1b[1m12s\x1b[0m 10ms/step',
    );
  });

  it.each([
    [0, 7, 0],
    [1, 7, 2],
    [3, 20, 3],
    [149, 150, 19],
    [150, 150, 20],
    [0, 0, 20],
  ])('at %d of %d paints %d cells green', (current, total, cells) => {
    const line = progressLine({ ...RUNNING, current, total }, { ansi: true });
    const green = line.split('\x1b[32m')[1]?.split('\x1b')[0] ?? '';
    const white = line.split('\x1b[37m')[1]?.split('\x1b')[0] ?? '';
    expect([green.length, white.length]).toEqual([cells, 20 - cells]);
  });
});

it('logs are ordered by character code, validation after training', () => {
  const names = ['val_loss', 'mae', 'Recall', 'loss', 'val_accuracy', 'accuracy'];
  expect(orderLogs(names.map((name) => [name, 0])).map(([name]) => name)).toEqual([
    'Recall',
    'accuracy',
    'loss',
    'mae',
    'val_accuracy',
    'val_loss',
  ]);
});

it('the line of verbose 2 has neither bar nor control codes', () => {
  expect(epochLine(CLOSED)).toBe(
    '1500/1500 - 6s - 4ms/step - accuracy: 0.8914 - loss: 0.3902 - val_accuracy: 0.9646 - val_loss: 0.1262',
  );
});

it('the header counts epochs from 1', () => {
  expect(epochHeader(0, 10)).toBe('Epoch 1/10');
});

interface Scene {
  readonly verbose?: 0 | 1 | 2;
  readonly epochs?: number;
  readonly interactive?: boolean;
  readonly columns?: number;
}

/** A progress line whose clock stands still until the test moves it. */
function scene({ verbose = 1, epochs = 1, interactive = true, columns = 120 }: Scene = {}) {
  const writes: string[] = [];
  const clock = { seconds: 1000 };
  const terminal = { interactive, columns, write: (text: string) => void writes.push(text) };
  return { writes, clock, progress: new ProgressLine({ verbose, epochs, terminal, now: () => clock.seconds }) };
}

/** What a reader sees of a write: no colours, no cursor moves. */
function visible(text: string | undefined): string {
  const [first = '', ...rest] = (text ?? '').replaceAll('\r', '').split('\x1b[');
  return first + rest.map((part) => part.replace(/^\d*[mK]/, '')).join('');
}

describe('redrawing on a terminal', () => {
  it('happens in place', () => {
    const { writes, clock, progress } = scene();
    progress.begin(0, 10);
    clock.seconds += 1;
    progress.update(1, []);
    progress.end([]);
    expect(writes.map((text) => text.startsWith('\r\x1b[K'))).toEqual([true, true]);
    expect(writes.map((text) => text.endsWith('\n'))).toEqual([false, true]);
  });

  it('happens at most every 0.05 s, and always for the last step and the end', () => {
    const { writes, clock, progress } = scene();
    progress.begin(0, 11);
    for (let step = 1; step <= 11; step++) {
      clock.seconds += 1 / 64;
      progress.update(step, []);
    }
    progress.end([]);
    // Four steps of 1/64 s are the first multiple above 0.05 s.
    expect(writes.map((text) => Number.parseInt(visible(text), 10))).toEqual([1, 5, 9, 11, 11]);
  });

  it('leaves out the last logs of a running line that would wrap, and shows all of them at the end', () => {
    const { writes, progress } = scene({ columns: 60 });
    const logs: LogEntry[] = [
      ['loss', 0.5],
      ['accuracy', 0.25],
    ];
    progress.begin(0, 10);
    progress.update(1, logs);
    progress.end(logs);
    expect(visible(writes[0])).toBe(` 1/10 ${FULL} 0s 0s/step - accuracy: 0.2500`);
    expect(visible(writes[1])).toBe(` 1/10 ${FULL} 0s 0s/step - accuracy: 0.2500 - loss: 0.5000\n`);
  });

  it('starts afresh with every epoch', () => {
    const { writes, clock, progress } = scene({ epochs: 2 });
    for (const epoch of [0, 1]) {
      progress.begin(epoch, 2);
      clock.seconds += 3;
      progress.update(1, []);
      clock.seconds += 1;
      progress.update(2, []);
      progress.end([]);
    }
    const lines = writes.map(visible).filter((text) => text.endsWith('\n'));
    const closing = `2/2 ${FULL} 4s 1s/step\n`;
    expect(lines).toEqual(['Epoch 1/2\n', closing, 'Epoch 2/2\n', closing]);
  });

  it('leaves the line to other text when it is told so, once', () => {
    const { writes, progress } = scene();
    progress.begin(0, 10);
    progress.breakLine();
    progress.update(1, []);
    progress.breakLine();
    progress.breakLine();
    progress.end([]);
    expect(writes.slice(1)).toEqual(['\n', expect.not.stringContaining('\r')]);
  });
});

describe('time per step', () => {
  it('is that of the first step as long as there is no other', () => {
    const { writes, clock, progress } = scene();
    progress.begin(0, 11);
    clock.seconds += 5;
    progress.update(1, []);
    expect(visible(writes[0])).toBe(` 1/11 ${FULL} 50s 5s/step`);
  });

  it('leaves out the first step, which compiles, and the validation after the last', () => {
    const { writes, clock, progress } = scene();
    progress.begin(0, 11);
    clock.seconds += 5;
    progress.update(1, []);
    for (let step = 2; step <= 11; step++) {
      clock.seconds += 0.25;
      progress.update(step, []);
    }
    clock.seconds += 10;
    progress.end([]);
    expect(visible(writes.at(-1))).toBe(`11/11 ${FULL} 18s 250ms/step\n`);
  });

  it('leaves out the first report when steps are reported several at a time', () => {
    const { writes, clock, progress } = scene();
    progress.begin(0, 16);
    clock.seconds += 40;
    progress.update(8, []);
    clock.seconds += 4;
    progress.update(16, []);
    progress.end([]);
    expect(visible(writes.at(-1))).toBe(`16/16 ${FULL} 44s 500ms/step\n`);
  });

  it('is measured at every step, drawn or not', () => {
    const { writes, clock, progress } = scene({ interactive: false });
    progress.begin(0, 3);
    for (const step of [1, 2, 3]) {
      clock.seconds += 2;
      progress.update(step, []);
    }
    progress.end([]);
    expect(writes).toEqual([`3/3 ${FULL} 6s 2s/step\n`]);
  });
});

describe('what is printed', () => {
  /** One epoch of three slow steps with validation at its end. */
  function epoch(options: Scene, total: number | null = 3) {
    const { writes, clock, progress } = scene(options);
    progress.begin(0, total);
    for (const step of [1, 2, 3]) {
      clock.seconds += 1;
      progress.update(step, [['loss', 1 / step]]);
    }
    progress.end([
      ['loss', 0.25],
      ['val_loss', 0.5],
    ]);
    return writes;
  }

  it('without an interactive terminal is one full line for each epoch, without control codes', () => {
    expect(epoch({ interactive: false, epochs: 10, columns: 20 })).toEqual([
      'Epoch 1/10\n',
      `3/3 ${FULL} 3s 1s/step - loss: 0.2500 - val_loss: 0.5000\n`,
    ]);
  });

  it.each([true, false])('in verbose 2 is the plain line, interactive or not (%s)', (interactive) => {
    expect(epoch({ verbose: 2, interactive, epochs: 2 })).toEqual([
      'Epoch 1/2\n',
      '3/3 - 3s - 1s/step - loss: 0.2500 - val_loss: 0.5000\n',
    ]);
  });

  it('in verbose 0 is nothing', () => {
    expect(epoch({ verbose: 0, epochs: 2 })).toEqual([]);
  });

  it('for a single epoch has no header', () => {
    expect(epoch({ verbose: 2, epochs: 1 })).toEqual(['3/3 - 3s - 1s/step - loss: 0.2500 - val_loss: 0.5000\n']);
  });

  it('for an epoch of unknown length counts, and closes with the number of steps there were', () => {
    const lines = epoch({}, null).map(visible);
    expect(lines[0]).toBe('      1/Unknown 1s 1s/step - loss: 1.0000');
    expect(lines.at(-1)).toBe(`3/3 ${FULL} 3s 1s/step - loss: 0.2500 - val_loss: 0.5000\n`);
  });

  it('after an early stop is the number of steps that were really done', () => {
    expect(epoch({ interactive: false }, 1500)).toEqual([
      `   3/1500 ${FULL} 3s 1s/step - loss: 0.2500 - val_loss: 0.5000\n`,
    ]);
  });
});
