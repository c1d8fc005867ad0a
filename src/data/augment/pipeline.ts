// What a generator does to a batch: everything random, then everything that standardizes.
import type { Shape } from '../../backend/backend.ts';
import { scope } from '../../engine/scope.ts';
import { ShapeError } from '../../errors.ts';
import { expandDims, squeeze, transpose } from '../../ops/shape.ts';
import { requireTensors } from '../../tensor/options.ts';
import { formatShape } from '../../tensor/shape.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import type { DrawStream } from './drawStream.ts';
import { distributions, drawn, movesPictures } from './draws.ts';
import type { GeneratorSettings } from './options.ts';
import { ParameterMaker } from './parameters.ts';
import { axes } from './samples.ts';
import { type Statistics, standardized } from './standardize.ts';
import { asFloat, type Parts, transformed } from './transform.ts';

export class Pipeline {
  readonly settings: GeneratorSettings;
  readonly channelsFirst: boolean;
  statistics: Statistics = { mean: null, std: null, zca: null };
  private readonly parts: Parts;
  private readonly makers = new Map<string, ParameterMaker>();
  private readonly warned = new Set<string>();

  constructor(settings: GeneratorSettings) {
    this.settings = settings;
    this.channelsFirst = settings.dataFormat === 'channels_first';
    this.parts = {
      moves: movesPictures(settings),
      shiftsChannels: settings.channelShiftRange > 0,
      brightens: settings.brightnessRange !== null,
    };
  }

  /** A batch as it is stored, as the model takes it: transformed by the next draws, and standardized. */
  run(x: Tensor, draws: DrawStream): Tensor {
    return this.asGiven(this.standardized(this.randomized(this.channelsLast(x), draws)));
  }

  /** x [n, h, w, c], each picture transformed by numbers of its own. */
  randomized(x: Tensor, draws: DrawStream): Tensor {
    const { moves, shiftsChannels, brightens } = this.parts;
    if (!moves && !shiftsChannels && !brightens) return asFloat(x);
    const [n, h, w] = x.shape as [number, number, number, number];
    const parameters = this.makerFor(h, w).make(draws.draw(n, drawn.length));
    return transformed(x, parameters, this.parts, this.settings);
  }

  standardized(x: Tensor): Tensor {
    return standardized(x, this.settings, this.statistics, (option) => {
      if (this.warned.has(option)) return;
      this.warned.add(option);
      console.warn(`ImageDataGenerator: ${option} needs fit(x) first; pictures are left without it`);
    });
  }

  /** f of a batch [n, h, w, c], for a batch or a single picture in the order of axes that the user has. */
  onPictures(who: string, x: Tensor, f: (x: Tensor) => Tensor): Tensor {
    requireTensors(who, { x });
    if ((x.rank !== 3 && x.rank !== 4) || x.size === 0)
      throw new ShapeError(
        `${who}: x must be a picture [${axes(this.channelsFirst)}] or a batch, got ${formatShape(x.shape)}`,
      );
    return scope(() => {
      const batch = x.rank === 3 ? expandDims(x, 0) : x;
      const y = this.asGiven(f(this.channelsLast(batch)));
      return x.rank === 3 ? squeeze(y, 0) : y;
    });
  }

  channelsLast(x: Tensor): Tensor {
    return this.channelsFirst ? transpose(x, [0, 2, 3, 1]) : x;
  }

  private asGiven(x: Tensor): Tensor {
    return this.channelsFirst ? transpose(x, [0, 3, 1, 2]) : x;
  }

  /** Height, width and channels of a picture of that shape. */
  sizeOf(shape: Shape): [h: number, w: number, c: number] {
    if (!isPicture(shape))
      throw new ShapeError(`a picture has shape [${axes(this.channelsFirst)}], got ${JSON.stringify(shape)}`);
    const [a, b, c] = shape;
    return this.channelsFirst ? [b, c, a] : [a, b, c];
  }

  private makerFor(h: number, w: number): ParameterMaker {
    const key = `${h} ${w}`;
    const known = this.makers.get(key);
    if (known) return known;
    const made = new ParameterMaker(distributions(this.settings, h, w));
    this.makers.set(key, made);
    return made;
  }
}

const isPicture = (shape: Shape): shape is readonly [number, number, number] =>
  Array.isArray(shape) && shape.length === 3 && shape.every((n) => Number.isInteger(n) && n > 0);
