// What a generator finds out of all pictures: mean and deviation of each channel, and the matrix that makes pixels uncorrelated.
import type { Shape } from '../../backend/backend.ts';
import { floatDType } from '../../engine/runtime.ts';
import { scope } from '../../engine/scope.ts';
import { makeVariable, type Variable } from '../../engine/variable.ts';
import { rowsBetween } from '../../models/batches.ts';
import { add, mul, sqrt, square, sub } from '../../ops/elementwise.ts';
import { matmul } from '../../ops/matmul.ts';
import { mean } from '../../ops/reduce.ts';
import { reshape } from '../../ops/shape.ts';
import { makeArray } from '../../tensor/dtype.ts';
import { sizeOf } from '../../tensor/shape.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { fromEigen, symmetricEigen } from './eigen.ts';
import type { GeneratorSettings } from './options.ts';
import type { Samples } from './samples.ts';

/** Values of one step through the pictures: as floats some 16 MB. */
const VALUES_AT_ONCE = 2 ** 22;

/** The pictures to learn from, as floats [m, h, w, c], in `parts` parts. */
export interface Pictures {
  readonly count: number;
  readonly parts: number;
  part(i: number): Promise<Tensor>;
}

/** `rounds` times all samples, each part through `change`, which knows its number. */
export function picturesOf(
  samples: Samples,
  rounds: number,
  change: (x: Tensor, part: number) => Tensor,
  valuesAtOnce = VALUES_AT_ONCE,
): Pictures {
  const n = samples.shape[0]!;
  const rows = Math.max(1, Math.floor(valuesAtOnce / sizeOf(samples.shape.slice(1))));
  const perRound = Math.ceil(n / rows);
  return {
    count: n * rounds,
    parts: perRound * rounds,
    async part(i) {
      const first = (i % perRound) * rows;
      const taken = await samples.take(rowsBetween(first, Math.min(first + rows, n)));
      try {
        return scope(() => change(taken, i));
      } finally {
        taken.dispose();
      }
    },
  };
}

/** A variable of zeros for each statistic that the settings ask for. */
export function newStatistics(settings: GeneratorSettings, channels: number, values: number) {
  const zeros = (name: string, shape: Shape): Variable =>
    makeVariable(makeArray(floatDType(), sizeOf(shape)), shape, floatDType(), { name, trainable: false });
  const { featurewiseCenter, featurewiseStdNormalization, zcaWhitening } = settings;
  return {
    mean: featurewiseCenter ? zeros('mean', [1, 1, channels]) : null,
    std: featurewiseStdNormalization ? zeros('std', [1, 1, channels]) : null,
    zca: zcaWhitening ? zeros('zca', [values, values]) : null,
  };
}

export type FittedStatistics = ReturnType<typeof newStatistics>;

/** Fills them. */
export async function fitStatistics(into: FittedStatistics, pictures: Pictures, epsilon: number): Promise<void> {
  const { mean: center, std, zca } = into;
  if (center) await average(center, pictures, (x) => x);
  if (std) {
    await average(std, pictures, (x) => square(sub(x, center!)));
    scope(() => std.assign(sqrt(std)));
  }
  if (zca) zca.assign(floatsOf(whitening(await covariance(pictures, center!), zca.shape[0]!, pictures.count, epsilon)));
}

/** target = the mean of f over all pixels of all pictures, for each channel. */
async function average(target: Variable, { count, parts, part }: Pictures, f: (x: Tensor) => Tensor): Promise<void> {
  scope(() => target.assign(mul(target, 0)));
  for (let i = 0; i < parts; i++) {
    const x = await part(i);
    scope(() => {
      const share = mul(mean(f(x), [0, 1, 2]), x.shape[0]! / count);
      target.assign(add(target, reshape(share, target.shape)));
    });
    x.dispose();
  }
}

/** Σ x xᵀ / n over centred pictures as rows [d], [d, d]. Parts are summed by the backend, and their sums in float64. */
async function covariance({ count, parts, part }: Pictures, center: Tensor): Promise<Float64Array> {
  let total: Float64Array | null = null;
  for (let i = 0; i < parts; i++) {
    const x = await part(i);
    const product = scope(() => {
      const rows = reshape(sub(x, center), [x.shape[0]!, sizeOf(x.shape.slice(1))]);
      return matmul(rows, rows, { transposeA: true });
    });
    const sums = await product.data();
    x.dispose();
    product.dispose();
    total ??= new Float64Array(sums.length);
    for (let j = 0; j < sums.length; j++) total[j]! += sums[j]! / count;
  }
  return total!;
}

/**
 * U diag(√n / (s + epsilon)) Uᵀ, where s are the singular values of all pictures: s² / n the eigenvalues of their covariance. What is
 * smaller than the roundings of its sums is noise, and counts as large as these: else it would be blown up to drown everything.
 */
function whitening(covariance: Float64Array, d: number, count: number, epsilon: number): Float64Array {
  const eigen = symmetricEigen(covariance, d);
  const noise = (floatDType() === 'float64' ? Number.EPSILON : 2 ** -23) * Math.max(...eigen.values);
  return fromEigen(eigen, (value) => Math.sqrt(count) / (Math.sqrt(Math.max(value, noise) * count) + epsilon));
}

function floatsOf(values: Float64Array) {
  const floats = makeArray(floatDType(), values.length);
  floats.set(values);
  return floats;
}
