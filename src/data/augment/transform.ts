// A batch of pictures by their parameters: moved, then shifted in their values, then lit.
import type { FillMode } from '../../backend/kernels.ts';
import { floatDType } from '../../engine/runtime.ts';
import { affineMatrices, affineResample } from '../../ops/affine.ts';
import { cast } from '../../ops/elementwise.ts';
import { reshape } from '../../ops/shape.ts';
import { slice } from '../../ops/slice.ts';
import { isFloat } from '../../tensor/dtype.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { brightened, brightenedInBytes, channelShifted } from './light.ts';
import type { GeneratorSettings } from './options.ts';
import { affineColumns, type Parameters } from './parameters.ts';

/** What of a transformation happens at all. */
export interface Parts {
  readonly moves: boolean;
  readonly shiftsChannels: boolean;
  readonly brightens: boolean;
}

/** x [n, h, w, c], bytes or floats, transformed: floats. */
export function transformed(x: Tensor, parameters: Parameters, parts: Parts, settings: GeneratorSettings): Tensor {
  const { values, columns } = parameters;
  const of = (column: number) => reshape(slice(values, [0, column], [-1, 1]), [values.shape[0]!, 1, 1, 1]);
  const moved = parts.moves ? resampled(x, parameters, settings) : asFloat(x);
  const shifted = parts.shiftsChannels ? channelShifted(moved, of(columns.channelShift)) : moved;
  if (!parts.brightens) return shifted;
  const factor = of(columns.brightness);
  return settings.strict ? brightenedInBytes(shifted, factor) : brightened(shifted, factor, x.dtype === 'uint8');
}

/** Flips are taken in here: what comes between changes no places, so their order does not show. */
function resampled(x: Tensor, { values, columns }: Parameters, settings: GeneratorSettings): Tensor {
  const [, height, width] = x.shape as [number, number, number, number];
  const { strict, fillMode, cval, interpolationOrder } = settings;
  const matrices = affineMatrices(values, {
    columns: affineColumns(columns, strict),
    width,
    height,
    ...(strict && { center: [(height - 1) / 2, (width - 1) / 2] as const }),
  });
  const fill: FillMode = strict && fillMode === 'wrap' ? 'wrapEnds' : fillMode;
  return affineResample(x, matrices, { p: height, q: width, fill, value: cval, linear: interpolationOrder === 1 });
}

export function asFloat(x: Tensor): Tensor {
  return isFloat(x.dtype) ? x : cast(x, floatDType());
}
