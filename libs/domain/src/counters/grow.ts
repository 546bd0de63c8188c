import type { Limit } from '../tiers/limit';
import { dripped } from './drip';
import { inherited, larger, sumOf } from './inherited';
import type { EndedWindow } from './rollover';
import { windowAmount } from './window-amount';

/** What a counter's amount is made of, in its unit. */
export interface CounterParts {
  /** What its limit gives now. */
  readonly amount: number;
  /** Added by hand. */
  readonly given: number;
  /** Left by the windows before, the latest first. */
  readonly carried: readonly number[];
  readonly dripped: number;
  /** Drips of the window that were seen to. */
  readonly drips: number;
  /** What had been used when usage was reset, or when a tier came that starts without. */
  readonly forgiven: number;
  /** When that was, the latest: of such a tier its start, epoch ms. */
  readonly freshFrom: number | null;
}

export const NO_PARTS: Omit<CounterParts, 'amount'> = {
  given: 0,
  carried: [],
  dripped: 0,
  drips: 0,
  forgiven: 0,
  freshFrom: null,
};

/** What replenishment added in all. */
export function extraOf({ given, carried, dripped: drops, forgiven }: CounterParts): number {
  return given + sumOf(carried) + drops + forgiven;
}

/** What was used counts no more: as a window that has just begun, but for what was given. */
export function forgive(parts: CounterParts, used: number): CounterParts {
  return { ...parts, forgiven: Math.max(parts.forgiven, used) };
}

/** What a counter's growth follows from. Instants are epoch ms. */
export interface Growth {
  readonly windowStart: number;
  readonly used: number;
  readonly now: number;
  /** A tier that began in this window and starts without usage; what had been used until then. */
  readonly fresh: { readonly from: number; readonly used: number } | null;
  /** The windows before, the latest first; null: not to be told now, so nothing more carries. */
  readonly before: readonly EndedWindow[] | null;
}

/** A counter as its limit, its time and the windows before it have it grow; extra never falls. */
export function grow(parts: CounterParts, limit: Limit, growth: Growth): CounterParts {
  const { windowStart, used, now, fresh, before } = growth;
  const amount = windowAmount(limit);
  let after: CounterParts = { ...parts, amount };
  if (fresh !== null && fresh.from > (parts.freshFrom ?? -Infinity)) {
    after = { ...forgive(after, fresh.used), freshFrom: fresh.from };
  }
  const rule = limit.replenishment;
  if (rule.kind === 'rollover' && before !== null && amount > 0) {
    after = { ...after, carried: larger(after.carried, inherited(before, rule)) };
  }
  if (rule.kind !== 'drip' || amount === 0) return after;
  // All of it counts as unused, whoever added it: a drip finds less than the cap, or nothing falls.
  const total = amount + extraOf(after);
  const full = dripped({ amount: total, drips: after.drips }, rule, { windowStart, used, now });
  return { ...after, dripped: after.dripped + full.amount - total, drips: full.drips };
}
