// The test vectors of the specification that layers must reproduce.
import { describe, expect, test } from 'vitest';
import { Conv2D, MaxPooling2D, Sequential, tensor } from 'wgslgrad';
import { expectClose, onEachBackend } from '../models/support.ts';

/** 1, 2, ... as a square image. */
const counted = (side: number) =>
  tensor(
    Float32Array.from({ length: side * side }, (_, i) => i + 1),
    [1, side, side, 1],
  );

const sobel = Float32Array.of(1, 0, -1, 2, 0, -2, 1, 0, -1);

onEachBackend((place) => {
  // biome-ignore format: tables
  const convolutions = [
    { side: 4, strides: 1, expected: [-10, -6, -6, 13, -24, -8, -8, 28, -40, -8, -8, 44, -38, -6, -6, 41] },
    { side: 4, strides: 2, expected: [-8, 28, -6, 41] },
    { side: 5, strides: 2, expected: [-11, -6, 17, -48, -8, 56, -61, -6, 67] },
  ];
  test.each(convolutions)('Conv2D same, strides $strides on $side x $side', async ({ side, strides, expected }) => {
    const model = new Sequential([
      Conv2D(1, 3, { padding: 'SAME', strides, useBias: false, inputShape: [side, side, 1] }),
    ]);
    model.setWeights([sobel]);
    expectClose(await model.apply(counted(side)).data(), expected, place);
  });

  test('MaxPooling2D same, 2 x 2 strides 2 on 3 x 3', async () => {
    const y = MaxPooling2D(2, { padding: 'same' }).apply(counted(3));
    expectClose(await y.data(), [5, 6, 8, 9], place);
  });

  test('MaxPooling2D same over negative cells: padding never wins', async () => {
    const y = MaxPooling2D(2, { padding: 'same' }).apply(counted(3).neg());
    expectClose(await y.data(), [-1, -3, -7, -9], place);
  });

  describe('grouped and dilated convolutions', () => {
    test('each group of filters sees its own channels', async () => {
      const model = new Sequential([Conv2D(2, 1, { groups: 2, useBias: false, inputShape: [1, 1, 4] })]);
      model.setWeights([Float32Array.of(1, 10, 2, 20)]);
      // kernel [1, 1, 2, 2]: filter 0 is (1, 2) over channels 0 and 1, filter 1 is (10, 20) over channels 2 and 3
      expectClose(await model.apply(tensor([[[[1, 2, 3, 4]]]])).data(), [5, 110], place);
      expect(model.countParams()).toBe(4);
    });

    test('dilation 2 reads every second cell', async () => {
      const model = new Sequential([Conv2D(1, 2, { dilationRate: 2, useBias: false, inputShape: [3, 3, 1] })]);
      model.setWeights([Float32Array.of(1, 10, 100, 1000)]);
      expectClose(await model.apply(counted(3)).data(), [1 + 30 + 700 + 9000], place);
    });
  });
});
