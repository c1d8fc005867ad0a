// Layers that are not only for images as ONNX operations.
import { activation } from './activations.ts';
import type { Value } from './graph.ts';
import { ofImages } from './images.ts';
import { type Convert, image, input, needed, type Part, refuse, result } from './part.ts';

/** The place of an axis in a value of that rank, where it lies with its channels first. */
function placeOf(axis: number, { shape, channelsFirst }: Value): number {
  const place = axis < 0 ? axis + shape.length : axis;
  return channelsFirst ? [0, 2, 3, 1][place]! : place;
}

/** The same values in the same order. */
const like = (part: Part, name: string, { channelsFirst }: Value): Value => ({
  name,
  shape: part.shape,
  channelsFirst,
});

const nothing: Convert = (part) => like(part, input(part).name, input(part));

/** A function of each element, or along the channels. */
const elements =
  (convert: (part: Part, x: string, axis: number) => string): Convert =>
  (part) => {
    const x = input(part);
    return like(part, convert(part, x.name, placeOf(-1, x)), x);
  };

const dense: Convert = (part) => {
  const { g, layer } = part;
  const kernel = needed(part, 'kernel');
  const product = g.node('MatMul', [g.last(input(part)), g.floats(`${layer.name}/kernel`, kernel.shape, kernel.data)]);
  const bias = part.weight('bias');
  const sum = bias ? g.node('Add', [product, g.floats(`${layer.name}/bias`, bias.shape, bias.data)]) : product;
  return result(part, activation(g, layer.name, part.config.activation, sum, -1));
};

const flatten: Convert = (part) => {
  const { g } = part;
  return result(part, g.node('Flatten', [g.last(input(part))], { axis: 1 }));
};

/** In a shape a 0 stands for the length that was there: the batch. */
const reshape: Convert = (part) => {
  const { g, config } = part;
  const shape = g.ints([0, ...(config.target_shape as readonly number[])]);
  return result(part, g.node('Reshape', [g.last(input(part)), shape]));
};

const permute: Convert = (part) => {
  const { g, config } = part;
  return result(part, g.node('Transpose', [g.last(input(part))], { perm: [0, ...(config.dims as readonly number[])] }));
};

/** Images of one shape stay as they lie; else axes are matched from the last one on. */
function together({ g, inputs }: Part): { names: string[]; channelsFirst: boolean } {
  const [one, ...others] = inputs;
  const alike = others.every(
    ({ shape }) => shape.length === one!.shape.length && shape.every((n, d) => n === one!.shape[d]),
  );
  const channelsFirst = alike && inputs.some((value) => value.channelsFirst);
  return { names: inputs.map((value) => (channelsFirst ? g.first(value) : g.last(value))), channelsFirst };
}

const merge =
  (operation: string): Convert =>
  (part) => {
    const { names, channelsFirst } = together(part);
    const name = names.reduce((left, right) => part.g.node(operation, [left, right]));
    return { name, shape: part.shape, channelsFirst };
  };

const average: Convert = (part) => {
  const { names, channelsFirst } = together(part);
  return { name: part.g.node('Mean', names), shape: part.shape, channelsFirst };
};

const concatenate: Convert = (part) => {
  const { g, inputs, config } = part;
  const channelsFirst =
    inputs.every((value) => value.shape.length === 4) && inputs.some((value) => value.channelsFirst);
  const names = inputs.map((value) => (channelsFirst ? g.first(value) : g.last(value)));
  const axis = placeOf(Number(config.axis), { ...inputs[0]!, channelsFirst });
  const name = g.node('Concat', names, { axis });
  return channelsFirst ? image(part, name) : result(part, name);
};

/** x · scale + shift, where both are as long as an axis. */
function affine(part: Part, axis: number, scale: ArrayLike<number>, shift: ArrayLike<number>): Value {
  const { g, layer } = part;
  const x = input(part);
  const place = placeOf(axis, x);
  const shape = x.shape.slice(place).map((_, d) => (d === 0 ? scale.length : 1));
  const scaled = g.node('Mul', [x.name, g.floats(`${layer.name}/scale`, shape, scale)]);
  return like(part, g.node('Add', [scaled, g.floats(`${layer.name}/shift`, shape, shift)]), x);
}

