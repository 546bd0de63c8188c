/** A window that ended, as the next one inherits from it. Amounts in the limit's unit. */
export interface EndedWindow {
  /** What its limit gave, with what was added by hand, without what it inherited. */
  readonly amount: number;
  /** What it had inherited, by age: the window right before it first. */
  readonly carried: readonly number[];
  readonly used: number;
  /** Leases that are still open: they may yet be used, so they do not carry until they close. */
  readonly leased: number;
}

export interface RolloverRule {
  /** The most that one window inherits in all. */
  readonly cap: number;
  /** For how many windows an unused unit lives on. */
  readonly windows: number;
}

/**
 * What the window after an ended one inherits, by age. What is used is taken from what expires
 * first; the cap cuts what expires first too. It rises as leases close, and never falls by that.
 */
export function carriedOver(
  { amount, carried, used, leased }: EndedWindow,
  { cap, windows }: RolloverRule,
): number[] {
  let taken = used + leased;
  const left = [amount, ...carried].reverse().map((part) => {
    const rest = Math.max(0, part - taken);
    taken = Math.max(0, taken - part);
    return rest;
  });
  let room = cap;
  return left
    .reverse()
    .slice(0, windows)
    .map((part) => {
      const kept = Math.min(part, room);
      room -= kept;
      return kept;
    });
}
