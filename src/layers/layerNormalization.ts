import { ShapeError } from '../errors.ts';
import { add, mul } from '../ops/elementwise.ts';
import { layerNorm } from '../ops/normalize.ts';
import { reshape } from '../ops/shape.ts';
import { normalizeAxes, normalizeAxis } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { Layer, type PartialShape } from './layer.ts';
import { channelsLast, type NormalizationOptions, normalization, scaleAndShift } from './normalization.ts';
import { oneOrMore, type Reader, whole } from './settings.ts';

export interface LayerNormalizationOptions extends NormalizationOptions {
  /** The axes of a sample that are brought to one mean and deviation together. Default -1. */
  readonly axis?: number | readonly number[];
}

const place = whole(-Infinity);

const overAxes: Reader<number | number[]> = (who, name, given = -1) =>
  oneOrMore('whole numbers', place)(who, name, given);

const features = { axis: overAxes, ...normalization };

export class LayerNormalizationLayer extends Layer<typeof features> {
  private scaling!: ReturnType<typeof scaleAndShift>;

  constructor(options: object) {
    super('LayerNormalization', options, features);
  }

  computeOutputShape(input: PartialShape): PartialShape {
    normalizeAxes(this.name, this.settings.axis, input.length);
    return input;
  }

  protected override createWeights(input: PartialShape): void {
    this.scaling = scaleAndShift(this.settings, this.knownLengths(input), (options) => this.addWeight(options));
  }

  protected override weightsDependOn(input: PartialShape): PartialShape {
    return normalizeAxes(this.name, this.settings.axis, input.length).map((axis) => input[axis]!);
  }

  protected call(x: Tensor): Tensor {
    return layerNorm(x, { axis: this.settings.axis, ...this.scaling() });
  }
}

/** Each sample brought to mean beta and deviation gamma over its features. Weights: gamma and beta, as long as the axes. */
export function LayerNormalization(options: LayerNormalizationOptions = {}): Layer {
  return new LayerNormalizationLayer(options);
}

export interface GroupNormalizationOptions extends NormalizationOptions {
  /** Into how many groups the channels are cut; -1 for each on its own. Default 32. */
  readonly groups?: number;
  /** The axis of the channels. Default -1. */
  readonly axis?: number;
}

const groups: Reader<number> = (who, name, given = 32) => (given === -1 ? -1 : whole(1)(who, name, given));

const ofGroups = { groups, axis: whole(-Infinity, -1), ...normalization };

export class GroupNormalizationLayer extends Layer<typeof ofGroups> {
  private scaling!: ReturnType<typeof scaleAndShift>;

  constructor(options: object) {
    super('GroupNormalization', options, ofGroups);
  }

  computeOutputShape(input: PartialShape): PartialShape {
    const channels = input[normalizeAxis(this.name, this.settings.axis, input.length)]!;
    if (channels !== null) this.groupsOf(channels);
    return input;
  }

  protected override createWeights(input: PartialShape): void {
    this.scaling = scaleAndShift(this.settings, this.knownLengths(input), (options) => this.addWeight(options));
  }

  protected override weightsDependOn(input: PartialShape): PartialShape {
    return [input[normalizeAxis(this.name, this.settings.axis, input.length)]!];
  }

  protected call(x: Tensor): Tensor {
    return channelsLast(x, normalizeAxis(this.name, this.settings.axis, x.rank), (turned) => this.normalized(turned));
  }

  private normalized(x: Tensor): Tensor {
    const channels = x.shape.at(-1)!;
    const count = this.groupsOf(channels);
    const { gamma, beta, epsilon } = this.scaling();
    // [n, places, groups, channels of a group], whatever the places look like
    const cut = reshape(x, [x.shape[0]!, -1, count, channels / count]);
    const y = reshape(layerNorm(cut, { axis: [1, 3], epsilon }), x.shape);
    const scaled = gamma ? mul(y, gamma) : y;
    return beta ? add(scaled, beta) : scaled;
  }

  private groupsOf(channels: number): number {
    const count = this.settings.groups === -1 ? channels : this.settings.groups;
    if (channels % count === 0) return count;
    throw new ShapeError(`${this.name}: ${channels} channels do not divide into ${count} groups`);
  }
}

/** Each group of channels of each sample brought to one mean and deviation; then gamma and beta, one for each channel. */
export function GroupNormalization(options: GroupNormalizationOptions = {}): Layer {
  return new GroupNormalizationLayer(options);
}
