// Worked examples: values that Keras, ONNX and NumPy give for the same calls, or that a pencil finds.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as w from '../../src/index.ts';
import { describeGpu } from '../setup/adapters.ts';

/** One image of one channel. */
const image = (rows: number[][]) => w.tensor(rows).reshape([1, rows.length, rows[0]!.length, 1]);
const counted = (h: number, q: number) =>
  w
    .arange(1, h * q + 1)
    .cast('float32')
    .reshape([1, h, q, 1]);
const square = () =>
  image([
    [1, 2],
    [3, 4],
  ]);

type Example = readonly [title: string, run: () => w.Tensor, values: unknown];

const examples: readonly Example[] = [
  // Keras, AveragePooling2D: padding does not count
  [
    'avgPool2d, same, stride 2',
    () => plane(counted(3, 3).avgPool2d({ poolSize: 2, padding: 'same' })),
    [
      [3, 4.5],
      [7.5, 9],
    ],
  ],
  [
    'avgPool2d, same, stride 1',
    () => plane(counted(3, 3).avgPool2d({ poolSize: 2, strides: 1, padding: 'same' })),
    [
      [3, 4, 4.5],
      [6, 7, 7.5],
      [7.5, 8.5, 9],
    ],
  ],
  [
    'avgPool2d, overlapping',
    () => plane(counted(4, 4).avgPool2d({ poolSize: 3, strides: 2, padding: 'SAME' })),
    [
      [6, 7.5],
      [12, 13.5],
    ],
  ],
  [
    'maxPool2d, same',
    () => plane(counted(3, 3).maxPool2d({ poolSize: 2, padding: 'same' })),
    [
      [5, 6],
      [8, 9],
    ],
  ],

  [
    'conv2dTranspose, valid',
    () => plane(square().conv2dTranspose(w.ones([3, 3, 1, 1]))),
    [
      [1, 3, 3, 2],
      [4, 10, 10, 6],
      [4, 10, 10, 6],
      [3, 7, 7, 4],
    ],
  ],
  [
    'conv2dTranspose, same, stride 2: the odd cell is cut off at the bottom and right',
    () => plane(square().conv2dTranspose(w.ones([3, 3, 1, 1]), { strides: 2, padding: 'same' })),
    [
      [1, 1, 3, 2],
      [1, 1, 3, 2],
      [4, 4, 10, 6],
      [3, 3, 7, 4],
    ],
  ],
  [
    'conv2dTranspose, strides above the kernel: gaps of zeros, also at the end',
    () => plane(square().conv2dTranspose(w.ones([1, 2, 1, 1]), { strides: [2, 3] })),
    [
      [1, 1, 0, 2, 2, 0],
      [0, 0, 0, 0, 0, 0],
      [3, 3, 0, 4, 4, 0],
      [0, 0, 0, 0, 0, 0],
    ],
  ],
  [
    'conv2dTranspose with output padding and bias',
    () =>
      plane(
        square().conv2dTranspose(w.ones([2, 2, 1, 1]), { strides: 2, outputPadding: [0, 1], bias: w.tensor([10]) }),
      ),
    [
      [11, 11, 12, 12, 10],
      [11, 11, 12, 12, 10],
      [13, 13, 14, 14, 10],
      [13, 13, 14, 14, 10],
    ],
  ],
  [
    // ONNX, ConvTranspose with pads [1, 2, 1, 2]: a 3 x 3 image of 0 ... 8, a 3 x 3 kernel of ones, strides [3, 2]
    'conv2dTranspose with explicit padding',
    () =>
      plane(
        w
          .arange(9)
          .cast('float32')
          .reshape([1, 3, 3, 1])
          .conv2dTranspose(w.ones([3, 3, 1, 1]), {
            strides: [3, 2],
            padding: [
              [1, 1],
              [2, 2],
            ],
          }),
      ),
    [
      [1, 1, 3],
      [1, 1, 3],
      [7, 4, 9],
      [7, 4, 9],
      [7, 4, 9],
      [13, 7, 15],
      [13, 7, 15],
    ],
  ],
  [
    'depthwiseConv2d: channel c * mult + m comes from channel c',
    () =>
      w
        .tensor([1, 10])
        .reshape([1, 1, 1, 2])
        .depthwiseConv2d(w.tensor([1, 2, 3, 4]).reshape([1, 1, 2, 2]))
        .reshape([4]),
    [1, 2, 30, 40],
  ],

  // ONNX, Resize: half_pixel, align_corners, asymmetric
  [
    'resizeBilinear',
    () => plane(square().resizeBilinear([4, 4])),
    [
      [1, 1.25, 1.75, 2],
      [1.5, 1.75, 2.25, 2.5],
      [2.5, 2.75, 3.25, 3.5],
      [3, 3.25, 3.75, 4],
    ],
  ],
  [
    'resizeBilinear, alignCorners',
    () => plane(square().resizeBilinear([3, 3], { alignCorners: true })),
    [
      [1, 1.5, 2],
      [2, 2.5, 3],
      [3, 3.5, 4],
    ],
  ],
  [
    'resizeBilinear from edges',
    () => plane(square().resizeBilinear([2, 4], { halfPixelCenters: false })),
    [
      [1, 1.5, 2, 2],
      [3, 3.5, 4, 4],
    ],
  ],
  ['resizeNearest, smaller', () => plane(counted(1, 4).resizeNearest([1, 2])), [[2, 4]]],
  [
    'resizeNearest from edges, smaller',
    () => plane(counted(1, 4).resizeNearest([1, 2], { halfPixelCenters: false })),
    [[1, 3]],
  ],
  ['resizeNearest, alignCorners', () => plane(counted(1, 4).resizeNearest([1, 2], { alignCorners: true })), [[1, 4]]],
  [
    'upSampling2d',
    () => plane(square().upSampling2d({ size: [1, 2] })),
    [
      [1, 1, 2, 2],
      [3, 3, 4, 4],
    ],
  ],

  [
    'sigmoidCrossEntropy',
    () => w.tensor([[0, 100, -100]]).sigmoidCrossEntropy(w.tensor([[0, 1, 1]])),
    [(Math.LN2 + 100) / 3],
  ],
  [
    'meanSquaredError',
    () =>
      w.meanSquaredError(
        w.tensor([
          [1, 2],
          [3, 4],
        ]),
        w.tensor([
          [1, 4],
          [0, 4],
        ]),
      ),
    [2, 4.5],
  ],
  [
    'meanAbsoluteError',
    () =>
      w.meanAbsoluteError(
        w.tensor([
          [1, 2],
          [3, 4],
        ]),
        w.tensor([
          [1, 4],
          [0, 4],
        ]),
      ),
    [1, 1.5],
  ],
  [
    'std',
    () =>
      w
        .tensor([
          [2, 4],
          [4, 8],
        ])
        .std(0),
    [1, 2],
  ],
  [
    'layerNorm',
    () =>
      w
        .tensor([
          [1, 3],
          [0, 8],
        ])
        .layerNorm({ epsilon: 0 }),
    [
      [-1, 1],
      [-1, 1],
    ],
  ],
  [
    'batchNorm',
    () =>
      w.tensor([[3, 10]]).batchNorm({
        mean: w.tensor([1, 2]),
        variance: w.tensor([3, 15]),
        epsilon: 1,
        gamma: w.tensor([1, 2]),
        beta: w.tensor([0, 1]),
      }),
    [[1, 5]],
  ],

  [
    'slice',
    () =>
      w
        .tensor([
          [1, 2, 3],
          [4, 5, 6],
        ])
        .slice([0, 1], [-1, 2]),
    [
      [2, 3],
      [5, 6],
    ],
  ],
  ['slice of a vector', () => w.tensor([1, 2, 3]).slice(1), [2, 3]],
  [
    'pad',
    () =>
      w.tensor([[1, 2]]).pad(
        [
          [0, 1],
          [1, 0],
        ],
        9,
      ),
    [
      [9, 1, 2],
      [9, 9, 9],
    ],
  ],
  [
    'flip',
    () =>
      w
        .tensor([
          [1, 2],
          [3, 4],
        ])
        .flip(1),
    [
      [2, 1],
      [4, 3],
    ],
  ],
  [
    'flip of all axes',
    () =>
      w
        .tensor([
          [1, 2],
          [3, 4],
        ])
        .flip(),
    [
      [4, 3],
      [2, 1],
    ],
  ],
  [
    'tile',
    () => w.tensor([[1, 2]]).tile([2, 2]),
    [
      [1, 2, 1, 2],
      [1, 2, 1, 2],
    ],
  ],
  [
    'tile by more axes',
    () => w.tensor([1, 2]).tile([2, 1]),
    [
      [1, 2],
      [1, 2],
    ],
  ],
  [
    'tile by fewer axes',
    () => w.tensor([[1], [2]]).tile([2]),
    [
      [1, 1],
      [2, 2],
    ],
  ],
  [
    'concat',
    () =>
      w.concat(
        [
          w.tensor([[1], [2]]),
          w.tensor([
            [3, 4],
            [5, 6],
          ]),
        ],
        -1,
      ),
    [
      [1, 3, 4],
      [2, 5, 6],
    ],
  ],
  [
    'stack',
    () => w.stack([w.tensor([1, 2]), w.tensor([3, 4])], -1),
    [
      [1, 3],
      [2, 4],
    ],
  ],
  [
    'gather',
    () =>
      w
        .tensor([
          [1, 2],
          [3, 4],
        ])
        .gather(
          w.tensor(
            [
              [1, 1],
              [0, 1],
            ],
            [2, 2],
            'int32',
          ),
          1,
        ),
    [
      [
        [2, 2],
        [1, 2],
      ],
      [
        [4, 4],
        [3, 4],
      ],
    ],
  ],
  ['gather outside', () => w.tensor([1, 2, 3]).gather(w.tensor([-5, 7], [2], 'int32')), [1, 3]],
  [
    'dot of blocks, as NumPy pairs them',
    () => w.tensor([1, 2, 3, 4], [2, 1, 2]).dot(w.tensor([1, 2, 10, 20], [2, 2, 1])),
    [[[[5], [50]]], [[[11], [110]]]],
  ],
  ['gather from the end', () => w.tensor([1, 2, 3]).gather(w.tensor([-1, -3], [2], 'int32')), [3, 1]],
  [
    'gather from the end of each row',
    () => w.tensor([1, 2, 3, 4], [2, 2]).gather(w.tensor([-1], [1], 'int32'), 1),
    [[2], [4]],
  ],
];

