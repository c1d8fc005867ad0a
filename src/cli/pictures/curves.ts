import type { EChartsOption, LineSeriesOption } from 'echarts';
import { ValueError } from '../../errors.ts';
import { chartSvg } from './chartSvg.ts';
import { checkFinite } from './checks.ts';
import { okabeIto } from './colourMaps.ts';
import type { Picture } from './picture.ts';

const HEIGHT = 460;
const PANEL_WIDTH = 430;
const PANEL_LEFT = [84, 618] as const;

interface Panel {
  readonly metric: 'loss' | 'accuracy';
  readonly training: readonly number[];
  readonly validation: readonly number[];
}

/**
 * Loss and accuracy against epoch, training and validation, as SVG.
 * `history` is the `history` of a fit: one number an epoch under `loss`, and where they exist `val_loss`, `accuracy`, `val_accuracy`.
 * Throws a ValueError when there is no epoch, a value is not finite, or the lists differ in length.
 */
export async function drawCurves(history: Record<string, readonly number[]>): Promise<Picture> {
  const panels = (['loss', 'accuracy'] as const)
    .map((metric) => ({ metric, training: history[metric] ?? [], validation: history[`val_${metric}`] ?? [] }))
    .filter((panel) => panel.metric === 'loss' || panel.training.length > 0);
  const epochs = panels[0]!.training.length;
  checkHistory(panels, epochs);
  return chartSvg(PANEL_LEFT[panels.length - 1]! + PANEL_WIDTH + 32, HEIGHT, {
    title: [
      {
        text: epochs === 1 ? 'Training: 1 epoch' : `Training: ${epochs} epochs`,
        left: 24,
        top: 16,
        textStyle: { fontSize: 20 },
      },
      ...panels.map((panel, i) => panelTitle(panel, i)),
    ],
    legend: { right: 24, top: 18, itemWidth: 36, itemGap: 32, textStyle: { fontSize: 14, color: '#333' } },
    grid: panels.map((_, i) => ({ left: PANEL_LEFT[i]!, top: 112, width: PANEL_WIDTH, height: 276 })),
    xAxis: panels.map((_, i) => epochAxis(epochs, i)),
    yAxis: panels.map((panel, i) => valueAxis(panel, i)),
    series: panels.flatMap((panel, i) => [
      line('training', panel.training, i, okabeIto.blue),
      ...(panel.validation.length > 0 ? [line('validation', panel.validation, i, okabeIto.vermillion)] : []),
    ]),
  } satisfies EChartsOption);
}

function checkHistory(panels: readonly Panel[], epochs: number): void {
  if (epochs === 0) throw new ValueError('drawCurves: expected at least one epoch under "loss", got none');
  for (const { metric, training, validation } of panels) {
    for (const [key, values] of [
      [metric, training],
      [`val_${metric}`, validation],
    ] as const) {
      checkFinite(`drawCurves: ${key}`, values);
      if (values.length !== 0 && values.length !== epochs) {
        throw new ValueError(
          `drawCurves: expected ${epochs} epochs under "${key}" as under "loss", got ${values.length}`,
        );
      }
    }
  }
}

function panelTitle({ metric, training, validation }: Panel, index: number) {
  const last = (values: readonly number[]) => values.at(-1)!.toFixed(4);
  const name = metric === 'loss' ? 'Loss' : 'Accuracy';
  const text = `${name} at the end: training ${last(training)}${validation.length > 0 ? `, validation ${last(validation)}` : ''}`;
  return {
    text,
    left: PANEL_LEFT[index]! - 6,
    top: 74,
    textStyle: { fontSize: 15, fontWeight: 'normal' as const, color: '#333' },
  };
}

function epochAxis(epochs: number, gridIndex: number) {
  return {
    gridIndex,
    type: 'value' as const,
    name: 'epoch',
    nameLocation: 'middle' as const,
    nameGap: 32,
    // One epoch alone stands in the middle, with an empty place on either side.
    min: epochs === 1 ? 0 : 1,
    max: Math.max(2, epochs),
    minInterval: 1,
    axisLabel: {
      fontSize: 13,
      color: '#333',
      formatter: (epoch: number) => (epochs === 1 && epoch !== 1 ? '' : String(epoch)),
    },
    nameTextStyle: { fontSize: 14, color: '#333' },
    axisLine: { show: true, onZero: false, lineStyle: { color: '#666' } },
    axisTick: { show: true },
    splitLine: { show: false },
  };
}

function valueAxis({ metric, training, validation }: Panel, gridIndex: number) {
  const lowest = Math.min(...training, ...validation);
  const range = metric === 'accuracy' ? accuracyRange(lowest) : { min: Math.min(0, lowest) };
  return {
    gridIndex,
    type: 'value' as const,
    // The accuracy axis may leave out what no curve reaches, so its name says where it starts.
    name: metric === 'accuracy' ? `accuracy (axis from ${range.min} to 1)` : 'loss',
    nameLocation: 'middle' as const,
    nameGap: 52,
    ...range,
    axisLabel: { fontSize: 13, color: '#333' },
    nameTextStyle: { fontSize: 14, color: '#333' },
    axisLine: { show: true, lineStyle: { color: '#666' } },
    splitLine: { lineStyle: { color: '#e4e4e4' } },
  };
}

/** The tightest of a few ranges up to 1 that holds `lowest`, each with a tick interval that divides it. */
function accuracyRange(lowest: number) {
  const starts = [
    { min: 0.95, interval: 0.01 },
    { min: 0.9, interval: 0.02 },
    { min: 0.8, interval: 0.05 },
    { min: 0.5, interval: 0.1 },
  ];
  return { ...(starts.find(({ min }) => lowest >= min) ?? { min: 0, interval: 0.2 }), max: 1 };
}

function line(
  name: 'training' | 'validation',
  values: readonly number[],
  panel: number,
  color: string,
): LineSeriesOption {
  return {
    name,
    type: 'line',
    xAxisIndex: panel,
    yAxisIndex: panel,
    color,
    // Form as well as colour tells the two apart: a full line with discs, a dashed one with diamonds.
    symbol: name === 'training' ? 'circle' : 'diamond',
    symbolSize: name === 'training' ? 8 : 11,
    showAllSymbol: values.length <= 30,
    showSymbol: values.length <= 30,
    lineStyle: { width: 2.5, type: name === 'training' ? 'solid' : 'dashed' },
    data: values.map((value, epoch) => [epoch + 1, value]),
  };
}
