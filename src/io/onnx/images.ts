// Layers of images as ONNX operations. Those have their channels first, and kernels [filters, channels, rows, columns].
import type { PlainArray } from '../arrays.ts';
import { activation } from './activations.ts';
import { type Attribute, transposed, type Value } from './graph.ts';
import { type Convert, image, input, needed, type Part, pair, refuse, result } from './part.ts';

type Attributes = Readonly<Record<string, Attribute>>;

/** Channels lie there. */
const CHANNELS = 1;

/** Strides, and padding by Keras' rule, which is SAME_UPPER there: what is odd comes at the end. */
function sliding(part: Part): Attributes {
  const auto_pad = part.config.padding === 'same' ? 'SAME_UPPER' : 'VALID';
  return { auto_pad, strides: pair(part, 'strides') };
}

/** The same with holes in the kernel, for which onnxruntime wants numbers: there strides are 1, so they depend on nothing else. */
function dilated(part: Part): Attributes {
  const [dilations, kernel] = [pair(part, 'dilation_rate'), pair(part, 'kernel_size')];
  if (part.config.padding !== 'same' || Math.max(...dilations) === 1) return { ...sliding(part), dilations };
  const added = dilations.map((dilation, axis) => (kernel[axis]! - 1) * dilation);
  const pads = [...added.map((cells) => Math.floor(cells / 2)), ...added.map((cells) => Math.ceil(cells / 2))];
  return { strides: pair(part, 'strides'), dilations, pads };
}

function convolved(part: Part, x: string, kernel: string, attributes: Attributes, withBias = true): string {
  const bias = withBias ? part.weight('bias') : null;
  const inputs = [x, kernel, ...(bias ? [part.g.floats(`${part.layer.name}/bias`, bias.shape, bias.data)] : [])];
  return part.g.node('Conv', inputs, attributes);
}

/** The kernel of a convolution, with what of the file it is, in another order and maybe another shape. */
function kernelOf(part: Part, name: string, perm: readonly number[], shape?: readonly number[]): string {
  const kernel: PlainArray = needed(part, name);
  const turned = transposed(kernel.data, kernel.shape, perm);
  return part.g.floats(`${part.layer.name}/${name}`, shape ?? perm.map((d) => kernel.shape[d]!), turned);
}

/** One filter after another: [c * multiplier, 1, r, s]. */
function depthwiseKernel(part: Part, name: string): [kernel: string, groups: number] {
  const [r, s, c, multiplier] = needed(part, name).shape as [number, number, number, number];
  return [kernelOf(part, name, [2, 3, 0, 1], [c * multiplier, 1, r, s]), c];
}

function activated(part: Part, x: string): Value {
  return image(part, activation(part.g, part.layer.name, part.config.activation, x, CHANNELS));
}

const conv2d: Convert = (part) => {
  const kernel = kernelOf(part, 'kernel', [3, 2, 0, 1]);
  return activated(
    part,
    convolved(part, part.g.first(input(part)), kernel, { ...dilated(part), group: Number(part.config.groups) }),
  );
};

const depthwiseConv2d: Convert = (part) => {
  const [kernel, group] = depthwiseKernel(part, 'kernel');
  return activated(part, convolved(part, part.g.first(input(part)), kernel, { ...dilated(part), group }));
};

const separableConv2d: Convert = (part) => {
  const [kernel, group] = depthwiseKernel(part, 'depthwise_kernel');
  const each = convolved(part, part.g.first(input(part)), kernel, { ...dilated(part), group }, false);
  const pointwise = kernelOf(part, 'pointwise_kernel', [3, 2, 0, 1]);
  return activated(part, convolved(part, each, pointwise, {}));
};

/** Cells cut off (pads) or added (output_padding), as in layers/conv2dTranspose.ts. */
const conv2dTranspose: Convert = (part) => {
  const { config, g, layer } = part;
  const [kernel, strides, dilations] = ['kernel_size', 'strides', 'dilation_rate'].map((name) => pair(part, name));
  const added = config.output_padding as readonly [number, number] | null;
  const sides = [0, 1].map((axis) => {
    const [extent, stride] = [(kernel![axis]! - 1) * dilations![axis]! + 1, strides![axis]!];
    const same = config.padding === 'same';
    const grown = added ? (same ? extent % 2 : extent) + added[axis]! : same ? stride : Math.max(extent, stride);
    const before = same ? Math.max(Math.floor((extent - grown) / 2), 0) : 0;
    return { before, after: extent - grown - before };
  });
  const pads = [...sides.map(({ before }) => before), ...sides.map(({ after }) => Math.max(after, 0))];
  const output_padding = sides.map(({ after }) => Math.max(-after, 0));
  const bias = part.weight('bias');
  const inputs = [g.first(input(part)), kernelOf(part, 'kernel', [3, 2, 0, 1])];
  if (bias) inputs.push(g.floats(`${layer.name}/bias`, bias.shape, bias.data));
  return activated(
    part,
    g.node('ConvTranspose', inputs, { strides: strides!, dilations: dilations!, pads, output_padding }),
  );
};