const batchNormalization: Convert = (part) => {
  const { config } = part;
  const [mean, variance] = [needed(part, 'moving_mean').data, needed(part, 'moving_variance').data];
  const [gamma, beta] = [part.weight('gamma')?.data, part.weight('beta')?.data];
  const scale = Float64Array.from(variance, (v, i) => (gamma?.[i] ?? 1) / Math.sqrt(v + Number(config.epsilon)));
  return affine(
    part,
    Number(config.axis),
    scale,
    Float64Array.from(scale, (s, i) => (beta?.[i] ?? 0) - mean[i]! * s),
  );
};

const layerNormalization: Convert = (part) => {
  const { g, config, layer } = part;
  const [x, axis] = [input(part), config.axis];
  if (axis !== -1 && axis !== x.shape.length - 1) return refuse(part, 'normalising over other axes than the last');
  const channels = x.shape.at(-1)!;
  const fill = (value: number) => new Float32Array(channels).fill(value);
  const gamma = g.floats(`${layer.name}/gamma`, [channels], part.weight('gamma')?.data ?? fill(1));
  const beta = g.floats(`${layer.name}/beta`, [channels], part.weight('beta')?.data ?? fill(0));
  const attributes = { axis: -1, epsilon: { float: Number(config.epsilon) } };
  return result(part, g.node('LayerNormalization', [g.last(x), gamma, beta], attributes));
};

const rescaling: Convert = (part) => {
  const { scale, offset } = part.config;
  const list = (given: unknown) => (Array.isArray(given) ? (given as number[]) : [Number(given)]);
  const count = Math.max(list(scale).length, list(offset).length);
  const full = (given: unknown) => Array.from({ length: count }, (_, i) => list(given)[i] ?? list(given)[0]!);
  return affine(part, -1, full(scale), full(offset));
};

const relu: Convert = elements(({ g, config }, x) => {
  const [most, slope, threshold] = [config.max_value, config.negative_slope, config.threshold];
  if (slope === 0 && threshold === 0)
    return most === null ? g.node('Relu', [x]) : g.node('Clip', [x, g.float(0), g.float(Number(most))]);
  const above = most === null ? x : g.node('Min', [x, g.float(Number(most))]);
  const limit = g.float(Number(threshold));
  const below = g.node('Mul', [g.node('Sub', [x, limit]), g.float(Number(slope))]);
  return g.node('Where', [g.node('Less', [x, limit]), below, above]);
});

const prelu: Convert = (part) => {
  const { g, layer } = part;
  const alpha = needed(part, 'alpha');
  return result(part, g.node('PRelu', [g.last(input(part)), g.floats(`${layer.name}/alpha`, alpha.shape, alpha.data)]));
};

const softmax: Convert = (part) => {
  const x = input(part);
  return like(part, part.g.node('Softmax', [x.name], { axis: placeOf(Number(part.config.axis), x) }), x);
};

/** What a layer of that class becomes; undefined for one that ONNX cannot say. */
export const converters: Readonly<Record<string, Convert>> = {
  ...ofImages,
  Activation: elements((part, x, axis) => activation(part.g, part.layer.name, part.config.activation, x, axis)),
  ReLU: relu,
  LeakyReLU: elements(({ g, config }, x) =>
    g.node('LeakyRelu', [x], { alpha: { float: Number(config.negative_slope) } }),
  ),
  ELU: elements(({ g, config }, x) => g.node('Elu', [x], { alpha: { float: Number(config.alpha) } })),
  PReLU: prelu,
  Softmax: softmax,
  Dense: dense,
  Flatten: flatten,
  Reshape: reshape,
  Permute: permute,
  Add: merge('Add'),
  Subtract: merge('Sub'),
  Multiply: merge('Mul'),
  Maximum: merge('Max'),
  Minimum: merge('Min'),
  Average: average,
  Concatenate: concatenate,
  BatchNormalization: batchNormalization,
  LayerNormalization: layerNormalization,
  Rescaling: rescaling,
  // what acts in training alone, if at all
  ...Object.fromEntries(
    [
      'Identity',
      'ActivityRegularization',
      'Dropout',
      'AlphaDropout',
      'GaussianDropout',
      'SpatialDropout2D',
      'GaussianNoise',
      'RandomFlip',
      'RandomRotation',
      'RandomTranslation',
      'RandomZoom',
      'RandomContrast',
      'RandomBrightness',
    ].map((name) => [name, nothing]),
  ),
};
