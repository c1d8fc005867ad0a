// A backend that computes in float64 and knows of each element how far a float32 machine may be from it. What an
// operation, a gradient or a whole chain may differ by on a GPU is then read off, not guessed.
import type { Backend, BackendMemory, DType, Replay, Storage, TypedArray, View } from '../../../src/backend/backend.ts';
import { CpuBackend } from '../../../src/backend/cpu/cpuBackend.ts';
import type { KernelCall, KernelName } from '../../../src/backend/kernels.ts';
import { isFloat } from '../../../src/tensor/dtype.ts';
import { sizeOf } from '../../../src/tensor/shape.ts';
import { storedError } from './approx.ts';
import { type Bounded, rules } from './rules.ts';

class Pair implements Storage {
  readonly values: Storage;
  readonly errors: Storage;

  constructor(values: Storage, errors: Storage) {
    this.values = values;
    this.errors = errors;
  }

  get byteLength(): number {
    return this.values.byteLength;
  }
}

export class ErrorBackend implements Backend {
  readonly name = 'cpu';
  readonly adapter = 'float64 with error bounds';
  readonly floatDType = 'float64';
  readonly isClosed = false;
  private readonly machine = new CpuBackend('float64');

  supports(dtype: DType): boolean {
    return dtype !== 'float32';
  }

  allocate(byteLength: number): Storage {
    return new Pair(this.machine.allocate(byteLength), this.machine.allocate(byteLength));
  }

  free(storage: Storage): void {
    const { values, errors } = pairOf(storage);
    this.machine.free(values);
    this.machine.free(errors);
  }

  write(target: View, data: TypedArray): void {
    this.machine.write(valuesOf(target), data);
    this.setErrors(target, Float64Array.from(data, storedError));
  }

  async read(source: View): Promise<TypedArray> {
    return this.readSync(source);
  }

  readSync(source: View): TypedArray {
    return this.machine.readSync(valuesOf(source));
  }

  /** How far each element may be off; integers and truths never are. */
  errors(source: View): TypedArray {
    return isFloat(source.dtype) ? this.machine.readSync(errorsOf(source)) : new Float64Array(sizeOf(source.shape));
  }

  run<K extends KernelName>(call: KernelCall<K>): void {
    const inputs = call.inputs.map((view) => this.bounded(view));
    this.machine.run({ ...call, inputs: call.inputs.map(valuesOf), outputs: call.outputs.map(valuesOf) });
    const written = call.outputs.length > 0 ? call.outputs : call.inputs;
    const results = written.map((view) => this.bounded(view));
    const errors = rules[call.kernel]({ inputs, results, attrs: call.attrs });
    // What works in place writes its first operands alone.
    const changed = call.outputs.length > 0 ? written : written.slice(0, errors.length);
    changed.forEach((view, i) => {
      this.setErrors(view, Float64Array.from(errors[i] ?? new Float64Array(sizeOf(view.shape))));
    });
  }

  async prepare(calls: readonly KernelCall[]): Promise<Replay> {
    const run = () => {
      for (const call of calls) this.run(call);
    };
    return { dispatches: calls.length, bytes: 0, run, dispose() {} };
  }

  flush(): void {}
  async sync(): Promise<void> {}
  async close(): Promise<void> {}

  memory(): BackendMemory {
    return this.machine.memory();
  }

  private bounded(view: View): Bounded {
    return { shape: view.shape, float: isFloat(view.dtype), data: this.readSync(view), error: this.errors(view) };
  }

  private setErrors(view: View, errors: Float64Array): void {
    if (isFloat(view.dtype)) this.machine.write(errorsOf(view), errors);
  }
}

function pairOf(storage: Storage): Pair {
  if (storage instanceof Pair) return storage;
  throw new Error('a tensor of another backend');
}

const valuesOf = (view: View): View => ({ ...view, storage: pairOf(view.storage).values });
const errorsOf = (view: View): View => ({ ...view, storage: pairOf(view.storage).errors });
