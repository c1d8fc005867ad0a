import { expect, test } from 'vitest';
import { describeMachine, type Machine } from '../../bench/machine.ts';
import { markdownReport } from '../../bench/report.ts';
import { chooseSections } from '../../bench/sections.ts';
import { describeGpu, gpuDescription } from '../setup/adapters.ts';

const machine: Machine = {
  facts: { adapter: 'a fine adapter', wgslgrad: '1.2.3' },
  features: ['shader-f16', 'subgroups'],
  limits: { maxBufferSize: 1024 },
};

test('a report names adapter, command, features, limits and every row', () => {
  const rows = [
    { kernel: 'matmul', 'median ms': 1.5 },
    { kernel: 'a|b', 'median ms': 2 },
  ];
  const text = markdownReport(machine, 'npm run bench -- kernels', [{ title: 'Kernels', rows, notes: ['As it is.'] }]);
  expect(text).toContain('# wgslgrad on a fine adapter');
  expect(text).toContain('`npm run bench -- kernels`');
  expect(text).toContain('| kernel | median ms |\n| --- | --- |\n| matmul | 1.5 |\n| a\\|b | 2 |\n\nAs it is.');
  expect(text).toContain('shader-f16, subgroups');
  expect(text).toContain('| maxBufferSize | 1024 |');
});

test('sections run in their order, all or those that are named', () => {
  expect([...chooseSections([]).keys()]).toEqual([
    'steps',
    'augment',
    'predict',
    'transfer',
    'kernels',
    'start',
    'memory',
    'cpu',
    'scale',
  ]);
  expect([...chooseSections(['ways']).keys()]).toEqual(['ways']);
  expect([...chooseSections(['cpu', 'steps']).keys()]).toEqual(['steps', 'cpu']);
  expect(() => chooseSections(['step'])).toThrow(
    'no section step; there are steps, augment, predict, transfer, kernels',
  );
});

describeGpu('on a GPU', () => {
  test('the machine is the one that runs', async () => {
    const { facts, limits } = await describeMachine();
    expect(facts.adapter).toContain(gpuDescription);
    expect(limits.maxStorageBufferBindingSize).toBeGreaterThan(2 ** 27 - 1);
  });
});
