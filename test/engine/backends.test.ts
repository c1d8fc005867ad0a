import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TypedArray } from '../../src/backend/backend.ts';
import { onBackend } from '../../src/engine/runtime.ts';
import * as w from '../../src/index.ts';
import { describeGpu } from '../setup/adapters.ts';
import { proves } from '../setup/proof.ts';
import { ErrorBackend } from './bounds/errorBackend.ts';
import { type Case, cases } from './cases.ts';
import { resultsOf } from './results.ts';
import { rowsOf } from './rows.ts';

interface Reference {
  readonly shape: readonly number[];
  readonly dtype: w.DType;
  readonly data: TypedArray;
  /** How far a float32 machine may be off. */
  readonly errors: TypedArray;
}

const known = new Map<Case, Reference[]>();

function referencesOf(one: Case): Reference[] {
  const references = known.get(one) ?? computeReferences(one);
  known.set(one, references);
  return references;
}

function computeReferences(one: Case): Reference[] {
  const backend = new ErrorBackend();
  return onBackend(backend, () =>
    resultsOf(one, 'float64').map((result) => ({
      shape: result.shape,
      dtype: result.dtype === 'float64' ? 'float32' : result.dtype,
      data: result.dataSync(),
      errors: backend.errors(result.locate()),
    })),
  );
}

/** The elements that lie outside their bounds, as text. */
function outside(found: TypedArray, { data, errors }: Reference): string[] {
  const lines: string[] = [];
  found.forEach((value, i) => {
    const near = Object.is(value, data[i]) || Math.abs(value - data[i]!) <= errors[i]!;
    if (!near) lines.push(`element ${i}: ${value} for ${data[i]}, off by ${value - data[i]!}, allowed ${errors[i]}`);
  });
  return lines;
}

async function compare(one: Case): Promise<void> {
  const references = referencesOf(one);
  const results = resultsOf(one, 'float32');
  expect(results.length).toBe(references.length);
  for (const [i, result] of results.entries()) {
    const reference = references[i]!;
    expect({ shape: result.shape, dtype: result.dtype }).toEqual({ shape: reference.shape, dtype: reference.dtype });
    expect(outside(await result.data(), reference), `result ${i}`).toEqual([]);
    result.dispose();
  }
}

const table = cases.map((one) => [one.title, one] as const);

function suite(backend: 'cpu' | 'webgpu', column: 'CPU32' | 'GPU') {
  beforeAll(() => w.init({ backend }));
  afterAll(() => w.close());
  test.for(table)('%s', async ([, one], { task }) => {
    proves(task, column, ...rowsOf(one));
    await compare(one);
  });
}

describe('every operation and its gradient are as exact in float32 on the CPU', () => suite('cpu', 'CPU32'));
describeGpu('every operation and its gradient are as exact on the GPU as WGSL promises', () => suite('webgpu', 'GPU'));

test.each(table)('%s: the bound is a rounding error, not a blank cheque', (_, one) => {
  for (const { data, errors } of referencesOf(one)) {
    const scale = Math.max(1, ...Array.from(data, Math.abs));
    expect(Math.max(0, ...errors) / scale).toBeLessThan(1e-3);
  }
});
