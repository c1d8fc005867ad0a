import type { EChartsOption } from 'echarts';
import { loadPackage } from './loadPackage.ts';
import type { Picture } from './picture.ts';

// A list, as the reader's machine decides which font is there: an SVG carries no font of its own.
// Single quotes: echarts writes it into an attribute as it stands.
const FONT = "'Helvetica Neue', Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif";

/** Draws a chart of `width` x `height` pixels as SVG, without a browser. ResourceError when `echarts` is missing. */
export async function chartSvg(width: number, height: number, option: EChartsOption): Promise<Picture> {
  const echarts = await loadPackage('echarts', () => import('echarts'));
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width, height });
  try {
    chart.setOption({ animation: false, backgroundColor: '#ffffff', textStyle: { fontFamily: FONT }, ...option });
    return { extension: 'svg', bytes: new TextEncoder().encode(chart.renderToSVGString()) };
  } finally {
    chart.dispose();
  }
}
