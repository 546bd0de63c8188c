/** What a limit that allows gave in one window, and what it counted of one event. */
export interface CountedBy {
  readonly limit: number;
  /** Of the limit's unit. */
  readonly quantity: number;
}

/** One event of a customer that counts, with every limit that counted it. */
export interface SplitEvent {
  readonly offset: bigint;
  readonly countedBy: readonly CountedBy[];
}

/**
 * The part of each event that passed a limit: of a limit's events, in the order of the log, what
 * lies beyond its amount. An event that several limits counted is beyond by the most that one of
 * them says, so that it is billed once. What comes later never changes what earlier events were.
 * `amounts`: by limit. Answers by offset; events within are not there.
 */
export function splitOverage(
  events: readonly SplitEvent[],
  amounts: readonly number[],
): Map<bigint, number> {
  const used = amounts.map(() => 0);
  const beyond = new Map<bigint, number>();
  for (const { offset, countedBy } of [...events].sort((a, b) => (a.offset < b.offset ? -1 : 1))) {
    for (const { limit, quantity } of countedBy) {
      const before = used[limit] ?? 0;
      used[limit] = before + quantity;
      const excess = Math.min(quantity, Math.max(0, before + quantity - (amounts[limit] ?? 0)));
      if (excess > (beyond.get(offset) ?? 0)) beyond.set(offset, excess);
    }
  }
  return beyond;
}
