import type { Span } from '../calendar';
import type { Ask, Shortage } from './ask';

/** A counter as grants see it. */
export interface CounterLine {
  readonly id: string;
  readonly limit: string;
  readonly window: Span;
  readonly used: number;
  readonly leased: number;
  readonly amount: number;
}

/** How large and how long leases are. */
export interface LeaseTerms {
  /** Far from the amount; a gateway asks for what it expects to spend in this time. */
  readonly farMs: number;
  /** The shortest, near the amount. */
  readonly nearMs: number;
  /** A call whose hold may last longer gets a lease of its own (PROTOCOL 4). */
  readonly usualHoldMs: number;
  /** No lease takes more than this part of what is left, so that other gateways find some too. */
  readonly share: number;
  /**
   * So much of what is left may be in a lease that lasts for `farMs`; more of it lasts as much
   * less: a crash strands what its gateway leased.
   */
  readonly strands: number;
  /** The next window is asked for so long before its start. */
  readonly aheadMs: number;
}

/** 100,000 quiet customers ask 170 times a second (PROTOCOL 5). */
export const LEASE_TERMS: LeaseTerms = {
  farMs: 600_000,
  nearMs: 5_000,
  usualHoldMs: 300_000,
  share: 4,
  strands: 0.05,
  aheadMs: 5_000,
};

/** A gateway's clock may be ahead by as long as its ask took: so many times `aheadMs` pass. */
const MOST_AHEAD = 4;

export type GrantDecision =
  | {
      readonly kind: 'granted';
      readonly slices: readonly number[];
      /** How long each of them lasts. */
      readonly lengthsMs: readonly number[];
    }
  | { readonly kind: 'refused'; readonly shortages: readonly Shortage[] };

/**
 * How much of each counter goes into a lease (PROTOCOL 1, 5): all of the ask or nothing. Counters,
 * `slices` and `lengthsMs` are in the order of the ask's wants. A lease that is cut to a part of
 * what was wanted lasts that part of the time: small and short near the amount, call by call at its
 * end; so does one that is a large part of what is left. Those of other limits stay long, so that a
 * quiet customer asks seldom.
 */
export function decideGrant(
  { wants, longestMs }: Ask,
  counters: readonly CounterLine[],
  { farMs, nearMs, usualHoldMs, share, strands }: LeaseTerms,
): GrantDecision {
  const shortages = wants.flatMap(({ need }, index) =>
    shortageOf(counters[index] as CounterLine, need),
  );
  if (shortages.length > 0) return { kind: 'refused', shortages };
  const isOwn = longestMs > usualHoldMs;
  const left = counters.map(available);
  const slices = wants.map(({ need, want }, index) => {
    const most = Math.floor((left[index] as number) / share);
    return isOwn ? need : Math.max(need, Math.min(want, most));
  });
  const lengthsMs = wants.map(({ want }, index) => {
    const slice = slices[index] as number;
    const part = Math.min(1, slice / want, (strands * (left[index] as number)) / slice);
    return Math.max(nearMs, Math.floor(farMs * part));
  });
  return { kind: 'granted', slices, lengthsMs };
}

function shortageOf(counter: CounterLine, need: number): Shortage[] {
  if (need <= available(counter)) return [];
  const { limit, used, leased, amount, window } = counter;
  const reason = need <= amount - used ? 'held' : 'used-up';
  return [{ limit, reason, need, used, leased, amount, resetAt: window.to }];
}

/** Never negative: an amount lowered below what is out grants nothing until that falls. */
export function available({ amount, used, leased }: CounterLine): number {
  return Math.max(0, amount - used - leased);
}

/** The conditional statement of a grant: what is leased then, or null: it does not fit any more. */
export function lend({ amount, used, leased }: CounterLine, slice: number): number | null {
  return used + leased + slice <= amount ? leased + slice : null;
}

/** The instant whose windows an ask draws on: now, or the start it asks ahead for. */
export function drawnAt({ opensAt }: Ask, now: number, { aheadMs }: LeaseTerms): number {
  return opensAt === null ? now : Math.min(Math.max(now, opensAt), now + MOST_AHEAD * aheadMs);
}

/**
 * The deadlines of a lease (PROTOCOL 4). It never spans the end of a window that it draws on.
 * `from` is the instant whose window it is, `lengthMs` what the grant decided.
 */
export function deadlinesOf(
  { longestMs }: Ask,
  from: number,
  lengthMs: number,
  window: Span,
): { readonly spendUntil: number; readonly settleUntil: number } {
  const spendUntil = Math.min(from + lengthMs, window.to);
  return { spendUntil, settleUntil: spendUntil + longestMs };
}
