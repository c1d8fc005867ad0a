import { whiteCanvas } from './canvas.ts';
import { COLOUR_BAR_HEIGHT, COLOUR_BAR_WIDTH, type ColourScale, drawColourBar } from './colourBar.ts';
import { gridLayout } from './gridLayout.ts';
import { type Label, loadFont, textWidth } from './labels.ts';
import type { Picture } from './picture.ts';
import { encodePng } from './png.ts';
import { drawTile, enlargement, type Tile } from './tile.ts';

/** What a grid picture shows: numbered tiles of one size, one colour scale for all, and perhaps a larger image beside them. */
export interface GridPicture {
  readonly title: string;
  readonly subtitle: string;
  readonly tiles: readonly Tile[];
  readonly scale: ColourScale;
  readonly beside?: { readonly tile: Tile; readonly captions: readonly string[] };
}

const MARGIN = 28;
const TILE_SIZE = 104;
const BESIDE_SIZE = 252;
const BESIDE_GAP = 36;
const NUMBER_HEIGHT = 18;
const GAP = 14;

/** The top of the tiles, in pixels from the top of the picture. */
export const TILES_TOP = 112;

/** Where the first tile starts, in pixels from the left of the picture. */
export function tilesLeft(beside: Tile | undefined): number {
  return MARGIN + (beside ? beside.columns * enlargement(beside, BESIDE_SIZE) + BESIDE_GAP : 0);
}

/** How large the tiles are shown and where each stands from the first one's corner, in pixels. */
export function placeTiles(tiles: readonly Tile[]) {
  const first = tiles[0]!;
  const enlarged = enlargement(first, TILE_SIZE);
  return {
    enlarged,
    layout: gridLayout(tiles.length, first.columns * enlarged, first.rows * enlarged + NUMBER_HEIGHT, GAP),
  };
}

/** Draws the picture as PNG, just large enough for its tiles and its texts. */
export async function drawGridPicture({ title, subtitle, tiles, scale, beside }: GridPicture): Promise<Picture> {
  const font = await loadFont();
  const { enlarged, layout } = placeTiles(tiles);
  const left = tilesLeft(beside?.tile);
  const besideScale = beside ? enlargement(beside.tile, BESIDE_SIZE) : 0;
  const besideBottom = beside ? TILES_TOP + beside.tile.rows * besideScale : 0;
  const captions = (beside?.captions ?? []).map(
    (text, i): Label => ({ text, x: MARGIN, y: besideBottom + 24 + 20 * i, size: 14, colour: '#444444' }),
  );
  // A cell is a tile with room for the next row's number under it, which the last row has no use for.
  const barTop = TILES_TOP + layout.height - NUMBER_HEIGHT + 24;
  const headings: Label[] = [
    { text: title, x: MARGIN, y: 44, size: 24 },
    { text: subtitle, x: MARGIN, y: 72, size: 15, colour: '#444444' },
  ];

  const right = Math.max(
    left + layout.width,
    left + COLOUR_BAR_WIDTH + 14 + textWidth(font, scale.name, 14),
    ...[...headings, ...captions].map(({ text, x, size }) => x + textWidth(font, text, size)),
  );
  const bottom = Math.max(barTop + COLOUR_BAR_HEIGHT, ...captions.map((caption) => caption.y));
  const canvas = whiteCanvas(Math.ceil(right) + MARGIN, bottom + MARGIN);

  if (beside) drawTile(canvas, beside.tile, MARGIN, TILES_TOP, besideScale);
  const numbers = tiles.map((tile, i): Label => {
    const corner = layout.corners[i]!;
    drawTile(canvas, tile, left + corner.x, TILES_TOP + corner.y, enlarged);
    return { text: String(i), x: left + corner.x, y: TILES_TOP + corner.y - 6, size: 13, colour: '#555555' };
  });
  const barLabels = drawColourBar(canvas, scale, left, barTop);
  return encodePng(canvas, [...headings, ...captions, ...numbers, ...barLabels], font);
}
