// Operations that make or move elements: what is special arrives as it was.
import * as w from '../../../src/index.ts';
import { pack } from '../../../src/ops/updates.ts';
import { LARGEST, type Special, special } from './special.ts';

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;

const [top, bottom] = [
  [nan, inf, 0],
  [-inf, LARGEST, -LARGEST],
];
const block = [top!, bottom!];
const line = block.flat();
const turned = [nan, -inf, inf, LARGEST, 0, -LARGEST];
const ends = Int32Array.of(2 ** 31 - 1, -(2 ** 31), -1, 3, 0);

export const movementSpecials: readonly Special[] = [
  special('reshape', 'reshape', [block], (x) => w.reshape(x, [3, 2]), line),
  special('reshape', 'squeeze', [[block]], (x) => w.squeeze(x), line),
  special('reshape', 'expandDims', [block], (x) => w.expandDims(x, 1), line),
  special('reshape', 'flatten', [[block]], (x) => w.flatten(x), line),
  special('clone', 'clone', [block], (x) => w.clone(x), line),
  special('transpose', 'transpose', [block], (x) => w.transpose(x), turned),
  special('broadcastTo', 'broadcastTo', [line], (x) => w.broadcastTo(x, [2, 6]), [...line, ...line]),
  special('slice', 'slice', [block], (x) => w.slice(x, [0, 1], [2, 2]), [inf, 0, LARGEST, -LARGEST]),
  special('flip', 'flip', [line], (x) => w.flip(x), [...line].reverse()),
  special('pad', 'pad', [[nan, inf]], (x) => [-inf, nan, 0].map((v) => w.pad(x, [[1, 1]], v)), [
    ...[-inf, nan, inf, -inf],
    ...[nan, nan, inf, nan],
    ...[0, nan, inf, 0],
  ]),
  special('concat', 'concat', [top!, bottom!], (a, b) => w.concat([a, b]), line),
  special('concat', 'stack', [top!, bottom!], (a, b) => w.stack([a, b], 1), [nan, -inf, inf, LARGEST, 0, -LARGEST]),
  special('broadcastTo', 'tile', [top!], (x) => w.tile(x, [2]), [...top!, ...top!]),
  special('gatherRows', 'gather', [block, ends], (x, i) => w.gather(x, i, 1), [
    ...[0, nan, 0, 0, nan],
    ...[-LARGEST, -inf, -LARGEST, -LARGEST, -inf],
  ]),
  special(
    'scatterRows',
    'gatherRows',
    [[1, 2, 3], Int32Array.of(0, 0, 2, 2, 9), [inf, -inf, nan, 1, 1]],
    (x, i, dy) => w.grad((t: w.Tensor) => w.sum(w.mul(w.gatherRows(t, i), dy)))(x),
    [nan, 0, nan],
    { title: 'the gradient of gatherRows' },
  ),
  special('where', 'dropout', [line], (x) => [w.dropout(x, 1), w.dropout(x, 0)], [0, 0, 0, 0, 0, 0, ...line]),
  special('gatherRows', 'gatherRows', [block, Int32Array.of(1, 0)], (x, i) => w.gatherRows(x, i), [
    ...bottom!,
    ...top!,
  ]),
  special(
    'gatherRows',
    'gatherRows',
    [block, ends],
    (x, i) => w.gatherRows(x, i),
    [bottom, top, top, bottom, top].flatMap((row) => row!),
    {
      title: 'gatherRows at the ends of int32 clamps',
    },
  ),
  special(
    'gatherBatch',
    'gatherBatch',
    [block, Int32Array.of(1, 0)],
    (x, order) => w.gatherBatch(x, order, w.tensor([1], [1], 'int32'), { start: 0, stride: 1, rows: 1 }),
    top!,
  ),
  special('oneHot', 'oneHot', [ends], (i) => w.oneHot(i, 2), [0, 0, 0, 0, 0, 0, 0, 0, 1, 0]),
  special(
    'pack',
    'pack',
    [top!, bottom!],
    (a, b) =>
      w.reshape(
        w.gatherRows(w.reshape(pack([a, b], [0, 64], 128), [128, 1]), w.tensor([0, 1, 2, 64, 65, 66], [6], 'int32')),
        [6],
      ),
    line,
  ),

  special('fill', 'full', [], () => [nan, inf, -inf, 0].map((value) => w.full([2], value)), [
    nan,
    nan,
    inf,
    inf,
    -inf,
    -inf,
    0,
    0,
  ]),
  special(
    'fill',
    'full',
    [],
    () => [2 ** 31 - 1, -(2 ** 31)].map((value) => w.full([1], value, 'int32')),
    [2 ** 31 - 1, -(2 ** 31)],
    {
      title: 'full of int32',
    },
  ),
  special('fill', 'full', [], () => [w.full([1], nan, 'bool'), w.full([1], 255, 'uint8')], [1, 255], {
    title: 'full of truths and bytes',
  }),
  special('fill', 'zeros', [], () => w.zeros([2]), [0, 0]),
  special('fill', 'ones', [], () => w.ones([2], 'uint8'), [1, 1]),
  special('clone', 'tensor', [line], (x) => w.clone(x), line),
  special('cast', 'tensor', [], () => w.cast(w.tensor([nan, 0, inf], [3], 'bool'), 'int32'), [1, 0, 1], {
    title: 'tensor of truths from numbers',
  }),
  special('assign', 'variable', [line], (x) => w.clone(w.variable(w.zeros([6])).assign(x)), line),
  special('clone', 'eye', [], () => w.clone(w.eye(2)), [1, 0, 0, 1]),
  special('clone', 'arange', [], () => w.clone(w.arange(2 ** 31 - 2, 2 ** 31)), [2 ** 31 - 2, 2 ** 31 - 1]),
  special('clone', 'linspace', [], () => w.clone(w.linspace(-(2 ** 127), 2 ** 127, 3)), [-(2 ** 127), 0, 2 ** 127]),
  special('randomUniform', 'randomUniform', [], () => w.randomUniform([2], 5, 5, { seed: 1 }), [5, 5]),
  special('clone', 'randomNormal', [], () => w.clone(w.randomNormal([2], 7, 0, { seed: 1 })), [7, 7]),
];
