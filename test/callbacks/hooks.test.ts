// Hooks that nobody would ever call: misspelt ones, and those that are no functions.
import { beforeAll, expect, test } from 'vitest';
import * as w from 'wgslgrad';
import { start } from '../models/support.ts';

beforeAll(() => start('cpu float32'));

const x = w.Input({ shape: [1] });
const model = new w.Model({ inputs: x, outputs: w.Dense(1).apply(x) });
model.compile({ loss: 'mse' });
const data = [
  [[1], [2]],
  [[1], [2]],
] as const;

class Inherited {
  onEpochEnds() {}
}
class Own extends Inherited {}

test.each<[string, object, string]>([
  ['a letter too many', { onEpochEnds() {} }, 'there is no hook onEpochEnds; the nearest is onEpochEnd'],
  ['letters changed', { onTrainBgein() {} }, 'the nearest is onTrainBegin'],
  ['a word missing', { onBatchEnd() {} }, 'the nearest is onTrainBatchEnd'],
  ['the same at the beginning', { onBatchBegin() {} }, 'the nearest is onTrainBatchBegin'],
  ['a word of another program', { onTestBatchDone() {} }, 'the nearest is onTestBatchEnd'],
  ['as in Python', { on_epoch_end() {} }, 'there is no hook on_epoch_end; the nearest is onEpochEnd'],
  ['a method of a class', new Own(), 'there is no hook onEpochEnds; the nearest is onEpochEnd'],
  ['a number', { onEpochEnd: 3 }, 'callbacks[1]: onEpochEnd: expected a function, got number 3'],
])('%s is refused everywhere', async (_, callback, says) => {
  const [xs, ys] = data;
  const callbacks = [{}, callback];
  for (const [who, run] of [
    ['fit', () => model.fit(xs, ys, { verbose: 0, callbacks })],
    ['evaluate', () => model.evaluate(xs, ys, { verbose: 0, callbacks })],
    ['predict', () => model.predict(xs, { verbose: 0, callbacks })],
  ] as const) {
    await expect(run()).rejects.toThrow(w.ValueError);
    await expect(run()).rejects.toThrow(`${who}: callbacks[1]`);
    await expect(run()).rejects.toThrow(says);
  }
});

test('a callback may have whatever else it likes', async () => {
  class Mine {
    once = 1;
    only = () => {};
    on = true;
    on_my_mind = 2;
    seen: number[] = [];
    get broken(): number {
      throw new Error('nobody needs to look at it');
    }
    ongoing() {}
    onEpochEnd(epoch: number) {
      this.seen.push(epoch);
    }
  }
  const mine = new Mine();
  const [xs, ys] = data;
  await model.fit(xs, ys, { verbose: 0, epochs: 2, callbacks: [mine] });
  expect(mine.seen).toEqual([0, 1]);
});
