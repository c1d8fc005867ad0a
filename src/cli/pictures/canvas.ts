import type { Rgb } from './colourMaps.ts';

/** Pixels in rows from the top left, three bytes each: red, green, blue. */
export interface Canvas {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
}

export function whiteCanvas(width: number, height: number): Canvas {
  return { width, height, pixels: new Uint8Array(width * height * 3).fill(255) };
}

/** Paints a rectangle; what lies outside the canvas is left out. */
export function fillRect(canvas: Canvas, x: number, y: number, width: number, height: number, colour: Rgb): void {
  for (let row = Math.max(0, y); row < Math.min(canvas.height, y + height); row++) {
    for (let column = Math.max(0, x); column < Math.min(canvas.width, x + width); column++) {
      canvas.pixels.set(colour, (row * canvas.width + column) * 3);
    }
  }
}