const plane = (x: w.Tensor) => x.reshape([x.shape[1]!, x.shape[2]!]);

function suite(backend: 'cpu' | 'webgpu') {
  beforeAll(() => w.init({ backend }));
  afterAll(() => w.close());

  test('worked examples', async () => {
    for (const [title, run, values] of examples) {
      const found = await run().array();
      expect(JSON.stringify(found, rounded), title).toBe(JSON.stringify(values, rounded));
    }
  });

  test('batchNormTraining of three rows', async () => {
    // Keras: rows (1, 2), (3, 6), (5, 4)
    const [y, mean, variance] = w
      .tensor([
        [1, 2],
        [3, 6],
        [5, 4],
      ])
      .batchNormTraining();
    expect(await mean.array()).toEqual([3, 4]);
    expect(JSON.stringify(await variance.array(), rounded)).toBe('[2.66667,2.66667]');
    expect(JSON.stringify(await y.array(), rounded)).toBe('[[-1.22452,-1.22452],[0,1.22452],[1.22452,0]]');
  });

  test('dropout keeps what it should, scaled, and as much as it should', async () => {
    const y = await w.ones([10_000]).dropout(0.25, { seed: 1 }).data();
    const kept = y.filter((value) => value !== 0);
    expect(new Set(kept)).toEqual(new Set([Math.fround(4 / 3)]));
    // four standard deviations of 10,000 coins
    expect(Math.abs(kept.length - 7500)).toBeLessThan(4 * Math.sqrt(10_000 * 0.25 * 0.75));
    expect(await w.ones([3]).dropout(0).array()).toEqual([1, 1, 1]);
    expect(await w.ones([3]).dropout(1).array()).toEqual([0, 0, 0]);
    const [a, b] = [await w.ones([50]).dropout(0.5).array(), await w.ones([50]).dropout(0.5).array()];
    expect(a).not.toEqual(b);
  });

  test('dtypes stay, or become their common one', () => {
    const [bytes, whole, float] = [w.ones([2, 2], 'uint8'), w.ones([2, 2], 'int32'), w.ones([2, 2])];
    for (const x of [bytes, whole, float]) {
      for (const y of [
        x.slice([0, 0], [1, 1]),
        x.flip(),
        x.tile([2, 1]),
        x.pad([
          [1, 0],
          [0, 0],
        ]),
        w.stack([x, x]),
      ]) {
        expect(y.dtype).toBe(x.dtype);
      }
    }
    expect(w.concat([bytes, bytes]).dtype).toBe('uint8');
    expect(w.concat([bytes, whole]).dtype).toBe('int32');
    expect(w.concat([bytes, float]).dtype).toBe('float32');
    expect(w.ones([1, 2, 2, 1], 'uint8').resizeNearest([4, 4]).dtype).toBe('float32');
  });
}

const rounded = (_: string, value: unknown) => (typeof value === 'number' ? Math.round(value * 1e5) / 1e5 + 0 : value);

describe('on the CPU', () => suite('cpu'));
describeGpu('on the GPU', () => suite('webgpu'));
