const full = new Intl.NumberFormat('en');
const short = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 });
const percents = new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 0 });

/** 1,234,567 */
export const fullNumber = (value: number): string => full.format(value);

/** 1.23M; up to four digits as they are. The full number stands beside it, on hover. */
export const shortNumber = (value: number): string =>
  Math.abs(value) < 10_000 ? full.format(value) : short.format(value);

/**
 * A part of a whole as a percentage; never 100 % while something is left, nor 0 % once begun. A
 * limit of 0 is switched off: there is no whole.
 */
export function percent(part: number, whole: number): string {
  if (whole <= 0) return 'off';
  const share = part / whole;
  if (part < whole && share > 0.99) return '99%';
  if (part > 0 && share < 0.01) return '<1%';
  return percents.format(share);
}

/** `1 customer`, `2 customers`. */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${fullNumber(count)} ${count === 1 ? one : many}`;
