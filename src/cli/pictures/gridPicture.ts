import { whiteCanvas } from './canvas.ts';
import { COLOUR_BAR_HEIGHT, COLOUR_BAR_WIDTH, type ColourScale, drawColourBar } from './colourBar.ts';
import { gridLayout } from './gridLayout.ts';
import { type Label, loadFont, textWidth } from './labels.ts';
import type { Picture } from './picture.ts';
import { encodePng } from './png.ts';
import { drawTile, enlargement, type Tile } from './tile.ts';

/** What a grid picture shows: numbered tiles of one size, perhaps one colour scale for all, and perhaps a larger image beside them. */
export interface GridPicture {
  readonly title: string;
  readonly subtitle: string;
  readonly tiles: readonly Tile[];
  readonly style?: TileStyle;
  /** Lines under each tile, as many as `style` has room for. */
  readonly captions?: readonly (readonly string[])[];
  readonly scale?: ColourScale;
  readonly beside?: { readonly tile: Tile; readonly captions: readonly string[] };
}

/** How large a tile is shown at most, in pixels, and how many lines of text stand under it. */
export interface TileStyle {
  readonly size: number;
  readonly lines: number;
}

const MARGIN = 28;
const PLAIN: TileStyle = { size: 104, lines: 0 };
const BESIDE_SIZE = 252;
const BESIDE_GAP = 36;
const NUMBER_HEIGHT = 18;
const LINE_HEIGHT = 18;
const GAP = 14;

/** The top of the tiles, in pixels from the top of the picture. */
export const TILES_TOP = 112;

/** Where the first tile starts, in pixels from the left of the picture. */
export function tilesLeft(beside: Tile | undefined): number {
  return MARGIN + (beside ? beside.columns * enlargement(beside, BESIDE_SIZE) + BESIDE_GAP : 0);
}

/** How large the tiles are shown and where each stands from the first one's corner, in pixels. */
export function placeTiles(tiles: readonly Tile[], { size, lines }: TileStyle = PLAIN) {
  const first = tiles[0]!;
  const enlarged = enlargement(first, size);
  const height = first.rows * enlarged + lines * LINE_HEIGHT + NUMBER_HEIGHT + (lines > 0 ? GAP : 0);
  return { enlarged, layout: gridLayout(tiles.length, first.columns * enlarged, height, GAP) };
}

/** Draws the picture as PNG, just large enough for its tiles and its texts. */
export async function drawGridPicture(picture: GridPicture): Promise<Picture> {
  const { title, subtitle, tiles, style = PLAIN, captions = [], scale, beside } = picture;
  const font = await loadFont();
  const { enlarged, layout } = placeTiles(tiles, style);
  const left = tilesLeft(beside?.tile);
  const besideScale = beside ? enlargement(beside.tile, BESIDE_SIZE) : 0;
  const besideBottom = beside ? TILES_TOP + beside.tile.rows * besideScale : 0;
  const besideCaptions = (beside?.captions ?? []).map(
    (text, i): Label => ({ text, x: MARGIN, y: besideBottom + 24 + 20 * i, size: 14, colour: '#444444' }),
  );
  // A cell is a tile with room for the next row's number under it, which the last row has no use for.
  const tilesBottom = TILES_TOP + layout.height - NUMBER_HEIGHT;
  const barTop = tilesBottom + 24;
  const headings: Label[] = [
    { text: title, x: MARGIN, y: 44, size: 24 },
    { text: subtitle, x: MARGIN, y: 72, size: 15, colour: '#444444' },
  ];

  const right = Math.max(
    left + layout.width,
    scale ? left + COLOUR_BAR_WIDTH + 14 + textWidth(font, scale.name, 14) : 0,
    ...[...headings, ...besideCaptions].map(({ text, x, size }) => x + textWidth(font, text, size)),
  );
  const bottom = Math.max(scale ? barTop + COLOUR_BAR_HEIGHT : tilesBottom, ...besideCaptions.map(({ y }) => y));
  const canvas = whiteCanvas(Math.ceil(right) + MARGIN, bottom + MARGIN);

  if (beside) drawTile(canvas, beside.tile, MARGIN, TILES_TOP, besideScale);
  const tileLabels = tiles.flatMap((tile, i): Label[] => {
    const [x, y] = [left + layout.corners[i]!.x, TILES_TOP + layout.corners[i]!.y];
    drawTile(canvas, tile, x, y, enlarged);
    const under = y + tile.rows * enlarged;
    return [
      { text: String(i), x, y: y - 6, size: 13, colour: '#555555' },
      ...(captions[i] ?? []).map((text, line) => ({ text, x, y: under + LINE_HEIGHT * (line + 1), size: 14 })),
    ];
  });
  const barLabels = scale ? drawColourBar(canvas, scale, left, barTop) : [];
  return encodePng(canvas, [...headings, ...besideCaptions, ...tileLabels, ...barLabels], font);
}
