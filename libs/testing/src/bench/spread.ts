/** Several measurements of one thing. */
export interface Spread {
  readonly median: number;
  readonly from: number;
  readonly to: number;
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const [from, to] = [sorted[0], sorted.at(-1)];
  if (from === undefined || to === undefined) throw new Error('nothing was measured');
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? to;
  const median = sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? from) + upper) / 2;
  return { median, from, to };
}

/** The least value that this share of all values does not pass. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).sort();
  const at = Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1));
  const value = sorted[at];
  if (value === undefined) throw new Error('nothing was measured');
  return value;
}

const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
export const digits = (value: number): string => grouped.format(value);

export const asText = (spread: Spread, one: (value: number) => string): string =>
  spread.from === spread.to
    ? one(spread.median)
    : `${one(spread.median)} (${one(spread.from)}…${one(spread.to)})`;

export const ratioText = (spread: Spread): string => asText(spread, (value) => value.toFixed(2));
export const rateText = (spread: Spread): string => `${asText(spread, digits)}/s`;
