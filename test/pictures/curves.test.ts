import { describe, expect, it } from 'vitest';
import { drawCurves } from '../../src/cli/pictures/index.ts';
import { ValueError } from '../../src/errors.ts';
import { texts } from './decode.ts';

const history = {
  loss: [0.9, 0.5, 0.31234],
  accuracy: [0.81, 0.9, 0.94321],
  val_loss: [0.8, 0.6, 0.41234],
  val_accuracy: [0.82, 0.88, 0.92222],
};

describe('drawCurves', () => {
  it('names the epochs, both lines, the axes and the final values', async () => {
    const picture = await drawCurves(history);
    expect(picture.extension).toBe('svg');
    expect(texts(picture)).toEqual(
      expect.arrayContaining([
        'Training: 3 epochs',
        'Loss at the end: training 0.3123, validation 0.4123',
        'Accuracy at the end: training 0.9432, validation 0.9222',
        'training',
        'validation',
        'loss',
        'epoch',
      ]),
    );
  });

  it.each([
    [0.97, '0.95'],
    [0.9, '0.9'],
    [0.81, '0.8'],
    [0.79, '0.5'],
    [0.1, '0'],
  ])('starts the accuracy axis below a lowest accuracy of %f and says where', async (lowest, start) => {
    const labels = texts(await drawCurves({ loss: [1, 1], accuracy: [lowest, 0.99] }));
    expect(labels).toContain(`accuracy (axis from ${start} to 1)`);
    expect(labels).toContain(start);
  });

  it('starts the loss axis at 0', async () => {
    expect(texts(await drawCurves({ loss: [5.2, 5.1] }))).toContain('0');
  });

  it('shows a single epoch as one point of each line', async () => {
    const picture = await drawCurves({ loss: [0.7], accuracy: [0.8], val_loss: [0.6], val_accuracy: [0.85] });
    const svg = new TextDecoder().decode(picture.bytes);
    const legendAndPoint = 3;
    for (const colour of ['#0072B2', '#D55E00']) {
      const filled = svg.match(new RegExp(`fill="${colour}"`, 'g')) ?? [];
      expect(filled, colour).toHaveLength(legendAndPoint);
    }
    expect(texts(picture)).toContain('Training: 1 epoch');
  });

  it('leaves out what was not measured', async () => {
    const labels = texts(await drawCurves({ loss: [1, 0.5] }));
    expect(labels).toContain('Loss at the end: training 0.5000');
    expect(labels).not.toContain('validation');
    expect(labels.join()).not.toMatch(/accuracy/i);
  });

  it('is well-formed XML: every attribute is quoted once', async () => {
    const svg = new TextDecoder().decode((await drawCurves(history)).bytes);
    for (const [tag] of svg.matchAll(/<[a-z][^>]*>/gi)) {
      expect(tag).toMatch(/^<[a-zA-Z]+(\s+[\w:-]+="[^"]*")*\s*\/?>$/);
    }
  });

  it.each([
    ['no key', {}, /at least one epoch/],
    ['no epoch', { loss: [] }, /at least one epoch/],
    ['NaN', { loss: [1, Number.NaN] }, /loss: expected finite numbers, got NaN at 1/],
    ['infinity', { loss: [1], val_loss: [Number.POSITIVE_INFINITY] }, /val_loss: .* got Infinity at 0/],
    ['lists of different length', { loss: [1, 2], accuracy: [0.5] }, /expected 2 epochs under "accuracy".* got 1/],
  ])('refuses %s', async (_, bad, message) => {
    const drawn = drawCurves(bad as Record<string, number[]>);
    await expect(drawn).rejects.toThrow(ValueError);
    await expect(drawn).rejects.toThrow(message);
  });
});
