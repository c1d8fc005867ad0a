import type { View } from '../../../src/backend/backend.ts';
import { CpuBackend } from '../../../src/backend/cpu/cpuBackend.ts';
import type { KernelCall, KernelName } from '../../../src/backend/kernels.ts';
import { isFloat } from '../../../src/tensor/dtype.ts';
import type { DefinedCall, Definition, Definitions, Measure, Operand, Values } from './definition.ts';
import { definitions } from './index.ts';

/**
 * How far a kernel may be from its definition, in units of the measure. Both round n times, each time by 2^-53 of what they
 * round: the longest sum of the cases has 700 terms, which makes 2 * 700 * 2^-53 = 1.6e-13 at the worst. Series take fewer
 * steps, and the squarings of exp, 2^6 of them in the tails, 1e-14. So nothing but an error is as large as this.
 */
const TOLERANCE = 1e-12;

/** The float64 reference, which throws when a kernel does not give what its definition says. */
export class CheckingBackend extends CpuBackend {
  /** The kernels that were compared. */
  readonly checked = new Set<KernelName>();

  constructor() {
    super('float64');
  }

  override run<K extends KernelName>(call: KernelCall<K>): void {
    const operand = (view: View): Operand => ({ shape: view.shape, dtype: view.dtype, data: this.readSync(view) });
    const inputs = call.inputs.map(operand);
    super.run(call);
    // What works in place has its targets first.
    const written = (call.outputs.length > 0 ? call.outputs : call.inputs).map(operand);
    const all: Definitions<K> = definitions;
    const results = check(call.kernel, all[call.kernel], { inputs, results: written, attrs: call.attrs }, written);
    if (call.outputs.length > 0 && results !== call.outputs.length)
      throw new Error(`${call.kernel}: ${call.outputs.length} results, by its definition ${results}`);
    this.checked.add(call.kernel);
  }
}

/** Throws an error that names the first element that is not what the definition says; gives the number of results defined. */
export function check<K extends KernelName>(
  kernel: K,
  definition: Definition<K>,
  call: DefinedCall<K>,
  found: readonly Operand[],
): number {
  const expected = definition.of(call);
  const measure = typeof definition.measure === 'function' ? definition.measure(call.attrs) : definition.measure;
  expected.forEach((values, i) => {
    const result = found[i]!;
    if (values.length !== result.data.length)
      throw new Error(`${kernel}: result ${i} has ${result.data.length} elements, by its definition ${values.length}`);
    const sizes = isFloat(result.dtype) ? magnitudes(measure, definition, call, i, values) : values.map(() => 0);
    values.forEach((value, element) => {
      const got = result.data[element]!;
      if (value === null || Object.is(value, got) || Math.abs(value - got) <= TOLERANCE * sizes[element]!) return;
      throw new Error(`${kernel}: element ${element} of result ${i} is ${got}, by its definition ${value}`);
    });
  });
  return expected.length;
}

/** What the error of each element is measured by. */
function magnitudes<K extends KernelName>(
  measure: Measure,
  definition: Definition<K>,
  call: DefinedCall<K>,
  result: number,
  values: Values,
): number[] {
  const size = (value: number | null) => Math.abs(value ?? 0);
  switch (measure) {
    case 'nothing':
      return values.map(() => 0);
    case 'itself':
      return values.map(size);
    case 'terms':
      return definition.of({ ...call, inputs: call.inputs.map(positive) })[result]!.map(size);
    case 'operands': {
      const floats = call.inputs.filter(({ dtype }) => isFloat(dtype));
      const largest = Math.max(...floats.flatMap(({ data }) => Array.from(data, size)));
      return values.map(() => largest);
    }
  }
}

/** The magnitudes of floats; indices stay. */
function positive(x: Operand): Operand {
  return isFloat(x.dtype) ? { ...x, data: Array.from(x.data, Math.abs) } : x;
}
