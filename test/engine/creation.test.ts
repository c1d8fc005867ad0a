// Functions whose values come from the host: each backend must hold what they say.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CpuBackend } from '../../src/backend/cpu/cpuBackend.ts';
import { onBackend } from '../../src/engine/runtime.ts';
import * as w from '../../src/index.ts';
import { describeGpu } from '../setup/adapters.ts';
import { type Column, proves } from '../setup/proof.ts';
import { storedError } from './bounds/approx.ts';
import { type Creation, creations } from './cases/creation.ts';

const table = creations.map((one) => [one.title, one] as const);

/** The elements that are further off than the host's own rounding, and that of a float32 where they are stored as one. */
function off({ values }: Creation, found: ArrayLike<number>, float: 'float32' | 'float64'): string[] {
  return values.flatMap((value, i) => {
    const allowed = 1e-12 * Math.abs(value) + (float === 'float32' ? storedError(value) : 0);
    return Math.abs(found[i]! - value) <= allowed ? [] : [`element ${i}: ${found[i]} for ${value}`];
  });
}

function expectKind({ shape, dtype }: Creation, result: w.Tensor, float: 'float32' | 'float64'): void {
  expect({ shape: result.shape, dtype: result.dtype }).toEqual({ shape, dtype: dtype ?? float });
}

function suite(backend: 'cpu' | 'webgpu', column: Column) {
  beforeAll(() => w.init({ backend }));
  afterAll(() => w.close());
  test.for(table)('%s', async ([, one], { task }) => {
    proves(task, column, one.fn);
    const result = one.run();
    expectKind(one, result, 'float32');
    expect(off(one, await result.data(), 'float32')).toEqual([]);
  });
}

describe('in float32 on the CPU', () => suite('cpu', 'CPU32'));
describeGpu('on the GPU', () => suite('webgpu', 'GPU'));

test.for(table)('%s in float64', ([, one], { task }) => {
  proves(task, 'CPU64', one.fn);
  onBackend(new CpuBackend('float64'), () => {
    const result = one.run();
    expectKind(one, result, 'float64');
    expect(off(one, result.dataSync(), 'float64')).toEqual([]);
  });
});
