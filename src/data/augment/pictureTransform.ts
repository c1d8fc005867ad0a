// One transformation in Keras' words.
import { finiteNumber, refuseUnknown, truth } from '../../tensor/options.ts';
import type { Drawn } from './draws.ts';
import type { GeneratorSettings } from './options.ts';
import type { Parts } from './transform.ts';

/** What `getRandomTransform` draws and `applyTransform` applies. What is absent changes nothing. */
export interface PictureTransform {
  /** Degrees, counter-clockwise. */
  readonly theta?: number;
  /** Pixels: the picture is seen so far to the left, and up. */
  readonly tx?: number;
  readonly ty?: number;
  /** Degrees. */
  readonly shear?: number;
  /** Factors of the sampling coordinates: above 1 the content shrinks. */
  readonly zx?: number;
  readonly zy?: number;
  readonly flipHorizontal?: boolean;
  readonly flipVertical?: boolean;
  /** Added to all values, within those of the picture; null for none. */
  readonly channelShiftIntensity?: number | null;
  /** All values are multiplied by it; null for none. */
  readonly brightness?: number | null;
}

export function transformOf(draws: Readonly<Record<Drawn, number>>, settings: GeneratorSettings) {
  const { strict, channelShiftRange, brightnessRange } = settings;
  const { theta, shear, zx, zy, heightShift, widthShift } = draws;
  // strict: what is drawn for the height is called tx
  const [tx, ty] = strict ? [heightShift, widthShift] : [widthShift, heightShift];
  return {
    ...{ theta, tx, ty, shear, zx, zy },
    flipHorizontal: draws.flipHorizontal < 0.5,
    flipVertical: draws.flipVertical < 0.5,
    channelShiftIntensity: channelShiftRange > 0 ? draws.channelShift : null,
    brightness: brightnessRange ? draws.brightness : null,
  } satisfies PictureTransform;
}

const WHO = 'applyTransform';

// biome-ignore format: a table
const known = [
  'theta', 'tx', 'ty', 'shear', 'zx', 'zy', 'flipHorizontal', 'flipVertical', 'channelShiftIntensity', 'brightness',
];

/** The numbers behind a transformation. */
export function drawsOf(transform: PictureTransform, strict: boolean): Record<Drawn, number> {
  refuseUnknown(WHO, transform, known);
  const number = (name: keyof PictureTransform, otherwise: number, least?: number) =>
    finiteNumber(WHO, name, transform[name] ?? otherwise, least);
  // a flip takes place below 1/2
  const flip = (name: keyof PictureTransform) => (truth(WHO, name, transform[name] ?? false) ? 0 : 1);
  const [tx, ty] = [number('tx', 0), number('ty', 0)];
  return {
    theta: number('theta', 0),
    heightShift: strict ? tx : ty,
    widthShift: strict ? ty : tx,
    shear: number('shear', 0),
    zx: number('zx', 1),
    zy: number('zy', 1),
    flipHorizontal: flip('flipHorizontal'),
    flipVertical: flip('flipVertical'),
    channelShift: number('channelShiftIntensity', 0),
    brightness: number('brightness', 1, 0),
  };
}

/** What of a transformation changes a picture. */
export function partsOf(transform: PictureTransform): Parts {
  const { theta = 0, tx = 0, ty = 0, shear = 0, zx = 1, zy = 1 } = transform;
  const isMoved = [theta, tx, ty, shear].some((value) => value !== 0) || zx !== 1 || zy !== 1;
  return {
    moves: isMoved || transform.flipHorizontal === true || transform.flipVertical === true,
    shiftsChannels: (transform.channelShiftIntensity ?? null) !== null,
    brightens: (transform.brightness ?? null) !== null,
  };
}
