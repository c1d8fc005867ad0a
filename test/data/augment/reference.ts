// What ImageDataGenerator does to one picture, straight from the formulas of the specification: nested lists in float64.

/** [h][w][c] */
export type Picture = number[][][];

export interface Given {
  readonly theta?: number;
  readonly tx?: number;
  readonly ty?: number;
  readonly shear?: number;
  readonly zx?: number;
  readonly zy?: number;
  readonly flipHorizontal?: boolean;
  readonly flipVertical?: boolean;
  readonly channelShiftIntensity?: number | null;
  readonly brightness?: number | null;
}

const flat = (x: Picture) => x.flat(2);
const map = (x: Picture, f: (value: number) => number): Picture => x.map((row) => row.map((pixel) => pixel.map(f)));

type Matrix = [[number, number, number], [number, number, number]];

/** a after b, both without their last row. */
function after([a, b]: Matrix, [c, d]: Matrix): Matrix {
  const row = ([x, y, z]: readonly [number, number, number]): [number, number, number] => [
    x * c[0] + y * d[0],
    x * c[1] + y * d[1],
    x * c[2] + y * d[2] + z,
  ];
  return [row(a), row(b)];
}

function matrixOf(given: Given, center: readonly [number, number]): Matrix {
  const { theta = 0, tx = 0, ty = 0, shear = 0, zx = 1, zy = 1 } = given;
  const [angle, slant] = [(theta * Math.PI) / 180, (shear * Math.PI) / 180];
  const move = (x: number, y: number): Matrix => [
    [1, 0, x],
    [0, 1, y],
  ];
  const factors: Matrix[] = [
    move(...center),
    [
      [Math.cos(angle), -Math.sin(angle), 0],
      [Math.sin(angle), Math.cos(angle), 0],
    ],
    move(tx, ty),
    [
      [1, -Math.sin(slant), 0],
      [0, Math.cos(slant), 0],
    ],
    [
      [zx, 0, 0],
      [0, zy, 0],
    ],
    move(-center[0], -center[1]),
  ];
  return factors.reduce(after);
}

/** Resampled between four pixels; what lies outside is the nearest pixel. */
export function moved(x: Picture, given: Given, strict = false): Picture {
  const [h, w] = [x.length, x[0]!.length];
  const center = [(w - 1) / 2, (h - 1) / 2] as const;
  const [a, b] = matrixOf(given, strict ? [center[1], center[0]] : center);
  const inside = (value: number, n: number) => Math.min(Math.max(value, 0), n - 1);
  return x.map((row, p) =>
    row.map((pixel, q) => {
      const [column, line] = [a, b].map(([byX, byY, first]) => byX * q + byY * p + first) as [number, number];
      const [s, t] = [inside(column, w), inside(line, h)];
      const [left, top] = [Math.floor(s), Math.floor(t)];
      return pixel.map((_, c) => {
        const at = (i: number, j: number) => x[inside(top + i, h)]![inside(left + j, w)]![c]!;
        const line0 = (1 - (s - left)) * at(0, 0) + (s - left) * at(0, 1);
        const line1 = (1 - (s - left)) * at(1, 0) + (s - left) * at(1, 1);
        return (1 - (t - top)) * line0 + (t - top) * line1;
      });
    }),
  );
}

/** Affine, channel shift, horizontal flip, vertical flip, brightness. */
export function transformed(x: Picture, given: Given, strict = false): Picture {
  let y = moved(x, given, strict);
  if (given.channelShiftIntensity) {
    const [low, high] = [Math.min(...flat(y)), Math.max(...flat(y))];
    const by = given.channelShiftIntensity;
    y = map(y, (value) => Math.min(Math.max(value + by, low), high));
  }
  if (given.flipHorizontal) y = y.map((row) => [...row].reverse());
  if (given.flipVertical) y = [...y].reverse();
  if (given.brightness === undefined || given.brightness === null) return y;
  return strict ? litInBytes(y, given.brightness) : lit(y, given.brightness);
}

function lit(x: Picture, factor: number): Picture {
  const [low, high] = [Math.min(...flat(x)), Math.max(...flat(x))];
  if (low >= 0 && high <= 1) return map(x, (value) => Math.min(value * factor, 1));
  if (low >= 0 && high <= 255) return map(x, (value) => Math.min(value * factor, 255));
  // scaled to 0 ... 255 and back
  const scaled = map(x, (value) => ((value - low) / (high - low)) * 255);
  return map(scaled, (value) => (Math.min(value * factor, 255) / 255) * (high - low) + low);
}

function litInBytes(x: Picture, factor: number): Picture {
  const [low, high] = [Math.min(...flat(x)), Math.max(...flat(x))];
  const scales = low < 0 || high > 255;
  const bytes = map(x, (value) => Math.floor(scales ? ((value - low) / (high - low || 1)) * 255 : value));
  const bright = map(bytes, (value) => Math.floor(Math.min(value * factor, 255)));
  return scales ? map(bright, (value) => (value / 255) * (high - low) + low) : bright;
}
