import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { callbacks, close, ResourceError } from 'wgslgrad';
import { crc32c } from '../../src/callbacks/files/events/crc32c.ts';
import { EventFile } from '../../src/callbacks/files/events/eventFile.ts';
import { histogram } from '../../src/callbacks/files/events/histogram.ts';
import type { TensorBoardOptions } from '../../src/callbacks/files/tensorBoard.ts';
import { platform } from '../../src/platform/index.ts';
import { start } from '../models/support.ts';
import { type Event, eventsIn, longDivision } from './events.ts';
import { type Epoch, FakeModel, run, temporaryFolder, withoutFiles } from './support.ts';

const SECONDS = 1_700_000_000;
const NAME = `events.out.tfevents.${SECONDS}.${hostname()}`;

/** Half a second past SECONDS, until the test ends. */
function stopClock(): void {
  const clock = vi.spyOn(Date, 'now').mockReturnValue(SECONDS * 1000 + 500);
  onTestFinished(() => clock.mockRestore());
}

test('the checksum is CRC-32C: the published check value, and vectors of RFC 3720, B.4', () => {
  expect(crc32c(new TextEncoder().encode('123456789'))).toBe(0xe3069283);
  expect(crc32c(new Uint8Array())).toBe(0);
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
  expect(crc32c(new Uint8Array(32).fill(255))).toBe(0x62a8ab43);
  expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i))).toBe(0x46dd794e);
  expect(longDivision(new TextEncoder().encode('123456789'))).toBe(0xe3069283);
});

test('a file is, byte for byte, what protoc 3.21 makes of the same events, with checksums from another program', async () => {
  stopClock();
  const folder = await temporaryFolder();
  const file = new EventFile(platform.files!, folder);
  file.scalar('epoch_loss', 0, 0.25);
  file.scalar('epoch_zero', 300, 0);
  await file.flush();
  file.histogram('dense/kernel/histogram', 300, [2, 2, 2]);
  file.histogram('dense/bias/histogram', 300, [0, 0]);
  await file.flush();
  const expected = [
    '1800000000000000a37f4b220900002040fc54d9411a0d627261696e2e4576656e743a322b353110',
    '1e00000000000000d9dc12320900002040fc54d9412a130a110a0a65706f63685f6c6f7373150000803e0def61ef',
    '2100000000000000017becf60900002040fc54d94110ac022a130a110a0a65706f63685f7a65726f1500000000feb505b2',
    '6b0000000000000087efa6e10900002040fc54d94110ac022a5d0a5b0a1664656e73652f6b65726e656c2f686973746f6772616d2a41090000000000000040110000000000000040190000000000000840210000000000001840290000000000002840320800000000000000403a080000000000000840bf7f7a7c',
    '4500000000000000ebe668b00900002040fc54d94110ac022a370a350a1464656e73652f626961732f686973746f6772616d2a1d190000000000000040320800000000000000003a080000000000000040f889e4f2',
  ];
  expect((await readFile(join(folder, NAME))).toString('hex')).toBe(expected.join(''));
});

describe('a histogram', () => {
  test('has thirty bins of equal width', () => {
    const found = histogram(Float32Array.from({ length: 61 }, (_, i) => i - 30))!;
    expect(found).toMatchObject({ min: -30, max: 30, num: 61, sum: 0, sumSquares: 2 * ((30 * 31 * 61) / 6) });
    expect(Array.from(found.limits)).toEqual(Array.from({ length: 30 }, (_, i) => -28 + 2 * i));
    // the largest value is in the last bin
    expect(Array.from(found.counts)).toEqual([...new Array(29).fill(2), 3]);
  });

  test('of equal values has one', () => {
    expect(histogram([0, 0])).toEqual({
      ...{ min: 0, max: 0, num: 2, sum: 0, sumSquares: 0 },
      ...{ limits: Float64Array.of(0), counts: Float64Array.of(2) },
    });
  });

  test('leaves out what is not finite, and is none without values', () => {
    expect(histogram([Number.NaN, 1, Number.POSITIVE_INFINITY, 3])).toMatchObject({ min: 1, max: 3, num: 2, sum: 4 });
    expect(histogram([])).toBeNull();
    expect(histogram([Number.NaN])).toBeNull();
  });

  test('of values that lie closer than thirty numbers can has bins all the same', () => {
    const found = histogram([0, Number.MIN_VALUE])!;
    expect(found.counts.reduce((a, b) => a + b)).toBe(2);
  });
});

