/**
 * What is counted. `calls` is one per event; `tokens` = input + output, cached and reasoning
 * inside.
 */
export const UNITS = [
  'calls',
  'tokens',
  'inputTokens',
  'outputTokens',
  'cacheReadTokens',
  'cacheWriteTokens',
  'reasoningTokens',
  'images',
  'toolCalls',
] as const;

export type Unit = (typeof UNITS)[number];

/** What a client reports of one call; `calls` and `tokens` follow from it. */
export const REPORTED_UNITS = [
  'inputTokens',
  'outputTokens',
  'cacheReadTokens',
  'cacheWriteTokens',
  'reasoningTokens',
  'images',
  'toolCalls',
] as const;

export type ReportedUnit = (typeof REPORTED_UNITS)[number];

/** Whole numbers, 0 … 10^9 in one event; sums up to 2^53−1. */
export type Amounts = Readonly<Record<Unit, number>>;
export type ReportedAmounts = Readonly<Record<ReportedUnit, number>>;

/** The largest quantity one event may carry. */
export const MAX_EVENT_QUANTITY = 1_000_000_000;

export function amountsOf(reported: ReportedAmounts): Amounts {
  return {
    calls: 1,
    tokens: reported.inputTokens + reported.outputTokens,
    inputTokens: reported.inputTokens,
    outputTokens: reported.outputTokens,
    cacheReadTokens: reported.cacheReadTokens,
    cacheWriteTokens: reported.cacheWriteTokens,
    reasoningTokens: reported.reasoningTokens,
    images: reported.images,
    toolCalls: reported.toolCalls,
  };
}

export function zeroAmounts(): Record<Unit, number> {
  return amountsRecord(() => 0);
}

export function addAmounts(into: Record<Unit, number>, more: Amounts): void {
  for (const unit of UNITS) into[unit] += more[unit];
}

export function takeAmounts(from: Record<Unit, number>, less: Amounts): void {
  for (const unit of UNITS) from[unit] -= less[unit];
}

export function amountsRecord<T>(valueOf: (unit: Unit) => T): Record<Unit, T> {
  return {
    calls: valueOf('calls'),
    tokens: valueOf('tokens'),
    inputTokens: valueOf('inputTokens'),
    outputTokens: valueOf('outputTokens'),
    cacheReadTokens: valueOf('cacheReadTokens'),
    cacheWriteTokens: valueOf('cacheWriteTokens'),
    reasoningTokens: valueOf('reasoningTokens'),
    images: valueOf('images'),
    toolCalls: valueOf('toolCalls'),
  };
}
