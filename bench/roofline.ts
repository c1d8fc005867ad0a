// The roofline (Williams, Waterman and Patterson 2009): operations a second against operations a byte, under what the adapter
// can do at most. A kernel far below the line has work to do.
import type { EChartsOption } from 'echarts';
import type { Roof } from '../src/backend/backend.ts';
import { chartSvg } from '../src/cli/pictures/chartSvg.ts';
import { okabeIto } from '../src/cli/pictures/colourMaps.ts';
import type { Picture } from '../src/cli/pictures/picture.ts';
import { rounded } from './arithmetic.ts';
import { roofText } from './roof.ts';
import type { Point } from './section.ts';

const PLOT = { left: 90, top: 90, width: 760, height: 620 };
const KEY = { left: 900, top: 96, line: 15, width: 430 };
const colours: Readonly<Record<string, string>> = {
  matmul: '#000000',
  conv2d: okabeIto.blue,
  conv2dGradInput: okabeIto.vermillion,
  conv2dGradKernel: '#009E73',
};

/** SVG. The points are numbered, and named in a list beside the plot. */
export function drawRoofline(adapter: string, roof: Roof, points: readonly Point[]): Promise<Picture> {
  const placed = points.map((point, i) => ({
    ...{ number: i + 1, kind: point.kind },
    value: [point.flops / point.bytes, point.flops / point.ms / 1e6],
    text: `${i + 1}  ${point.name}: ${rounded(point.flops / point.ms / 1e6)}`,
  }));
  const xs = placed.map(({ value }) => value[0]!);
  const ends = [10 ** Math.floor(Math.log10(Math.min(...xs))), 10 ** Math.ceil(Math.log10(Math.max(...xs)))] as const;
  const height = Math.max(PLOT.top + PLOT.height + 80, KEY.top + KEY.line * points.length + 40);
  const option: EChartsOption = {
    title: {
      ...{ text: 'Kernels under the roof', left: 24, top: 16, textStyle: { fontSize: 20 } },
      subtext: `${adapter}: ${roofText(roof)}`,
    },
    legend: { left: PLOT.left + 250, top: 20, itemGap: 20, data: Object.keys(colours) },
    grid: PLOT,
    xAxis: { type: 'log', name: 'FLOP a byte', nameLocation: 'middle', nameGap: 34, min: ends[0], max: ends[1] },
    yAxis: { type: 'log', name: 'GFLOP/s', nameLocation: 'middle', nameGap: 50 },
    series: [
      {
        ...{ type: 'line', name: 'roof', showSymbol: false, lineStyle: { color: '#555', width: 2 } },
        data: roofCorners(roof, ends),
      },
      ...Object.entries(colours).map(([kind, color]) => ({
        ...{
          type: 'scatter' as const,
          name: kind,
          symbolSize: 9,
          itemStyle: { color },
        },
        label: { show: true, distance: 3, fontSize: 10, color: '#333' },
        data: placed
          .filter((point) => point.kind === kind)
          .map(({ value, number }) => ({ value, label: { formatter: String(number), position: sideOf(number) } })),
      })),
    ],
    graphic: placed.map(({ text, kind }, i) => ({
      ...{ type: 'text' as const, left: KEY.left, top: KEY.top + i * KEY.line, silent: true },
      style: { text, fontSize: 11, fill: colours[kind] ?? '#333' },
    })),
  };
  return chartSvg(KEY.left + KEY.width, height, option);
}

/** In turns: neighbours in the list are often neighbours in the plot. */
function sideOf(number: number): 'left' | 'right' {
  return number % 2 === 0 ? 'left' : 'right';
}

/** Where the roof begins, where the slope of the bytes meets the ceiling of the arithmetic, and where it ends. */
export function roofCorners(
  { flops, cachedBytes }: Roof,
  [from, to]: readonly [number, number],
): [x: number, y: number][] {
  const ridge = flops / cachedBytes;
  const at = (x: number): [number, number] => [x, Math.min(flops, x * cachedBytes) / 1e9];
  return [from, ...(ridge > from && ridge < to ? [ridge] : []), to].map(at);
}
