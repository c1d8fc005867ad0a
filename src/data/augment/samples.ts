// Where the pictures and targets of a generator lie: on the backend, on the host, or in files. Rows of them are taken as tensors.
import type { DType, Shape, TypedArray } from '../../backend/backend.ts';
import { scope } from '../../engine/scope.ts';
import { ShapeError, ValueError } from '../../errors.ts';
import { tensor } from '../../ops/create.ts';
import { gatherRows } from '../../ops/indexing.ts';
import { bytesOf, dtypeOfArray, makeArray } from '../../tensor/dtype.ts';
import { flatten, type NestedArray, type TensorData } from '../../tensor/nested.ts';
import { kindOf, requireTensors } from '../../tensor/options.ts';
import { formatShape, sizeOf } from '../../tensor/shape.ts';
import { Tensor } from '../../tensor/tensor.ts';

/** Samples along the first axis of a shape. */
export interface Samples {
  readonly shape: Shape;
  /** Bytes of all of them. */
  readonly bytes: number;
  /** Those of these rows, as a tensor that belongs to the caller. */
  take(rows: Int32Array): Tensor | Promise<Tensor>;
  /** All of them on the backend, uploaded once; null where they are too many to be there. */
  whole(): Tensor | null;
  /** All values, where they can be seen at once. */
  readonly values: ArrayLike<number> | null;
}

/** What a user gives as data: a tensor, a typed array, or nested lists. Flat data is cut into samples of the shape given. */
export function samplesOf(who: string, data: unknown, sample: Shape | null): Samples {
  if (data instanceof Tensor) {
    requireTensors(who, { data });
    return new TensorSamples(data);
  }
  if (typeof data !== 'object' || data === null)
    throw new ValueError(`${who} must be a tensor, a typed array or nested lists, got ${kindOf(data)}`);
  return hostSamples(who, data as TensorData, sample);
}

/** Targets or weights of n samples; a flat typed array holds the same count for each. */
export function targetsOf(who: string, data: unknown, n: number): Samples {
  const given = samplesOf(who, data, null);
  const each = given.shape.length === 1 ? given.shape[0]! / n : 1;
  if (each > 1 && Number.isInteger(each)) return samplesOf(who, data, [each]);
  if (given.shape[0] === n) return given;
  throw new ShapeError(`${who}: x has ${n} samples, got ${formatShape(given.shape)}`);
}

class TensorSamples implements Samples {
  readonly shape: Shape;
  readonly bytes: number;
  private readonly tensor: Tensor;

  constructor(given: Tensor) {
    this.tensor = given;
    this.shape = given.shape;
    this.bytes = given.size * bytesOf(given.dtype);
  }

  take(rows: Int32Array): Tensor {
    return scope(() => gatherRows(this.tensor, tensor(rows)));
  }

  whole(): Tensor {
    return this.tensor;
  }

  get values(): ArrayLike<number> | null {
    const { backend } = this.tensor.share().memory;
    return backend.readSync ? backend.readSync(this.tensor.locate()) : null;
  }
}

function hostSamples(who: string, data: TensorData, sample: Shape | null): HostSamples {
  const { values, shape } = valuesOf(who, data);
  if (shape.length !== 1 || !sample) return new HostSamples(values, shape);
  const each = sizeOf(sample);
  if (each === 0 || values.length % each !== 0)
    throw new ShapeError(`${who}: ${values.length} values do not divide into samples of ${formatShape(sample)}`);
  return new HostSamples(values, [values.length / each, ...sample]);
}

/** The values as a backend keeps them: bytes and int32 as they are, everything else as float32. */
function valuesOf(who: string, data: TensorData): { values: TypedArray; shape: Shape } {
  if (!ArrayBuffer.isView(data)) {
    const { values, shape } = flatten(data as NestedArray, who);
    return { values: Float32Array.from(values), shape };
  }
  if (data instanceof Uint8ClampedArray)
    return { values: new Uint8Array(data.buffer, data.byteOffset, data.length), shape: [data.length] };
  if (data instanceof Uint8Array || data instanceof Int32Array || data instanceof Float32Array)
    return { values: data, shape: [data.length] };
  if (data instanceof Float64Array) return { values: Float32Array.from(data), shape: [data.length] };
  if (data instanceof Int8Array || data instanceof Int16Array || data instanceof Uint16Array)
    return { values: Int32Array.from(data), shape: [data.length] };
  throw new ValueError(`${who}: ${Object.prototype.toString.call(data).slice(8, -1)} holds no numbers of ours`);
}

class HostSamples implements Samples {
  readonly shape: Shape;
  readonly values: TypedArray;
  private uploaded: Tensor | null = null;

  constructor(values: TypedArray, shape: Shape) {
    this.values = values;
    this.shape = shape;
  }

  get bytes(): number {
    return this.values.byteLength;
  }

  private get dtype(): DType {
    return dtypeOfArray(this.values);
  }

  take(rows: Int32Array): Tensor {
    const each = sizeOf(this.shape.slice(1));
    const batch = makeArray(this.dtype, rows.length * each);
    rows.forEach((row, i) => {
      batch.set(this.values.subarray(row * each, (row + 1) * each), i * each);
    });
    return tensor(batch, [rows.length, ...this.shape.slice(1)]);
  }

  whole(): Tensor {
    // a backend that was closed has taken its tensors with it
    if (!this.uploaded || this.uploaded.share().memory.backend.isClosed)
      this.uploaded = tensor(this.values, this.shape);
    return this.uploaded;
  }
}

/** Refuses what are no pictures, and says so where they have an unusual number of channels. */
export function requirePictures(who: string, { shape }: Samples, channelsFirst: boolean): void {
  if (shape.length !== 4) {
    const hint = shape.length === 1 ? '; with inputShape flat data is cut into pictures' : '';
    throw new ShapeError(
      `${who}: x must be pictures of rank 4, [n, ${axes(channelsFirst)}], got ${formatShape(shape)}${hint}`,
    );
  }
  if (sizeOf(shape) === 0) throw new ShapeError(`${who}: x ${formatShape(shape)} has no pixels`);
  const channels = shape[channelsFirst ? 1 : 3]!;
  if (![1, 3, 4].includes(channels))
    console.warn(`${who}: pictures have 1, 3 or 4 channels; x ${formatShape(shape)} has ${channels}`);
}

export const axes = (channelsFirst: boolean) => (channelsFirst ? 'channels, height, width' : 'height, width, channels');
