// No time may be believed of a result that is wrong.
import { afterEach, expect, test, vi } from 'vitest';
import { type Cell, conv2d, matmul } from '../../bench/cells.ts';
import { operandsOf, reference, requireEqual } from '../../bench/operands.ts';
import { compareCell } from '../../bench/peers/compareCells.ts';
import type { CellRun, Engine } from '../../bench/peers/engine.ts';
import { ours } from '../../bench/peers/ours.ts';
import { measureCells } from '../../bench/sections/kernels.ts';
import { requireLosses } from '../../bench/training.ts';
import { close } from '../../src/index.ts';
import { describeGpu } from '../setup/adapters.ts';

const cell = conv2d([2, 9, 9, 3], [3, 3, 3, 5], 1, 'same');
const once = { warmUp: 0, counted: 1 };

afterEach(() => vi.restoreAllMocks());

test('operands are random, the same each time, and never zero', () => {
  const { a, b } = operandsOf(cell);
  expect(operandsOf(cell).a).toEqual(a);
  expect(new Set(a).size).toBeGreaterThan(a.length / 2);
  expect([...a, ...b].filter((value) => value === 0)).toEqual([]);
});

test('one wrong element, zeros and NaN are refused; rounding is not', async () => {
  const expected = await reference(cell, operandsOf(cell));
  const check = (found: Float32Array) => () => requireEqual('somebody', cell, found, expected);
  expect(check(expected.map((value) => value * (1 + 2 ** -22)))).not.toThrow();
  expect(check(new Float32Array(expected.length))).toThrow('somebody computes conv2d 2x9x9x3 -> 5, 3x3 same wrong');
  expect(check(expected.map((value, i) => (i === 7 ? value + 0.01 : value)))).toThrow('wrong');
  expect(check(expected.map((value, i) => (i === 7 ? Number.NaN : value)))).toThrow('wrong');
});

test('losses that stay where they were are refused', () => {
  expect(() => requireLosses('somebody', [2.3, 2.1], [2.3, 2.1])).not.toThrow();
  expect(() => requireLosses('somebody', [2.3, 2.3], [2.3, 2.1])).toThrow('the loss of step 1 is 2.3 instead of 2.1');
  expect(() => requireLosses('somebody', [2.3, Number.NaN], [2.3, 2.1])).toThrow('NaN');
  expect(() => requireLosses('somebody', [2.3], [2.3, 2.1])).toThrow('1 steps instead of 2');
});

describeGpu('on a GPU', () => {
  test('a kernel that does not run fails the bench', async () => {
    const [row] = await measureCells([matmul(8, 8, 8)], false, once);
    expect(row!.medianMs).toBeGreaterThan(0);
    vi.spyOn(GPUComputePassEncoder.prototype, 'dispatchWorkgroups').mockImplementation(() => undefined);
    await expect(measureCells([matmul(8, 8, 8)], false, once)).rejects.toThrow('WebGPU computes matmul 8x8x8 wrong');
    await close();
  });

  test('an engine that computes something else, or puts it off, is not timed', async () => {
    const we = await ours(false);
    const rival = (change: (run: CellRun) => CellRun): Engine => ({
      ...we,
      name: 'rival 1',
      async cell(cell: Cell, operands) {
        const run = await we.cell(cell, operands);
        return run && change(run);
      },
    });
    const wrong = rival((run) => ({ ...run, result: async () => (await run.result()).map((value) => 2 * value) }));
    await expect(compareCell(cell, [we, wrong], once)).rejects.toThrow('rival 1 computes');
    const lazy = rival((run) => ({ ...run, run: async () => {} }));
    await expect(compareCell(cell, [we, lazy], once)).rejects.toThrow('0 dispatches for 3 runs');
    const measured = await compareCell(cell, [we, rival((run) => run)], once);
    expect(measured.map(({ name }) => name).slice(0, 2)).toEqual(['wgslgrad', 'rival']);
    await we.close();
  });
});
