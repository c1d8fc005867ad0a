// Pictures turned, shifted, sheared, zoomed and flipped: for each output pixel the place of the input that is seen there.
import type { AffineAttrs, FillMode } from '../kernels.ts';
import type { CpuKernels } from './cpuKernel.ts';

type Four = [number, number, number, number];

/** Sine and cosine of an angle in degrees, exact at every quarter of a turn. */
function wave(degrees: number): [sine: number, cosine: number] {
  const quarters = Math.round(degrees / 90);
  const rest = ((degrees - 90 * quarters) * Math.PI) / 180;
  const [sine, cosine] = [Math.sin(rest), Math.cos(rest)];
  switch (((quarters % 4) + 4) % 4) {
    case 0:
      return [sine, cosine];
    case 1:
      return [cosine, -sine];
    case 2:
      return [-sine, -cosine];
    default:
      return [-cosine, sine];
  }
}

/** The place inside or near 0 ... n - 1 that has the value of `place`. */
function folded(place: number, n: number, fill: FillMode): number {
  switch (fill) {
    case 'nearest':
      return Math.min(Math.max(place, 0), n - 1);
    case 'reflect': {
      const from = place + 0.5 - 2 * n * Math.floor((place + 0.5) / (2 * n));
      return Math.min(from, 2 * n - from) - 0.5;
    }
    case 'wrap':
      return place - n * Math.floor(place / n);
    case 'wrapEnds': {
      const period = n - 1;
      if (period === 0) return 0;
      if (place < 0) return place + period * (Math.trunc(-place / period) + 1);
      return place > period ? place - period * Math.trunc(place / period) : place;
    }
    default:
      return place;
  }
}

/** The one or two cells along an axis that a place takes its value from; outside the axis stands the fill value. */
interface Taps {
  count: number;
  readonly at: [number, number];
  readonly weight: [number, number];
}

const noTaps = (): Taps => ({ count: 0, at: [0, 0], weight: [0, 0] });

function findTaps(taps: Taps, place: number, n: number, { fill, linear }: AffineAttrs): void {
  const near = folded(place, n, fill);
  const first = Math.floor(linear ? near : near + 0.5);
  const part = linear ? near - first : 0;
  // an infinite cell of weight 0 is not part of the value
  taps.count = part === 0 ? 1 : 2;
  taps.weight[0] = 1 - part;
  taps.weight[1] = part;
  for (let i = 0; i < 2; i++) {
    const at = first + i;
    const wrapped = fill === 'wrap' && at >= n ? at - n : at;
    taps.at[i] = fill === 'blend' ? at : Math.min(Math.max(wrapped, 0), n - 1);
  }
}

export const affineKernels: CpuKernels<'affineMatrices' | 'affineResample'> = {
  affineMatrices({ inputs: [parameters], outputs: [matrices], attrs: { columns, width, height, centerX, centerY } }) {
    const [N, K] = parameters!.shape as [number, number];
    for (let n = 0; n < N; n++) {
      const of = (column: number) => parameters!.data[n * K + column]!;
      const [sine, cosine] = wave(of(columns.theta));
      const [sineShear, cosineShear] = wave(of(columns.shear));
      const [tx, ty, zx, zy] = [of(columns.tx), of(columns.ty), of(columns.zx), of(columns.zy)];
      const rows = [
        [cosine, -sine, centerX],
        [sine, cosine, centerY],
      ].map(([along, across, center]) => {
        const byX = along! * zx;
        const byY = (across! * cosineShear - along! * sineShear) * zy;
        const shift = center! - byX * centerX - byY * centerY + along! * tx + across! * ty;
        return [byX, byY, shift] as const;
      });
      const flipX = of(columns.flipHorizontal) < 0.5;
      const flipY = of(columns.flipVertical) < 0.5;
      rows.forEach(([byX, byY, shift], row) => {
        const turned = shift + (flipX ? byX * (width - 1) : 0) + (flipY ? byY * (height - 1) : 0);
        matrices!.data.set([flipX ? -byX : byX, flipY ? -byY : byY, turned], 6 * n + 3 * row);
      });
    }
  },

  affineResample({ inputs: [x, matrices], outputs: [y], attrs }) {
    const [N, P, Q, C] = y!.shape as Four;
    const [, H, W] = x!.shape as Four;
    const isInside = (place: number, n: number) => place >= 0 && place <= n - 1;
    const [rows, columns] = [noTaps(), noTaps()];
    const sums = new Float64Array(C);
    for (let n = 0; n < N; n++) {
      const of = (i: number) => matrices!.data[6 * n + i]!;
      for (let p = 0; p < P; p++) {
        for (let q = 0; q < Q; q++) {
          const column = of(0) * q + of(1) * p + of(2);
          const row = of(3) * q + of(4) * p + of(5);
          findTaps(rows, row, H, attrs);
          findTaps(columns, column, W, attrs);
          const whole = attrs.fill === 'constant' && !(isInside(row, H) && isInside(column, W));
          sums.fill(whole ? attrs.value : 0);
          for (let i = 0; i < (whole ? 0 : rows.count * columns.count); i++) {
            const [r, s] = [Math.trunc(i / columns.count), i % columns.count];
            const [h, w] = [rows.at[r]!, columns.at[s]!];
            const weight = rows.weight[r]! * columns.weight[s]!;
            const first = ((n * H + h) * W + w) * C;
            const filled = h < 0 || h >= H || w < 0 || w >= W;
            for (let c = 0; c < C; c++) sums[c]! += weight * (filled ? attrs.value : x!.data[first + c]!);
          }
          y!.data.set(sums, ((n * P + p) * Q + q) * C);
        }
      }
    }
  },
};