const pool =
  (operation: string, more: Attributes = {}): Convert =>
  (part) =>
    image(
      part,
      part.g.node(operation, [part.g.first(input(part))], {
        ...sliding(part),
        kernel_shape: pair(part, 'pool_size'),
        ...more,
      }),
    );

const globalPool =
  (operation: string): Convert =>
  (part) => {
    const pooled = part.g.node(operation, [part.g.first(input(part))]);
    return part.config.keepdims ? image(part, pooled) : result(part, part.g.node('Flatten', [pooled], { axis: 1 }));
  };

type Frame = readonly [rows: readonly [number, number], columns: readonly [number, number]];

const zeroPadding2d: Convert = (part) => {
  const [[top, bottom], [left, right]] = part.config.padding as Frame;
  const pads = part.g.ints([0, 0, top, left, 0, 0, bottom, right]);
  return image(part, part.g.node('Pad', [part.g.first(input(part)), pads]));
};

const cropping2d: Convert = (part) => {
  const { g } = part;
  const [[top, bottom], [left, right]] = part.config.cropping as Frame;
  // an end of 0 from behind would be the beginning
  const end = (cut: number) => (cut === 0 ? Number.MAX_SAFE_INTEGER : -cut);
  const bounds = [g.ints([top, left]), g.ints([end(bottom), end(right)]), g.ints([2, 3])];
  return image(part, g.node('Slice', [g.first(input(part)), ...bounds]));
};

/** The pixels that Keras samples: half-pixel centres. */
function sampling(interpolation: unknown): Attributes {
  return interpolation === 'bilinear'
    ? { mode: 'linear', coordinate_transformation_mode: 'half_pixel' }
    : { mode: 'nearest', coordinate_transformation_mode: 'half_pixel', nearest_mode: 'round_prefer_ceil' };
}

const upSampling2d: Convert = (part) => {
  const { g, config } = part;
  const scales = g.floats('scales', [4], [1, 1, ...pair(part, 'size')]);
  return image(part, g.node('Resize', [g.first(input(part)), '', scales], sampling(config.interpolation)));
};

const resizing: Convert = (part) => {
  const { g, config } = part;
  if (config.crop_to_aspect_ratio || config.pad_to_aspect_ratio) return refuse(part, 'cropping or padding to a ratio');
  const x = g.first(input(part));
  // onnxruntime 1.30 loses its way when only some axes are named and the image was turned before
  const batch = g.node('Shape', [x], { start: 0, end: 2 });
  const sizes = g.node('Concat', [batch, g.ints([Number(config.height), Number(config.width)])], { axis: 0 });
  return image(part, g.node('Resize', [x, '', '', sizes], sampling(config.interpolation)));
};

const centerCrop: Convert = (part) => {
  const { g, config } = part;
  const sizes = [Number(config.height), Number(config.width)] as const;
  const [, h = null, w = null] = input(part).shape;
  if (h === null || w === null || h < sizes[0] || w < sizes[1])
    return refuse(part, 'the middle of images of unknown size, or of smaller ones,');
  const first = [Math.floor((h - sizes[0]) / 2), Math.floor((w - sizes[1]) / 2)];
  const bounds = [g.ints(first), g.ints(first.map((at, axis) => at + sizes[axis]!)), g.ints([2, 3])];
  return image(part, g.node('Slice', [g.first(input(part)), ...bounds]));
};

export const ofImages: Readonly<Record<string, Convert>> = {
  Conv2D: conv2d,
  DepthwiseConv2D: depthwiseConv2d,
  SeparableConv2D: separableConv2d,
  Conv2DTranspose: conv2dTranspose,
  MaxPooling2D: pool('MaxPool'),
  AveragePooling2D: pool('AveragePool', { count_include_pad: 0 }),
  GlobalAveragePooling2D: globalPool('GlobalAveragePool'),
  GlobalMaxPooling2D: globalPool('GlobalMaxPool'),
  ZeroPadding2D: zeroPadding2d,
  Cropping2D: cropping2d,
  UpSampling2D: upSampling2d,
  Resizing: resizing,
  CenterCrop: centerCrop,
};
