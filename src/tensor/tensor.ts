// For Symbol.dispose in the declarations of users whose own `lib` lacks it.
/// <reference lib="esnext.disposable" preserve="true" />
import type { DType, Shape, TypedArray, View } from '../backend/backend.ts';
import { BackendError, ShapeError, ValueError } from '../errors.ts';
import { callSite } from './callSite.ts';
import { isFloat } from './dtype.ts';
import { lostTensors, type SharedStorage } from './memory.ts';
import { type Nested, nest } from './nested.ts';
import { formatShape, sizeOf } from './shape.ts';

let made = 0;
let living = 0;

/** Tensors that hold storage now. */
export function livingTensors(): number {
  return living;
}

/** How a tensor came about; the autograd tape is made of these. The engine fills it in, the tensor only carries it. */
export interface Producer {
  readonly outputs: readonly Tensor[];
}

/**
 * A block of numbers of one dtype on one backend. Tensors never change; a Variable does.
 *
 * The methods of a tensor are attached by ops/methods.ts: here is only what a tensor is.
 */
export class Tensor {
  readonly id = made++;
  readonly shape: Shape;
  readonly dtype: DType;
  /** The operation that this is a result of, while something may want its gradient. */
  producer: Producer | null = null;
  /** Whether a gradient may be asked for, for this tensor or for one it was made from. */
  requiresGrad = false;

  private memory: SharedStorage | null;
  private byteOffset: number;
  private disposed = false;

  /** `memory` is null for a tensor that has no values: inside a trace. The tensor becomes a holder of it. */
  constructor(shape: Shape, dtype: DType, memory: SharedStorage | null, byteOffset = 0) {
    this.shape = shape;
    this.dtype = dtype;
    this.memory = memory;
    this.byteOffset = byteOffset;
    if (memory) this.hold(memory);
  }

  get rank(): number {
    return this.shape.length;
  }

  get size(): number {
    return sizeOf(this.shape);
  }

  /** Whether it stands for values that do not exist yet. */
  get isVirtual(): boolean {
    return this.memory === null && !this.disposed;
  }

  get isDisposed(): boolean {
    return this.disposed;
  }

  /** Where the elements lie. */
  locate(): View {
    const memory = this.requireMemory('used');
    return { shape: this.shape, dtype: this.dtype, storage: memory.storage, byteOffset: this.byteOffset };
  }

  /** The storage itself, for another tensor that views it; the caller retains it. */
  share(): { memory: SharedStorage; byteOffset: number } {
    return { memory: this.requireMemory('shared'), byteOffset: this.byteOffset };
  }

  /** The elements in row-major order; bool as zeros and ones. */
  async data(): Promise<TypedArray> {
    const view = this.locate();
    return this.requireMemory('read').backend.read(view);
  }

  /** The same at once; on the CPU backend only. */
  dataSync(): TypedArray {
    const view = this.locate();
    const { backend } = this.requireMemory('read');
    if (!backend.readSync)
      throw new BackendError(`dataSync: the ${backend.name} backend reads asynchronously; use await data()`);
    return backend.readSync(view);
  }

  /** The elements as nested lists; a scalar as one number. */
  async array(): Promise<Nested<number | boolean>> {
    return nest(await this.data(), this.shape, this.dtype === 'bool');
  }

  /** The one element of a tensor of size 1. */
  async item(): Promise<number> {
    if (this.size !== 1)
      throw new ShapeError(`item: a tensor of shape ${formatShape(this.shape)} has ${this.size} elements, not 1`);
    return (await this.data())[0]!;
  }

  /** Prints shape, dtype and elements (the first of each axis when there are many). */
  async print(): Promise<void> {
    console.log(`${this.toString()}\n${format(await this.array(), isFloat(this.dtype))}`);
  }

  /** Refuses `<`, `+` and their like, which would quietly compute with NaN. */
  [Symbol.toPrimitive](hint: string): string {
    if (hint === 'string') return this.toString();
    throw new ValueError(
      `${this.toString()} is no number${callSite()}: write x.add(y), x.less(y), ..., or take its value by await x.item()`,
    );
  }

  toString(): string {
    return `Tensor ${formatShape(this.shape)} ${this.dtype}`;
  }

  /** Gives the storage back now; using the tensor later is an error. Never needed: lost tensors are found. */
  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    this.producer = null;
    this.letGo();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /** Moves to other storage. The tensor becomes a holder of `memory` and lets the old go. */
  protected adopt(memory: SharedStorage, byteOffset: number): void {
    this.letGo();
    this.memory = memory;
    this.byteOffset = byteOffset;
    this.hold(memory);
  }

  private hold(memory: SharedStorage): void {
    living++;
    lostTensors.register(
      this,
      () => {
        living--;
        memory.release();
      },
      this,
    );
  }

  private letGo(): void {
    if (!this.memory) return;
    lostTensors.unregister(this);
    living--;
    this.memory.release();
    this.memory = null;
  }

  private requireMemory(action: string): SharedStorage {
    if (this.memory && !this.memory.backend.isClosed) return this.memory;
    if (this.disposed) throw new BackendError(`${this.toString()} was disposed and cannot be ${action}`);
    if (this.memory) throw new BackendError(`${this.toString()} belongs to a backend that was closed`);
    throw new BackendError(
      `${this.toString()} has no values while a function is being traced; it cannot be ${action}${callSite()}. A traced ` +
        'function runs once, on shapes: what depends on values must be an operation, such as where(), or stay outside',
    );
  }
}

const EDGE = 4;

function format(value: Nested<number | boolean>, float: boolean, indent = ' '): string {
  if (!Array.isArray(value))
    return float && typeof value === 'number' ? Number(value.toPrecision(7)).toString() : String(value);
  const shown: string[] = value.map((item) => format(item, float, `${indent} `));
  if (shown.length > 2 * EDGE) shown.splice(EDGE, shown.length - 2 * EDGE, '...');
  const flat = value.every((item) => !Array.isArray(item));
  return `[${shown.join(flat ? ', ' : `,\n${indent}`)}]`;
}
