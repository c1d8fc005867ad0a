import { type Canvas, fillRect } from './canvas.ts';
import type { ColourMap } from './colourMaps.ts';
import type { Label } from './labels.ts';
import { shortNumber } from './numberText.ts';
import { drawTile } from './tile.ts';

/** A colour map with the numbers that its two ends stand for, and what they measure. */
export interface ColourScale {
  readonly map: ColourMap;
  readonly low: number;
  readonly high: number;
  readonly name: string;
}

const WIDTH = 300;
const HEIGHT = 16;

/** The height that a colour bar takes with the numbers under it, in pixels. */
export const COLOUR_BAR_HEIGHT = HEIGHT + 26;

/** The width that a colour bar takes without its name, in pixels. */
export const COLOUR_BAR_WIDTH = WIDTH;

/** Paints the bar of a scale with its top left at (x, y), and gives its labels: both ends, the middle, the name at the right. */
export function drawColourBar(canvas: Canvas, scale: ColourScale, x: number, y: number): Label[] {
  const bar = { rows: 1, columns: WIDTH, colourAt: (_: number, column: number) => scale.map(column / (WIDTH - 1)) };
  drawTile(canvas, { ...bar, rows: HEIGHT }, x, y, 1);
  const ticks = [0, 0.5, 1].map((at): Label => {
    const tick = x + Math.round(at * (WIDTH - 1));
    fillRect(canvas, tick, y + HEIGHT, 1, 6, [102, 102, 102]);
    return {
      text: shortNumber(scale.low + at * (scale.high - scale.low)),
      x: tick,
      y: y + HEIGHT + 21,
      size: 14,
      anchor: at === 0 ? 'left' : at === 1 ? 'right' : 'middle',
    };
  });
  return [...ticks, { text: scale.name, x: x + WIDTH + 14, y: y + HEIGHT - 3, size: 14, colour: '#444444' }];
}
