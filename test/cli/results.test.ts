import { readdir } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { History } from '../../src/callbacks/history.ts';
import { confusionCounts, wholeEpochs, writePictures } from '../../src/cli/train/results.ts';
import { Conv2D, close, init, Sequential } from '../../src/index.ts';
import { temporaryFolder } from './command.ts';

beforeAll(() => init({ backend: 'cpu', seed: 1 }));
afterAll(close);

test('the confusion matrix counts labels down and predictions across', () => {
  expect(confusionCounts([0, 1, 1], [0, 0, 1], 2)).toEqual([
    [1, 0],
    [1, 1],
  ]);
});

test('an epoch that was cut short has no place in the curves', () => {
  const cut = { loss: [3, 2, 1], accuracy: [0.1, 0.2, 0.3], val_loss: [3, 2], val_accuracy: [0.1, 0.2] };
  expect(wholeEpochs({ history: cut })).toEqual({ ...cut, loss: [3, 2], accuracy: [0.1, 0.2] });
  expect(wholeEpochs({ history: { loss: [3] } })).toEqual({ loss: [] });
});

/** The files that are written for a run that ended like this, and the lines that are printed. */
async function pictures(logs: Record<string, number>[], damage = 0) {
  const model = new Sequential([Conv2D(2, [3, 3], { inputShape: [28, 28, 1] })]);
  const [kernel, bias] = model.getWeights();
  const values = Float32Array.from(await kernel!.data());
  values[0]! += damage;
  model.setWeights([values, bias!]);
  const history = new History({ verbose: 0, epochs: 1, steps: 1 });
  for (const [epoch, each] of logs.entries()) history.add(epoch, each);
  const print = vi.spyOn(console, 'log').mockImplementation(() => {});
  const folder = await temporaryFolder();
  const counts = confusionCounts([0, 1], [1, 1], 2);
  await writePictures(folder, { model, history, counts, classNames: ['0', '1'], image: new Float32Array(784) });
  const printed = print.mock.calls.map(([line]) => String(line));
  print.mockRestore();
  return { files: (await readdir(folder)).sort(), printed };
}

const one = { loss: 1, accuracy: 0.5, val_loss: 1, val_accuracy: 0.5 };

test('after a whole epoch every picture is drawn', async () => {
  expect(await pictures([one])).toEqual({
    files: ['confusion.svg', 'curves.svg', 'feature_maps.png', 'filters.png'],
    printed: [],
  });
});

test('a run without a whole epoch has no curves, and says so', async () => {
  const { files, printed } = await pictures([]);
  expect(files).toEqual(['confusion.svg', 'feature_maps.png', 'filters.png']);
  expect(printed).toEqual([expect.stringMatching(/^no picture curves: .*at least one epoch/)]);
});

test('a diverged run is drawn as far as its numbers go', async () => {
  const { files, printed } = await pictures([{ ...one, loss: Number.NaN }], Number.NaN);
  expect(files).toEqual(['confusion.svg']);
  expect(printed).toEqual(
    ['curves', 'filters', 'feature_maps'].map((name) => expect.stringContaining(`no picture ${name}: `)),
  );
});
