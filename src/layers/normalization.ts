// What the normalising layers share: epsilon, and gamma and beta at their end.
import type { Shape } from '../backend/backend.ts';
import { transpose } from '../ops/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { LayerOptions } from './layer.ts';
import { flag, number, type Settings, type WeightSettings, weight } from './settings.ts';
import { ofRole, type Weight, type WeightOptions } from './weight.ts';

export interface NormalizationOptions extends LayerOptions, WeightSettings<'beta'>, WeightSettings<'gamma'> {
  /** Added to the variance. Default 1e-3. */
  readonly epsilon?: number;
  /** Whether there is a beta. Default true. */
  readonly center?: boolean;
  /** Whether there is a gamma. Default true. */
  readonly scale?: boolean;
}

export const normalization = {
  epsilon: number(1e-3, 0),
  center: flag(true),
  scale: flag(true),
  ...weight('beta', 'zeros'),
  ...weight('gamma', 'ones'),
};

/** Runs `f` with that axis in the place of the last, where the operations have their channels. */
export function channelsLast(x: Tensor, axis: number, f: (turned: Tensor) => Tensor): Tensor {
  const last = x.rank - 1;
  const swap = x.shape.map((_, d) => (d === axis ? last : d === last ? axis : d));
  return transpose(f(transpose(x, swap)), swap);
}

/** Makes gamma and beta where they are wanted. Returns what gives them to an operation. */
export function scaleAndShift(
  settings: Settings<typeof normalization>,
  shape: Shape,
  add: (options: WeightOptions) => Weight,
): () => { readonly gamma?: Tensor; readonly beta?: Tensor; readonly epsilon: number } {
  const gamma = settings.scale ? add({ name: 'gamma', shape, ...ofRole(settings, 'gamma') }) : null;
  const beta = settings.center ? add({ name: 'beta', shape, ...ofRole(settings, 'beta') }) : null;
  return () => ({
    ...(gamma && { gamma: gamma.variable }),
    ...(beta && { beta: beta.variable }),
    epsilon: settings.epsilon,
  });
}
