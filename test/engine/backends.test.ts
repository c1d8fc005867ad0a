import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TypedArray } from '../../src/backend/backend.ts';
import { allOps } from '../../src/engine/op.ts';
import { onBackend } from '../../src/engine/runtime.ts';
import * as w from '../../src/index.ts';
import { describeGpu } from '../setup/adapters.ts';
import { makeInputs } from '../support/inputs.ts';
import { ErrorBackend } from './bounds/errorBackend.ts';
import { type Case, cases, isFloatInput } from './cases.ts';
import { weightedSum } from './weighted.ts';

const differentiable = new Set(
  allOps()
    .filter(({ gradient }) => gradient !== 'not differentiable')
    .map(({ name }) => name),
);

/** The results of a case, and the gradients of a weighted sum of the first by each float input. */
function resultsOf(one: Case, float: 'float32' | 'float64'): w.Tensor[] {
  const inputs = makeInputs(one.inputs, float);
  const results = [one.run(...inputs)].flat();
  const floats = one.inputs.flatMap((input, i) => (isFloatInput(input) ? [i] : []));
  if (!differentiable.has(one.op) || floats.length === 0) return results;
  const ofFloats = (...parts: w.Tensor[]) =>
    weightedSum(one)(...inputs.map((input, i) => parts[floats.indexOf(i)] ?? input));
  return [...results, ...[w.grad(ofFloats)(...floats.map((i) => inputs[i]!))].flat()];
}

interface Reference {
  readonly shape: readonly number[];
  readonly dtype: w.DType;
  readonly data: TypedArray;
  /** How far a float32 machine may be off. */
  readonly errors: TypedArray;
}

function referencesOf(one: Case): Reference[] {
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

describeGpu('every operation and its gradient are as exact on the GPU as WGSL promises', () => {
  beforeAll(() => w.init({ backend: 'webgpu' }));
  afterAll(() => w.close());
  test.each(table)('%s', (_, one) => compare(one));
});

test.each(table)('%s: the bound is a rounding error, not a blank cheque', (_, one) => {
  for (const { data, errors } of referencesOf(one)) {
    const scale = Math.max(1, ...Array.from(data, Math.abs));
    expect(Math.max(0, ...errors) / scale).toBeLessThan(1e-3);
  }
});
