import { type Canvas, fillRect } from './canvas.ts';
import { parseHex, type Rgb } from './colourMaps.ts';

/** A small image: `rows` x `columns` colours, shown enlarged. */
export interface Tile {
  readonly rows: number;
  readonly columns: number;
  colourAt(row: number, column: number): Rgb;
}

const FRAME = parseHex('#b8b8b8');

/** The largest whole number of screen pixels for one of the tile's, so that its longer side stays within `pixels`; at least 1. */
export function enlargement(tile: Tile, pixels: number): number {
  return Math.max(1, Math.floor(pixels / Math.max(tile.rows, tile.columns)));
}

/** Paints a tile with its top left at (x, y), each of its pixels as a square of `scale`, in a frame one pixel outside it. */
export function drawTile(canvas: Canvas, tile: Tile, x: number, y: number, scale: number): void {
  fillRect(canvas, x - 1, y - 1, tile.columns * scale + 2, tile.rows * scale + 2, FRAME);
  for (let row = 0; row < tile.rows; row++) {
    for (let column = 0; column < tile.columns; column++) {
      fillRect(canvas, x + column * scale, y + row * scale, scale, scale, tile.colourAt(row, column));
    }
  }
}
