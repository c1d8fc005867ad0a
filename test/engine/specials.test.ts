// Special values give the same on the CPU in float32, in float64, and on the GPU: exactly where the result is special
// itself, else to within roundings. -0 counts as 0, and what is too small for a normal float32 may be 0.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CpuBackend } from '../../src/backend/cpu/cpuBackend.ts';
import type { KernelCall, KernelName } from '../../src/backend/kernels.ts';
import { opNamed } from '../../src/engine/op.ts';
import { onBackend } from '../../src/engine/runtime.ts';
import * as w from '../../src/index.ts';
import * as publicOps from '../../src/ops/index.ts';
import type { TensorData } from '../../src/tensor/nested.ts';
import { describeGpu } from '../setup/adapters.ts';
import { proves } from '../setup/proof.ts';
import { type Floats, float32, float64, type Special, sized } from './specials/special.ts';
import { specials } from './specials.ts';

const SMALLEST_NORMAL = 2 ** -126;
const ULP = 2 ** -23;
/** What a rounding in float64 is to one in float32. */
const FINER = 2 ** -29;

function resultsOf({ inputs, run }: Special, floats: Floats): w.Tensor[] {
  return [run(...inputs.map((data) => w.tensor(standIn(data, floats.largest))))].flat();
}

function standIn(data: TensorData, largest: number): TensorData {
  if (typeof data === 'number') return sized(data, largest);
  return Array.isArray(data) ? data.map((item) => standIn(item, largest) as number) : data;
}

interface Element {
  readonly value: number;
  readonly dtype: w.DType;
}

/** The elements that are not as expected, as text. */
function wrong(found: readonly Element[], one: Special, floats: Floats): string[] {
  const lines: string[] = [];
  for (const [i, formula] of one.expected(floats).entries()) {
    const { value, dtype } = found[i]!;
    const exact = dtype === 'float32' ? Math.fround(formula) : formula;
    const bound = (one.off?.(i, exact) ?? 8 * ULP * Math.abs(exact)) * (dtype === 'float64' ? FINER : 1);
    if (!agrees(value, exact, bound)) lines.push(`element ${i}: ${value} for ${exact}`);
  }
  return lines;
}

function agrees(found: number, exact: number, bound: number): boolean {
  if (Object.is(found + 0, exact + 0)) return true;
  if (!Number.isFinite(exact) || Number.isNaN(found)) return false;
  if (Number.isSafeInteger(exact)) return bound === Infinity;
  if (Math.abs(exact) < SMALLEST_NORMAL && found === 0) return true;
  return Math.abs(found - exact) <= bound;
}

function suite(options: w.InitOptions, floats: Floats) {
  beforeAll(() => w.init(options));
  afterAll(() => w.close());

  test.for(specials.map((one) => [one.title, one] as const))('%s', async ([, one], { task }) => {
    proves(task, 'special values', ...new Set([one.op, one.fn]));
    const results = resultsOf(one, floats);
    const found: Element[] = [];
    for (const result of results) {
      for (const value of await result.data()) found.push({ value, dtype: result.dtype });
    }
    expect(found).toHaveLength(one.expected(floats).length);
    expect(wrong(found, one, floats)).toEqual([]);
  });
}

describe('on the CPU in float32', () => suite({ backend: 'cpu' }, float32));
describe('on the CPU in float64', () => suite({ backend: 'cpu', dtype: 'float64' }, float64));
describeGpu('on the GPU', () => suite({ backend: 'webgpu' }, float32));

test('every public function that makes a tensor has a case', () => {
  const covered = new Set(specials.map(({ fn }) => fn));
  const names = Object.entries(publicOps).flatMap(([name, value]) => (typeof value === 'function' ? [name] : []));
  expect(names.filter((name) => !covered.has(name))).toEqual([]);
});

/** Remembers which kernels ran, elementwise ones by their function. */
class Watched extends CpuBackend {
  readonly ran = new Set<string>();

  override run<K extends KernelName>(call: KernelCall<K>): void {
    const { attrs } = call;
    this.ran.add(call.kernel);
    if ('fn' in attrs) this.ran.add(String(attrs.fn));
    super.run(call);
  }
}

test.each(specials.map((one) => [one.title, one] as const))('%s: runs the operation that it names', (_, one) => {
  const backend = new Watched('float32');
  onBackend(backend, () => resultsOf(one, float32));
  const { kernel, name, alias } = opNamed(one.op);
  const isFunction = kernel === 'binary' || (kernel === 'unary' && name !== 'cast');
  if (!alias) expect([...backend.ran]).toContain(isFunction ? name : kernel);
});

test('titles tell the cases apart', () => {
  const titles = specials.map(({ title }) => title);
  expect(titles.filter((title, i) => titles.indexOf(title) !== i)).toEqual([]);
});
