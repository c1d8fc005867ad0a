/** Red, green and blue, 0 to 255. */
export type Rgb = readonly [number, number, number];

/** A colour for each position from 0 to 1; positions outside take the colour of the nearer end. */
export type ColourMap = (position: number) => Rgb;

/** Colours that stay apart for every common form of colour blindness: Okabe and Ito, "Color Universal Design" (2008). */
export const okabeIto = { blue: '#0072B2', vermillion: '#D55E00' } as const;

/** Perceptually even, dark to light: "viridis" of matplotlib (van der Walt and Smith, 2015; CC0), each tenth of it. */
export const viridis = interpolate(
  '#440154 #482475 #414487 #355f8d #2a788e #21918c #22a884 #44bf70 #7ad151 #bddf26 #fde725',
);

/** Blue below the middle, red above, near white at it: "RdBu" of ColorBrewer (Brewer, colorbrewer2.org; Apache-2.0), reversed. */
export const blueToRed = interpolate(
  '#053061 #2166ac #4393c3 #92c5de #d1e5f0 #f7f7f7 #fddbc7 #f4a582 #d6604d #b2182b #67001f',
);

/** Black to white. */
export const grey = interpolate('#000000 #ffffff');

/** The control points of white to dark blue and white to dark orange: "Blues" and "Oranges" of ColorBrewer, with white for 0. */
export const blues = '#ffffff #deebf7 #c6dbef #9ecae1 #6baed6 #4292c6 #2171b5 #08519c #08306b';
export const oranges = '#ffffff #fee6ce #fdd0a2 #fdae6b #fd8d3c #f16913 #d94801 #a63603 #7f2704';

/** A colour map through evenly spaced control points, straight lines in sRGB between them. */
export function interpolate(points: string): ColourMap {
  const colours = points.split(' ').map(parseHex);
  return (position) => {
    const at = Math.min(1, Math.max(0, position)) * (colours.length - 1);
    const left = Math.min(Math.floor(at), colours.length - 2);
    const from = colours[left]!;
    const to = colours[left + 1]!;
    const mix = (channel: 0 | 1 | 2) => Math.round(from[channel] + (to[channel] - from[channel]) * (at - left));
    return [mix(0), mix(1), mix(2)];
  };
}

/** Black or white, whichever stands out more on a colour: WCAG 2.2, relative luminance and contrast ratio. */
export function textOn(colour: Rgb): '#000000' | '#ffffff' {
  const [red, green, blue] = colour.map((byte) => ((byte / 255 + 0.055) / 1.055) ** 2.4);
  const luminance = 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
  return (luminance + 0.05) / 0.05 > 1.05 / (luminance + 0.05) ? '#000000' : '#ffffff';
}

export function parseHex(hex: string): Rgb {
  const value = Number.parseInt(hex.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}
