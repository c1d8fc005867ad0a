import { expect, test } from 'vitest';
import { profileNamed } from '../../src/backend/webgpu/profile.ts';
import { boundMs, estimateMs } from '../../src/backend/webgpu/tuner/costModel.ts';
import { call, roof, wayOf } from './support.ts';

const profile = { ...profileNamed('unknown'), threads: 1000, loadCost: 4, sharedLoadCost: 1 };
const operands = [...call.inputs, ...call.outputs];
const guess = (work: object) =>
  estimateMs(wayOf('w', call, { flops: 2e9, loads: 0, threads: 1000, ...work }), operands, roof, profile);

test('arithmetic takes its time on a roof of 10^12 operations a second, and a dispatch its own', () => {
  expect(guess({})).toBeCloseTo(2 + 0.001, 9);
});

test('a load counts as so many multiply-adds', () => {
  expect(guess({ loads: 1e9 })).toBeCloseTo(2 + 8 + 0.001, 9);
  expect(guess({ sharedLoads: 1e9 })).toBeCloseTo(2 + 2 + 0.001, 9);
});

test('half the threads take twice as long, more than enough gain nothing', () => {
  expect(guess({ threads: 500 })).toBeCloseTo(4 + 0.001, 9);
  expect(guess({ threads: 9000 })).toBeCloseTo(2 + 0.001, 9);
});

test('memory binds where there is little arithmetic, and scratch memory is written and read', () => {
  const large = operands.map((view) => ({ ...view, shape: [25e6] }));
  const way = wayOf('w', call, { flops: 1 });
  // 200 MB of operands, at 10^11 bytes a second
  expect(estimateMs(way, large, roof, profile)).toBeCloseTo(2.001, 9);
  const split = { ...way.dispatches[0]!, bindings: { y: { scratch: 0, byteLength: 5e7 } } };
  const parts = { ...way, dispatches: [split, split] };
  expect(estimateMs(parts, large, roof, profile)).toBeCloseTo(3.002, 9);
});

test('what caches hold moves at their speed', () => {
  const fast = { ...roof, cachedBytes: 1e12 };
  const small = operands.map((view) => ({ ...view, shape: [1e6] }));
  expect(boundMs(1, small, fast)).toBeCloseTo(0.009, 9);
  const large = operands.map((view) => ({ ...view, shape: [1e8] }));
  expect(boundMs(1, large, fast)).toBeCloseTo(8.001, 9);
});

test('the bound is arithmetic alone where that takes longer', () => {
  expect(boundMs(1e12, operands, roof)).toBeCloseTo(1000.001, 6);
});
