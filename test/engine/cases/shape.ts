import * as w from '../../../src/index.ts';
import { bytes, type Case, classes, of, x } from './case.ts';

export const shapeCases: readonly Case[] = [
  of('reshape', { inputs: [x(4, 6)], run: (a) => w.reshape(a!, [2, -1]) }),
  of('reshape', { title: 'squeeze and expandDims', inputs: [x(3, 1, 2)], run: (a) => w.expandDims(w.squeeze(a!), -1) }),
  of('reshape', { title: 'flatten', inputs: [x(2, 3, 2)], run: (a) => w.flatten(a!) }),
  of('clone', { inputs: [x(4, 6)], run: (a) => w.clone(a!) }),
  of('transpose', { inputs: [x(2, 3, 4)], run: (a) => w.transpose(a!, [2, 0, 1]) }),
  of('transpose', { title: 'transpose of a matrix', inputs: [x(5, 3)], run: (a) => w.transpose(a!) }),
  of('transpose', { title: 'transpose of rank 6', inputs: [x(2, 1, 2, 3, 1, 2)], run: (a) => w.transpose(a!) }),
  of('transpose', { title: 'transpose of bytes', inputs: [bytes(5, 7)], run: (a) => w.transpose(a!) }),
  of('broadcastTo', { inputs: [x(3, 1)], run: (a) => w.broadcastTo(a!, [2, 3, 4]) }),
  of('broadcastTo', { title: 'broadcastTo of one number', inputs: [x()], run: (a) => w.broadcastTo(a!, [2, 3]) }),
  of('fill', { inputs: [], run: () => [w.full([3, 5], 2.5), w.zeros([7], 'uint8'), w.ones([5], 'bool')] }),
  of('fill', { title: 'fill with what float32 rounds', inputs: [], run: () => w.full([3], 0.1) }),
  of('randomUniform', { inputs: [], run: () => w.randomUniform([100], 0, 1, { seed: 7 }) }),
  of('oneHot', { inputs: [classes(6)], run: (a) => w.oneHot(a!, 5) }),
  of('oneHot', { title: 'oneHot of what is outside', inputs: [classes(2, 3)], run: (a) => w.oneHot(w.sub(a!, 1), 3) }),
  of('gatherRows', { inputs: [x(8, 3), classes(5)], run: (a, i) => w.gatherRows(a!, i!) }),
  of('gatherRows', {
    title: 'gatherRows of bytes',
    inputs: [bytes(8, 3), classes(5)],
    run: (a, i) => w.gatherRows(a!, i!),
  }),
  of('gatherBatch', {
    inputs: [x(9, 5), classes(7)],
    run: (a, order) => w.gatherBatch(a!, order!, w.tensor([1], [1], 'int32'), { start: 1, stride: 3, rows: 3 }),
  }),
];
