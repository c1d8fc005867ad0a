// What is drawn for each picture: ten numbers, each from one uniform number of its own, so that turning one option on does not change
// what another draws for the same seed.
import { floatDType } from '../../engine/runtime.ts';
import { type RandomKey, uniformAt } from '../../tensor/random.ts';
import type { GeneratorSettings, Shift } from './options.ts';

/** In the order in which Keras draws them. */
// biome-ignore format: a table
export const drawn = [
  'theta', 'heightShift', 'widthShift', 'shear', 'zx', 'zy', 'flipHorizontal', 'flipVertical', 'channelShift', 'brightness',
] as const;
export type Drawn = (typeof drawn)[number];

/** Anywhere between two numbers, or one of a few. */
export type Distribution = { readonly low: number; readonly high: number } | { readonly values: readonly number[] };

const always = (value: number): Distribution => ({ low: value, high: value });
const around = (reach: number): Distribution => ({ low: -reach, high: reach });

function shifted(shift: Shift | null, length: number): Distribution {
  if (!shift) return always(0);
  const unit = shift.relative ? length : 1;
  if (!shift.values) return around(shift.reach * unit);
  return { values: shift.values.flatMap((value) => [value * unit, -value * unit]) };
}

/** What is drawn for pictures of that size. A flip takes place below 1/2. */
export function distributions(settings: GeneratorSettings, height: number, width: number): Record<Drawn, Distribution> {
  const [low, high] = settings.zoomRange;
  const coin = (isOn: boolean) => (isOn ? { low: 0, high: 1 } : always(1));
  return {
    theta: around(settings.rotationRange),
    heightShift: shifted(settings.heightShiftRange, height),
    widthShift: shifted(settings.widthShiftRange, width),
    shear: around(settings.shearRange),
    zx: { low, high },
    zy: { low, high },
    flipHorizontal: coin(settings.horizontalFlip),
    flipVertical: coin(settings.verticalFlip),
    channelShift: around(settings.channelShiftRange),
    brightness: settings.brightnessRange
      ? { low: settings.brightnessRange[0], high: settings.brightnessRange[1] }
      : always(1),
  };
}

/** Whether pictures may be resampled at all. */
export function movesPictures(settings: GeneratorSettings): boolean {
  const { rotationRange, heightShiftRange, widthShiftRange, shearRange, zoomRange } = settings;
  const { horizontalFlip, verticalFlip } = settings;
  const shifts = heightShiftRange !== null || widthShiftRange !== null;
  const zooms = zoomRange[0] !== 1 || zoomRange[1] !== 1;
  return rotationRange > 0 || shifts || shearRange > 0 || zooms || horizontalFlip || verticalFlip;
}

/** The numbers of one picture, as the backend in use computes them: row `row` of a draw of the stream. */
export function drawOnHost(
  all: Readonly<Record<Drawn, Distribution>>,
  key: RandomKey,
  row = 0,
  draw = 0,
): Record<Drawn, number> {
  const rounded = floatDType() === 'float32' ? Math.fround : (value: number) => value;
  const found = drawn.map((name, column) => {
    const unit = uniformAt(key, row * drawn.length + column, draw);
    const one = all[name];
    if (!('values' in one)) return [name, rounded(rounded(unit * rounded(one.high - one.low)) + rounded(one.low))];
    const place = Math.floor(rounded(unit * one.values.length));
    return [name, rounded(one.values[Math.min(place, one.values.length - 1)]!)];
  });
  // one for each name
  return Object.fromEntries(found) as Record<Drawn, number>;
}
