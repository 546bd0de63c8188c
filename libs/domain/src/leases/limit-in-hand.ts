import type { Shortage } from './ask';
import { type ClockReading, elapsedMs } from './elapsed';
import type { NeedInHand } from './hold';
import { hasUsable, isEnded, type LeaseInHand } from './lease-in-hand';

/** What one gateway knows of one limit of one customer. */
export interface LimitInHand {
  /** The counter's name without its window. */
  readonly name: string;
  /** Those that may be spent, as far as was looked: calls look through them one by one. */
  leases: LeaseInHand[];
  /** Those that may not, until they are over: of some there are holds. */
  ended: LeaseInHand[];
  /** The pending asks that name it. */
  asks: number;
  /** The latest window that was asked for ahead: its start, epoch ms. */
  askedAhead: number;
  refusal: Refusal | null;
  /** When what is taken of it began to be counted. */
  takenSince: ClockReading;
  /** What was held of it since then; what is old counts less. */
  taken: number;
  /** The book has dropped it: whoever has it asks for the limit again, by its name. */
  isForgotten: boolean;
}

/** Entitlement's no, kept for a while so that not every call asks again. */
export interface Refusal {
  /** Less than its need was not refused. */
  readonly shortage: Shortage;
  /** When the ask was first sent. */
  readonly since: ClockReading;
  readonly lastsMs: number;
}

/** Leases that come back are told; this bounds what a lost message costs. */
export const HELD_LASTS_MS = 1_000;
/** Amounts that are raised are told; this bounds what a lost message costs. */
export const USED_UP_LASTS_MS = 60_000;
/** A first ask is for so many calls like the one at hand. */
const FIRST_CALLS = 8;
/** What demand was so long ago counts half. */
const DEMAND_HALVES_MS = 600_000;
/** A shorter time says nothing of a rate. */
const DEMAND_LEAST_MS = 1_000;
const NONE: readonly NeedInHand[] = [];

export function newLimit(name: string, now: ClockReading): LimitInHand {
  const nothing = { leases: [], ended: [], asks: 0, askedAhead: -Infinity, refusal: null };
  return { name, ...nothing, takenSince: now, taken: 0, isForgotten: false };
}

/** `at`: when entitlement said so, by its clock. */
export function refusalFrom(shortage: Shortage, at: number, since: ClockReading): Refusal {
  const most = shortage.reason === 'held' ? HELD_LASTS_MS : USED_UP_LASTS_MS;
  return { shortage, since, lastsMs: Math.min(most, shortage.resetAt - at) };
}

/** The cached no for a need, if it still stands. */
export function shortageTo(
  { refusal }: LimitInHand,
  need: number,
  now: ClockReading,
): Shortage | null {
  if (!refusal || need < refusal.shortage.need) return null;
  return elapsedMs(refusal.since, now) < refusal.lastsMs ? refusal.shortage : null;
}

/** The needs that the leases in hand do not do, for a hold that is admitted at `admittedAt`. */
export function shortIn(
  needs: readonly NeedInHand[],
  ttlMs: number,
  now: ClockReading,
  admittedAt: number,
): readonly NeedInHand[] {
  let short: NeedInHand[] | null = null;
  for (const need of needs) {
    if (hasUsable(need.limit.leases, need.amount, ttlMs, now, admittedAt)) continue;
    short = short ?? [];
    short.push(need);
  }
  return short ?? NONE;
}

export function countDemand(limit: LimitInHand, taken: number, now: ClockReading): void {
  const age = elapsedMs(limit.takenSince, now);
  if (age >= DEMAND_HALVES_MS) {
    limit.takenSince = { monotonicMs: now.monotonicMs - age / 2, wallMs: now.wallMs - age / 2 };
    limit.taken = Math.ceil(limit.taken / 2);
  }
  limit.taken += taken;
}

/** What an ask should want so that it lasts for `forMs`, by what was taken lately (PROTOCOL 5). */
export function wantOf(
  { takenSince, taken }: LimitInHand,
  need: number,
  forMs: number,
  now: ClockReading,
): number {
  const age = Math.max(DEMAND_LEAST_MS, elapsedMs(takenSince, now));
  return Math.max(need * FIRST_CALLS, Math.ceil((taken * forMs) / age));
}

/** The start of the next window, if it comes within `aheadMs` and was not asked for yet. */
export function nextWindowOf(
  { leases, askedAhead }: LimitInHand,
  at: number,
  aheadMs: number,
): number | null {
  for (const { window } of leases) {
    const opensAt = window.to;
    if (opensAt > at && opensAt - at <= aheadMs) return opensAt > askedAhead ? opensAt : null;
  }
  return null;
}

/** Sets apart the leases that have ended. */
export function setEndedApart(limit: LimitInHand, now: ClockReading): void {
  const { leases, ended } = limit;
  if (!leases.some((lease) => isEnded(lease, now))) return;
  ended.push(...leases.filter((lease) => isEnded(lease, now)));
  limit.leases = leases.filter((lease) => !isEnded(lease, now));
}

/** Nothing of it is worth keeping. */
export function isIdle(limit: LimitInHand, now: ClockReading): boolean {
  const { leases, ended, asks, refusal, takenSince } = limit;
  if (leases.length + ended.length + asks > 0) return false;
  if (refusal && elapsedMs(refusal.since, now) < refusal.lastsMs) return false;
  return elapsedMs(takenSince, now) >= 2 * DEMAND_HALVES_MS;
}
