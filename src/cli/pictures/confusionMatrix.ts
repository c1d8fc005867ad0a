import { ValueError } from '../../errors.ts';
import { chartSvg } from './chartSvg.ts';
import { blues, interpolate, oranges, textOn } from './colourMaps.ts';
import { grouped, percent } from './numberText.ts';
import type { Picture } from './picture.ts';

const GRID_TOP = 164;

interface Cell {
  readonly column: number;
  readonly row: number;
  readonly count: number;
  /** The count as a share of its row, 0 to 1. */
  readonly share: number;
}

/**
 * A confusion matrix as SVG: true labels down, predicted across, counts in the cells, recall of each class at the side.
 * `counts[t][p]` is how many samples of class `t` were predicted as `p`. Colour is the share of the row on a square-root
 * scale, so that single errors show beside hundreds of hits; hits are blue and errors orange.
 * Throws a ValueError when the counts are not a square of whole numbers that fits the names, or hold no sample.
 */
export async function drawConfusionMatrix(
  counts: readonly (readonly number[])[],
  classNames: readonly string[],
): Promise<Picture> {
  checkCounts(counts, classNames);
  const classes = classNames.length;
  const rowTotals = counts.map((row) => row.reduce((total, count) => total + count, 0));
  const total = rowTotals.reduce((sum, rowTotal) => sum + rowTotal, 0);
  const hits = counts.reduce((sum, row, label) => sum + row[label]!, 0);
  const cells = counts.flatMap((row, label) =>
    row.map((count, column) => ({ row: label, column, count, share: count / Math.max(1, rowTotals[label]!) })),
  );

  const errors = cells.filter((cell) => !onDiagonal(cell));
  // A model that is nearly always right keeps pale errors: the orange scale ends at 10 % or at the worst confusion.
  const worst = errors.reduce((largest, { share }) => Math.max(largest, share), 0.1);
  const { width, height, left, side, below, slanted } = measure(classNames);
  const recalls = rowTotals.map((rowTotal, label) => recall(counts[label]![label]!, rowTotal));

  return chartSvg(width, height, {
    title: {
      text: `Confusion matrix: accuracy ${percent(hits / total)} (${grouped(hits)} of ${grouped(total)})`,
      subtext: 'Colour is the share of the row, on a square-root scale so that single errors show.',
      left: 24,
      top: 16,
      itemGap: 10,
      textStyle: { fontSize: 20 },
      subtextStyle: { fontSize: 14, color: '#444' },
    },
    grid: { left, top: GRID_TOP, width: classes * side, height: classes * side },
    xAxis: { ...classAxis('predicted', classNames, below - 20, slanted ? 40 : 0) },
    yAxis: [
      { ...classAxis('true', classNames, left - 34, 0), inverse: true },
      { ...classAxis('recall', recalls, 12, 0), inverse: true, position: 'right', ...NAME_ON_TOP },
    ],
    visualMap: [
      { ...colourScale('right', blues, 1), seriesIndex: 0, left: 24 },
      { ...colourScale('wrong', oranges, worst), seriesIndex: 1, left: 360 },
    ],
    series: [heatmap(cells.filter(onDiagonal), blues, 1), heatmap(errors, oranges, worst)],
  });
}

/** Sizes in pixels, with room for the longest class name: an SVG cannot ask how wide the reader's font is. */
function measure(classNames: readonly string[]) {
  const classes = classNames.length;
  const side = Math.min(96, Math.max(50, 500 / classes));
  const longest = Math.max(...classNames.map((name) => name.length));
  const slanted = longest * 8 > side;
  const left = 64 + longest * 8;
  const below = 40 + (slanted ? longest * 6 : 16);
  return {
    side,
    left,
    below,
    slanted,
    width: Math.max(760, left + classes * side + 180),
    height: GRID_TOP + classes * side + below + 24,
  };
}

const TEXT = { fontSize: 14, color: '#222' };
const NAME = { fontSize: 15, color: '#222', fontWeight: 'bold' as const };
const NAME_ON_TOP = {
  nameLocation: 'start' as const,
  nameTextStyle: { ...NAME, align: 'left' as const, padding: [0, 0, 0, 8] },
};

function classAxis(name: string, labels: readonly string[], nameGap: number, rotate: number) {
  return {
    type: 'category' as const,
    data: [...labels],
    name,
    nameGap,
    nameLocation: 'middle' as const,
    nameTextStyle: NAME,
    axisTick: { show: false },
    axisLabel: { ...TEXT, interval: 0, rotate },
  };
}

function checkCounts(counts: readonly (readonly number[])[], classNames: readonly string[]): void {
  const classes = classNames.length;
  if (classes === 0) throw new ValueError('drawConfusionMatrix: expected at least one class name, got none');
  if (counts.length !== classes) {
    throw new ValueError(
      `drawConfusionMatrix: expected a row for each of the ${classes} class names, got ${counts.length}`,
    );
  }
  counts.forEach((row, label) => {
    if (row.length !== classes) {
      throw new ValueError(`drawConfusionMatrix: expected ${classes} counts in row ${label}, got ${row.length}`);
    }
    for (const count of row) {
      if (Number.isSafeInteger(count) && count >= 0) continue;
      throw new ValueError(`drawConfusionMatrix: expected whole counts from 0 in row ${label}, got ${count}`);
    }
  });
  if (counts.every((row) => row.every((count) => count === 0))) {
    throw new ValueError('drawConfusionMatrix: expected at least one sample, got counts that are all 0');
  }
}

function recall(hits: number, rowTotal: number): string {
  return rowTotal === 0 ? 'no samples' : `${percent(hits / rowTotal)} of ${grouped(rowTotal)}`;
}

function onDiagonal(cell: Cell): boolean {
  return cell.row === cell.column;
}

/** The legend of a row share from 0 to `end`. */
function colourScale(name: string, colours: string, end: number) {
  return {
    type: 'continuous' as const,
    min: 0,
    max: Math.sqrt(end),
    inRange: { color: colours.split(' ') },
    orient: 'horizontal' as const,
    top: 84,
    itemWidth: 16,
    itemHeight: 150,
    text: [percent(end), `${name}: 0 %`] as [string, string],
    textStyle: TEXT,
  };
}

function heatmap(cells: readonly Cell[], colours: string, end: number) {
  const colour = interpolate(colours);
  return {
    type: 'heatmap' as const,
    yAxisIndex: 0,
    itemStyle: { borderColor: '#d8d8d8', borderWidth: 1 },
    label: { show: true, formatter: '{b}', fontSize: 14 },
    data: cells.map(({ column, row, count, share }) => ({
      name: grouped(count),
      value: [column, row, Math.sqrt(share)],
      label: { color: count === 0 ? '#767676' : textOn(colour(Math.sqrt(share / end))) },
    })),
  };
}
