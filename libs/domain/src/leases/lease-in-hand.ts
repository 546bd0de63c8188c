import type { Span } from '../calendar';
import { type ClockReading, elapsedMs } from './elapsed';
import type { NeedInHand, PartInHand } from './hold';
import type { LeaseGranted, LeaseReturn } from './lease';
import type { LimitInHand } from './limit-in-hand';

/** What the leases of one answer share, so that a call reads it once. */
export interface Issue {
  /** By the issuer's clock, epoch ms. */
  readonly at: number;
  /** When their ask was first sent, by this process' clocks. */
  readonly since: ClockReading;
}

/** A lease in the memory of the gateway that it was granted to. */
export interface LeaseInHand {
  readonly granted: LeaseGranted;
  /** Its id, as tokens of holds carry it. */
  readonly number: number;
  readonly limit: LimitInHand;
  /** No new hold when so long has passed; ms, as the next two. */
  readonly spendsForMs: number;
  /** The longest hold that it may carry. */
  readonly carriesMs: number;
  /** No hold of it is open when so long has passed. */
  readonly endsAfterMs: number;
  readonly issue: Issue;
  readonly window: Span;
  /** In no hold, and not given back. */
  free: number;
  returned: number;
  /** Entitlement wants back what is not held, now and later. */
  isRecalled: boolean;
}

export function leaseInHand(granted: LeaseGranted, limit: LimitInHand, issue: Issue): LeaseInHand {
  const { amount, issuedAt, spendUntil, settleUntil, window } = granted;
  return {
    granted,
    number: Number(granted.id),
    limit,
    spendsForMs: spendUntil - issuedAt,
    carriesMs: settleUntil - spendUntil,
    endsAfterMs: settleUntil - issuedAt,
    issue,
    window,
    free: amount,
    returned: 0,
    isRecalled: false,
  };
}

/** Every deadline counts from the first sending of the ask (PROTOCOL 3). */
export function isSpent({ spendsForMs, issue }: LeaseInHand, now: ClockReading): boolean {
  return elapsedMs(issue.since, now) >= spendsForMs;
}

/** No hold of it is open any more. */
export function isOver({ endsAfterMs, issue }: LeaseInHand, now: ClockReading): boolean {
  return elapsedMs(issue.since, now) >= endsAfterMs;
}

/** A call that wants longer than a lease may carry gets a lease of its own (PROTOCOL 4). */
function carries({ carriesMs }: LeaseInHand, ttlMs: number): boolean {
  return ttlMs <= carriesMs;
}

/**
 * The instant of admission: the issuer's clock, read off the leases of all limits of a call
 * (PROTOCOL 9). Each is ahead of it by how long its ask took, so the least is nearest; but when a
 * lease was issued has passed for certain, which a slow clock may not know yet. Infinity: none.
 */
export function admissionOf(
  needs: readonly NeedInHand[],
  ttlMs: number,
  now: ClockReading,
): number {
  let nearest = Infinity;
  let latestIssue = -Infinity;
  let counted: Issue | null = null;
  for (const { limit } of needs) {
    for (const lease of limit.leases) {
      if (lease.issue === counted || isSpent(lease, now) || !carries(lease, ttlMs)) continue;
      counted = lease.issue;
      nearest = Math.min(nearest, counted.at + elapsedMs(counted.since, now));
      latestIssue = Math.max(latestIssue, counted.at);
    }
  }
  return Math.floor(Math.max(nearest, latestIssue));
}

/** May a hold that is admitted at `at` take from it? */
export function isUsable(
  lease: LeaseInHand,
  ttlMs: number,
  now: ClockReading,
  at: number,
): boolean {
  const { window } = lease;
  return (
    lease.free > 0 &&
    !lease.isRecalled &&
    !isSpent(lease, now) &&
    carries(lease, ttlMs) &&
    at >= window.from &&
    at < window.to
  );
}

/** Whether a hold that is admitted at `at` finds `amount` in a limit's leases. */
export function hasUsable(
  leases: readonly LeaseInHand[],
  amount: number,
  ttlMs: number,
  now: ClockReading,
  at: number,
): boolean {
  let left = amount;
  for (const lease of leases) {
    if (isUsable(lease, ttlMs, now, at)) left -= lease.free;
    if (left <= 0) return true;
  }
  return false;
}

/**
 * Takes `amount`, which {@link hasUsable} found, into `parts`: from one lease if one has enough, as
 * every lease that a hold names makes its token longer; else from several in their order.
 */
export function takeFrom(
  leases: readonly LeaseInHand[],
  amount: number,
  ttlMs: number,
  now: ClockReading,
  at: number,
  parts: PartInHand[],
): void {
  for (const lease of leases) {
    if (lease.free < amount || !isUsable(lease, ttlMs, now, at)) continue;
    parts.push(takePart(lease, amount));
    return;
  }
  let left = amount;
  for (const lease of leases) {
    if (left === 0) break;
    if (!isUsable(lease, ttlMs, now, at)) continue;
    const part = takePart(lease, Math.min(left, lease.free));
    left -= part.amount;
    parts.push(part);
  }
}

function takePart(lease: LeaseInHand, amount: number): PartInHand {
  lease.free -= amount;
  return { lease, amount };
}

/** Gives back what is not held. */
export function returnFree(lease: LeaseInHand): LeaseReturn[] {
  if (lease.free === 0) return [];
  lease.returned += lease.free;
  lease.free = 0;
  return [{ lease: lease.granted.id, total: lease.returned }];
}

/** Nobody may hold any of it any more. */
export function isEnded(lease: LeaseInHand, now: ClockReading): boolean {
  return lease.isRecalled || isSpent(lease, now);
}
