import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Font, Path } from 'opentype.js';
import { loadPackage } from './loadPackage.ts';

/** One line of text. `x` is its left end, middle or right end as `anchor` says; `y` is its base line; pixels. */
export interface Label {
  readonly text: string;
  readonly x: number;
  readonly y: number;
  readonly size: number;
  readonly anchor?: 'left' | 'middle' | 'right';
  readonly colour?: string;
}

/**
 * The font of the labels, from a package: a bare machine (a container, CI) has no system font, and the SVG renderer
 * behind `sharp` then draws empty boxes for letters. ResourceError when a package is missing.
 */
export async function loadFont(): Promise<Font> {
  const { default: opentype } = await loadPackage('opentype.js', () => import('opentype.js'));
  const bytes = await loadPackage('@fontsource/lato', () =>
    readFile(createRequire(import.meta.url).resolve('@fontsource/lato/files/lato-latin-400-normal.woff')),
  );
  return opentype.parse(new Uint8Array(bytes).buffer);
}

/** The width in pixels of a text of this size. */
export function textWidth(font: Font, text: string, size: number): number {
  return font.getAdvanceWidth(text, size);
}

/** An SVG of the labels as outlines: it needs no font to be drawn. */
export function labelsSvg(font: Font, labels: readonly Label[], width: number, height: number): string {
  const paths = labels.map(({ text, x, y, size, anchor = 'left', colour = '#222222' }) => {
    const share = { left: 0, middle: 0.5, right: 1 }[anchor];
    const outline = font.getPath(text, x - share * textWidth(font, text, size), y, size);
    return `<path fill="${colour}" d="${pathData(outline)}"/>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${paths.join('')}</svg>`;
}

/** Our own in place of the package's `toPathData`, whose rounding writes NaN for numbers just above a whole one. */
function pathData(path: Path): string {
  const at = (...numbers: number[]) => numbers.map((number) => number.toFixed(2)).join(' ');
  return path.commands
    .map((command) => {
      switch (command.type) {
        case 'M':
        case 'L':
          return command.type + at(command.x, command.y);
        case 'Q':
          return command.type + at(command.x1, command.y1, command.x, command.y);
        case 'C':
          return command.type + at(command.x1, command.y1, command.x2, command.y2, command.x, command.y);
        default:
          return command.type;
      }
    })
    .join('');
}
