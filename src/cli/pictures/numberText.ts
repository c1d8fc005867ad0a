/** Three significant digits with a true minus sign, for a colour scale. */
export function shortNumber(value: number): string {
  return String(Number(value.toPrecision(3))).replace('-', '−');
}

/** A share of 1 as per cent with one decimal; never rounded up to 100 when something is missing. */
export function percent(share: number): string {
  const rounded = share < 1 ? Math.min(share, 0.9994) : share;
  return `${(rounded * 100).toFixed(1)} %`;
}

/** 12345 -> "12,345". */
export function grouped(count: number): string {
  return count.toLocaleString('en-US');
}