describe('the callback', () => {
  beforeAll(() => start('cpu float32'));
  afterAll(() => close());

  /** What a run writes: the events of the only file in train and in validation, without the first one. */
  async function written(options: TensorBoardOptions, epochs: readonly Epoch[], model = new FakeModel(0.5)) {
    const logDir = await temporaryFolder();
    await run([callbacks.TensorBoard({ logDir, ...options })], model, epochs);
    const read = async (part: string) => {
      const folder = join(logDir, part);
      const names = await readdir(folder).catch(() => []);
      expect(names.length).toBeLessThanOrEqual(1);
      const [first, ...events] = names[0] ? await eventsIn(join(folder, names[0])) : [];
      if (first) expect(first).toMatchObject({ version: 'brain.Event:2', step: 0 });
      return events;
    };
    return { train: await read('train'), validation: await read('validation') };
  }
  const short = (events: readonly Event[]) => events.map(({ tag, step, value }) => [tag, step, value]);

  test('writes each epoch: what is of training, with the learning rate, and what is of validation', async () => {
    const { train, validation } = await written({}, [
      { logs: { accuracy: 0.5, loss: 2, val_loss: 3 } },
      { logs: { accuracy: 0.75, loss: 1 } },
    ]);
    expect(short(train)).toEqual([
      ['epoch_accuracy', 0, 0.5],
      ['epoch_loss', 0, 2],
      ['epoch_learning_rate', 0, 0.5],
      ['epoch_accuracy', 1, 0.75],
      ['epoch_loss', 1, 1],
      ['epoch_learning_rate', 1, 0.5],
    ]);
    expect(short(validation)).toEqual([['epoch_loss', 0, 3]]);
  });

  test('says when: seconds since 1970, with fractions', async () => {
    stopClock();
    const { train } = await written({}, [{ logs: {} }]);
    expect(train).toEqual([{ wallTime: SECONDS + 0.5, step: 0, tag: 'epoch_learning_rate', value: 0.5 }]);
  });

  test('makes no folder for what is not there, and leaves the logs as they are', async () => {
    const logDir = await temporaryFolder();
    const logs = await run([callbacks.TensorBoard({ logDir })], new FakeModel(), [{ logs: { loss: 1 } }]);
    expect(await readdir(logDir)).toEqual(['train']);
    expect(logs).toEqual([{ loss: 1 }]);
  });

  const batches = [{ loss: 4 }, { loss: 3 }, { loss: 2 }, { loss: 1 }, { loss: 0 }];
  test.each<[TensorBoardOptions['updateFreq'] & {}, [number, number][]]>([
    ['epoch', []],
    // [step, loss]: batches are counted from 1, over all epochs
    [
      'batch',
      [
        [1, 4],
        [2, 3],
        [3, 2],
        [4, 1],
        [5, 0],
        [6, 4],
        [7, 3],
        [8, 2],
        [9, 1],
        [10, 0],
      ],
    ],
    [
      3,
      [
        [3, 2],
        [6, 4],
        [9, 1],
      ],
    ],
  ])('updateFreq %s', async (updateFreq, expected) => {
    const { train } = await written({ updateFreq }, [
      { logs: {}, batches },
      { logs: {}, batches },
    ]);
    const found = train.filter(({ tag }) => tag === 'batch_loss').map(({ step, value }) => [step, value]);
    expect(found).toEqual(expected);
  });

  test('a run that writes epochs does not wait for batches', () => {
    expect(callbacks.TensorBoard().onTrainBatchEnd).toBeUndefined();
  });

  test('writes each evaluation by the updates of the optimizer', async () => {
    const model = new FakeModel();
    model.optimizer.iterations = 1000;
    const { validation } = await written(
      {},
      [{ logs: { val_loss: 2 }, batches, test: { accuracy: 0.5, loss: 2 } }],
      model,
    );
    expect(short(validation)).toEqual([
      ['evaluation_accuracy_vs_iterations', 1005, 0.5],
      ['evaluation_loss_vs_iterations', 1005, 2],
      ['epoch_loss', 0, 2],
    ]);
  });

  test('writes histograms of the weights after epochs 0, n, 2n', async () => {
    const epochs = [1, 2, 3, 4, 5].map((weight) => ({ logs: {}, weight }));
    const { train } = await written({ histogramFreq: 2 }, epochs);
    const found = train.filter(({ histogram }) => histogram);
    expect(found.map(({ tag, step, histogram }) => [tag, step, histogram?.stats[0]])).toEqual([
      ['dense/kernel/histogram', 0, 1],
      ['dense/kernel/histogram', 2, 3],
      ['dense/kernel/histogram', 4, 5],
    ]);
    expect(found[1]!.histogram).toEqual({ stats: [3, 3, 1, 3, 9], limits: [3], counts: [1] });
    expect((await written({}, epochs)).train.filter(({ histogram }) => histogram)).toEqual([]);
  });

  test('a histogram that was written is read back whole', async () => {
    const folder = await temporaryFolder();
    const values = Array.from({ length: 200 }, (_, i) => Math.sin(i));
    const file = new EventFile(platform.files!, folder);
    file.histogram('x', 2 ** 40, values);
    await file.flush();
    const [, event] = await eventsIn(join(folder, (await readdir(folder))[0]!));
    const { min, max, num, sum, sumSquares, limits, counts } = histogram(values)!;
    expect(event).toMatchObject({
      ...{ tag: 'x', step: 2 ** 40 },
      histogram: { stats: [min, max, num, sum, sumSquares], limits: Array.from(limits), counts: Array.from(counts) },
    });
  });

  test('each run has a file of its own, also in the same second', async () => {
    stopClock();
    const logDir = await temporaryFolder();
    await mkdir(join(logDir, 'train'));
    await writeFile(join(logDir, 'train', NAME), 'kept');
    const board = callbacks.TensorBoard({ logDir, updateFreq: 2 });
    for (let i = 0; i < 2; i++) await run([board], new FakeModel(), [{ logs: { loss: i }, batches }]);
    const path = (name: string) => join(logDir, 'train', name);
    expect((await readdir(join(logDir, 'train'))).sort()).toEqual([NAME, `${NAME}.1`, `${NAME}.2`]);
    expect(await readFile(path(NAME), 'utf8')).toBe('kept');
    for (const [i, name] of [`${NAME}.1`, `${NAME}.2`].entries()) {
      const events = await eventsIn(path(name));
      expect(events.find(({ tag }) => tag === 'epoch_loss')).toMatchObject({ value: i });
      expect(events.filter(({ tag }) => tag === 'batch_loss').map(({ step }) => step)).toEqual([2, 4]);
    }
  });

  test('what was written stands in the file as soon as the hook has ended', async () => {
    const logDir = await temporaryFolder();
    const counts: number[] = [];
    const look = async () => {
      const folder = join(logDir, 'train');
      const [name] = await readdir(folder).catch(() => []);
      counts.push(name ? (await eventsIn(join(folder, name))).length : 0);
    };
    const watch = { onTrainBatchEnd: look, onEpochEnd: look };
    const board = callbacks.TensorBoard({ logDir, updateFreq: 'batch' });
    await run([board, watch], new FakeModel(), [{ logs: { loss: 1 }, batches: batches.slice(3) }]);
    expect(counts).toEqual([2, 3, 5]);
  });

  test('a folder that cannot be made is an error that names it', async () => {
    const logDir = join(await temporaryFolder(), 'file');
    await writeFile(logDir, '');
    const attempt = run([callbacks.TensorBoard({ logDir })], new FakeModel(), [{ logs: {} }]);
    await expect(attempt).rejects.toThrow(ResourceError);
    await expect(attempt).rejects.toThrow(`cannot make the folder of ${join(logDir, 'train', 'events.out.tfevents.')}`);
  });
});

test('a browser has no files', () => {
  withoutFiles();
  expect(() => callbacks.TensorBoard()).toThrow('TensorBoard writes files, and a browser has none');
});
