// The formulas of affine_matrices.wgsl and affine_resample.wgsl, in numbers that know their errors.
import type { KernelAttrs } from '../../../src/backend/kernels.ts';
import { type Approx, exactly, minus, negated, plus, polynomial, standsFor, stored, times, ULP } from './approx.ts';

/** Sine and cosine of an angle in degrees. */
function wave(degrees: Approx): { sine: Approx; cosine: Approx } {
  const quarters = Math.round(degrees.exact / 90);
  // exact, since both are alike in size
  const rest = { exact: degrees.exact - 90 * quarters, error: degrees.error };
  const v = times(rest, stored(Math.PI / 180));
  const q = times(v, v);
  const series = times(v, polynomial(q, [1, -1 / 6, 1 / 120, -1 / 5040, 1 / 362880]));
  const even = polynomial(q, [1, -1 / 2, 1 / 24, -1 / 720, 1 / 40320, -1 / 3628800]);
  const [sine, cosine] = [standsFor(series, Math.sin(v.exact)), standsFor(even, Math.cos(v.exact))];
  const turns = [
    { sine, cosine },
    { sine: cosine, cosine: negated(sine) },
    { sine: negated(sine), cosine: negated(cosine) },
    { sine: negated(cosine), cosine: sine },
  ];
  return turns[((quarters % 4) + 4) % 4]!;
}

type Column = keyof KernelAttrs['affineMatrices']['columns'];

/** One matrix. */
export function affineMatrix(
  of: (column: Column) => Approx,
  { width, height, centerX, centerY }: KernelAttrs['affineMatrices'],
): Approx[] {
  const { sine, cosine } = wave(of('theta'));
  const shear = wave(of('shear'));
  const flips = (column: Column) => {
    const { exact, error } = of(column);
    if (error > 0 && Math.abs(exact - 0.5) <= error) throw new Error(`a flip at ${exact} (± ${error}) is not decided`);
    return exact < 0.5;
  };
  const [flipX, flipY] = [flips('flipHorizontal'), flips('flipVertical')];
  const rows = [
    { along: cosine, across: negated(sine), center: centerX },
    { along: sine, across: cosine, center: centerY },
  ];
  return rows.flatMap(({ along, across, center }) => {
    const byX = times(along, of('zx'));
    const byY = times(minus(times(across, shear.cosine), times(along, shear.sine)), of('zy'));
    const about = minus(minus(exactly(center), times(byX, exactly(centerX))), times(byY, exactly(centerY)));
    const moved = plus(plus(about, times(along, of('tx'))), times(across, of('ty')));
    const flipped = plus(
      flipX ? times(byX, exactly(width - 1)) : exactly(0),
      flipY ? times(byY, exactly(height - 1)) : exactly(0),
    );
    return [flipX ? negated(byX) : byX, flipY ? negated(byY) : byY, plus(moved, flipped)];
  });
}

/** A place on an axis of n cells, with all that its way through the fill rule may add to its error. */
export function affinePlace(
  factors: readonly Approx[],
  q: number,
  p: number,
  n: number,
  { fill, linear }: KernelAttrs['affineResample'],
): Approx {
  const [byX, byY, first] = factors as [Approx, Approx, Approx];
  const { exact, error } = plus(plus(times(byX, exactly(q)), times(byY, exactly(p))), first);
  const place = { exact, error: error + 6 * ULP * (Math.abs(exact) + 2 * n) };
  if (!linear) requireApart(place, 0.5, 1);
  if (fill === 'wrapEnds' && n > 1) requireApart(place, 0, n - 1);
  if (fill === 'constant') for (const end of [0, n - 1]) requireApart(place, end, Number.POSITIVE_INFINITY);
  return place;
}

/** What jumps at `from` and every `period` after it must not be asked there, unless the place is exact. */
function requireApart({ exact, error }: Approx, from: number, period: number): void {
  const steps = period === Number.POSITIVE_INFINITY ? 0 : Math.round((exact - from) / period) * period;
  const distance = Math.abs(exact - from - steps);
  if (distance > 0 && distance <= error) throw new Error(`the sample at ${exact} (± ${error}) is not decided`);
}
