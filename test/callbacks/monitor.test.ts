import { expect, test, vi } from 'vitest';
import { ValueError } from 'wgslgrad';
import { Monitor, type MonitorOptions } from '../../src/callbacks/monitor.ts';
import { FakeModel } from './support.ts';

function begun(options: MonitorOptions, minDelta = 0, best: number | null = null): Monitor {
  const monitor = new Monitor('Watcher', options, minDelta, best);
  monitor.begin(new FakeModel());
  return monitor;
}

test.each<[MonitorOptions, 'min' | 'max']>([
  [{}, 'min'],
  [{ monitor: 'loss' }, 'min'],
  [{ monitor: 'val_loss' }, 'min'],
  [{ monitor: 'accuracy' }, 'max'],
  [{ monitor: 'val_accuracy' }, 'max'],
  [{ monitor: 'val_accuracy', mode: 'auto' }, 'max'],
  [{ monitor: 'val_accuracy', mode: 'min' }, 'min'],
  [{ monitor: 'loss', mode: 'max' }, 'max'],
  [{ monitor: 'learning_rate', mode: 'min' }, 'min'],
])('%o is better when it is %s', (options, direction) => {
  const monitor = begun(options, 0, 1);
  expect([monitor.improves(0.5), monitor.improves(2)]).toEqual(direction === 'min' ? [true, false] : [false, true]);
});

test('the model is asked for a key without val_, and not at all when the options say', () => {
  const model = new FakeModel();
  new Monitor('Watcher', { monitor: 'val_accuracy' }, 0).begin(model);
  new Monitor('Watcher', { monitor: 'interval_x', mode: 'max' }, 0).begin(model);
  expect(() => new Monitor('Watcher', { monitor: 'interval_loss' }, 0).begin(model)).toThrow(ValueError);
  expect(model.asked).toEqual(['accuracy', 'interval_loss']);
});

test.each(['learning_rate', 'val_f', 'interval_loss'])('a direction of %s that nobody knows is an error', (monitor) => {
  const begin = () => begun({ monitor });
  expect(begin).toThrow(ValueError);
  expect(begin).toThrow(
    `Watcher: nobody knows whether a larger or a smaller ${monitor} is better; say mode: 'max' or mode: 'min'`,
  );
});

test.each<['min' | 'max', number, number | null, number, boolean]>([
  ['min', 0, null, 1e9, true],
  ['max', 0, null, -1e9, true],
  ['min', 0, null, Number.NaN, true],
  ['min', 0, 1, 1, false],
  ['max', 0, 1, 1, false],
  ['min', 0.5, 1, 0.5, false],
  ['min', 0.5, 1, 0.25, true],
  ['max', 0.5, 1, 1.5, false],
  ['max', 0.5, 1, 1.75, true],
  ['min', -0.5, 1, 0.75, false],
  ['max', -0.5, 1, 1.25, false],
  ['min', 0, 1, Number.NaN, false],
  ['max', 0, 1, Number.NaN, false],
])('mode %s, minDelta %d, best %d: that %d is better is %s', (mode, minDelta, best, value, better) => {
  const monitor = begun({ mode }, minDelta, best);
  expect(monitor.improves(value)).toBe(better);
  expect(monitor.best).toBe(better ? value : best);
});

test('a value that is missing is null, with one warning a run that says what there is', () => {
  const heard = vi.spyOn(console, 'warn').mockImplementation(() => {});
  const monitor = begun({});
  expect([monitor.read({ loss: 1, accuracy: 0 }), monitor.read({ loss: 1 }), monitor.read({ val_loss: 0 })]).toEqual([
    null,
    null,
    0,
  ]);
  expect(heard.mock.calls).toEqual([['Watcher: there is no val_loss to watch, only loss, accuracy']]);
  monitor.begin(new FakeModel());
  monitor.read({});
  expect(heard.mock.lastCall).toEqual(['Watcher: there is no val_loss to watch, only nothing']);
  heard.mockRestore();
});
