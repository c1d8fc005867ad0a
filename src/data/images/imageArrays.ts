import { floatDType } from '../../engine/runtime.ts';
import { scope } from '../../engine/scope.ts';
import { ensureStarted } from '../../engine/start.ts';
import { FormatError, ShapeError, ValueError } from '../../errors.ts';
import { tensor } from '../../ops/create.ts';
import { cast } from '../../ops/elementwise.ts';
import type { RawImage } from '../../platform/index.ts';
import type { TensorData } from '../../tensor/nested.ts';
import { kindOf, refuseUnknown, truth } from '../../tensor/options.ts';
import { formatShape } from '../../tensor/shape.ts';
import { Tensor } from '../../tensor/tensor.ts';

/** The picture as a float tensor [height, width, channels], 0 to 255. */
export function imgToArray(image: RawImage): Tensor {
  requireImage('imgToArray', image);
  const { height, width, channels, data } = image;
  return scope(() => cast(tensor(data, [height, width, channels]), floatDType()));
}

export interface ArrayToImgOptions {
  /** Stretches the values so that the least becomes 0 and the greatest 255 (default). Without it they are cut off at 0 and 255. */
  readonly scale?: boolean;
}

/**
 * A tensor [height, width, 1, 3 or 4] as a picture. Fractions are dropped, as Keras does.
 *
 * @throws ValueError when a value is not finite
 */
export async function arrayToImg(x: Tensor | TensorData, options: ArrayToImgOptions = {}): Promise<RawImage> {
  refuseUnknown('arrayToImg', options, ['scale']);
  const scale = truth('arrayToImg', 'scale', options.scale ?? true);
  await ensureStarted();
  const given = x instanceof Tensor ? x : tensor(x);
  try {
    const [height, width, channels] = given.shape as [number, number, number];
    if (given.rank !== 3 || ![1, 3, 4].includes(channels) || given.size === 0)
      throw new ShapeError(`arrayToImg: x must be [height, width, 1, 3 or 4], got ${formatShape(given.shape)}`);
    return { height, width, channels, data: bytesOf(await given.data(), scale) };
  } finally {
    if (given !== x) given.dispose();
  }
}

function bytesOf(values: ArrayLike<number>, scale: boolean): Uint8Array<ArrayBuffer> {
  let [low, high] = [Infinity, -Infinity];
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i]))
      throw new ValueError(`arrayToImg: values must be finite, got ${values[i]} at ${i}`);
    low = Math.min(low, values[i]!);
    high = Math.max(high, values[i]!);
  }
  // A picture of one value becomes 0, as in Keras.
  const range = high - low || 1;
  const scaled = (value: number) => (scale ? ((value - low) / range) * 255 : value);
  return Uint8Array.from(values, (value) => Math.min(255, Math.max(0, Math.floor(scaled(value)))));
}

export function isImage(value: unknown): value is RawImage {
  return typeof value === 'object' && value !== null && 'channels' in value && 'data' in value;
}

/** Refuses what is no picture of ours. */
export function requireImage(who: string, image: unknown): asserts image is RawImage {
  if (!isImage(image)) throw new ValueError(`${who}: expected a picture as loadImg gives it, got ${kindOf(image)}`);
  const { height, width, channels, data } = image;
  const size = height * width * channels;
  if (!(data instanceof Uint8Array) || data.length !== size)
    throw new FormatError(`${who}: a picture of ${height} x ${width} x ${channels} needs ${size} bytes as its data`);
}
