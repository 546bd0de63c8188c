import { type ClockReading, elapsedMs } from './elapsed';
import type { HoldPart, LeaseGranted, LeaseReturn } from './lease';

/** A lease in the memory of the gateway that it was granted to. */
export interface LeaseInHand {
  readonly granted: LeaseGranted;
  /** When its ask was first sent, by this process' clocks. */
  readonly since: ClockReading;
  /** In no hold, and not given back. */
  free: number;
  returned: number;
  /** Entitlement wants back what is not held, now and later. */
  isRecalled: boolean;
}

/** Every deadline counts from the first sending of the ask (PROTOCOL 3). */
export function isSpent({ granted, since }: LeaseInHand, now: ClockReading): boolean {
  return elapsedMs(since, now) >= granted.spendUntil - granted.issuedAt;
}

/** No hold of it is open any more. */
export function isOver({ granted, since }: LeaseInHand, now: ClockReading): boolean {
  return elapsedMs(since, now) >= granted.settleUntil - granted.issuedAt;
}

/** A call that wants longer than a lease may carry gets a lease of its own (PROTOCOL 4). */
function carries({ granted }: LeaseInHand, ttlMs: number): boolean {
  return ttlMs <= granted.settleUntil - granted.spendUntil;
}

/**
 * The instant of admission: the issuer's clock, read off the leases of all limits of a call
 * (PROTOCOL 9). Each is ahead of it by how long its ask took, so the least is nearest; but when a
 * lease was issued has passed for certain, which a slow clock may not know yet. Infinity: none.
 */
export function admissionOf(
  limits: readonly ({ readonly leases: readonly LeaseInHand[] } | undefined)[],
  ttlMs: number,
  now: ClockReading,
): number {
  let nearest = Infinity;
  let latestIssue = -Infinity;
  for (const limit of limits) {
    if (limit === undefined) continue;
    for (const lease of limit.leases) {
      const { issuedAt, spendUntil } = lease.granted;
      const elapsed = elapsedMs(lease.since, now);
      if (elapsed >= spendUntil - issuedAt || !carries(lease, ttlMs)) continue;
      nearest = Math.min(nearest, issuedAt + elapsed);
      latestIssue = Math.max(latestIssue, issuedAt);
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
  const { window } = lease.granted;
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
 * Takes `amount`, which {@link hasUsable} found: from one lease if one has enough, as every lease
 * that a hold names makes its token longer; else from several in their order.
 */
export function takeFrom(
  leases: readonly LeaseInHand[],
  amount: number,
  ttlMs: number,
  now: ClockReading,
  at: number,
): HoldPart[] {
  for (const lease of leases) {
    if (lease.free < amount || !isUsable(lease, ttlMs, now, at)) continue;
    return [takePart(lease, amount)];
  }
  const parts: HoldPart[] = [];
  let left = amount;
  for (const lease of leases) {
    if (left === 0) break;
    if (!isUsable(lease, ttlMs, now, at)) continue;
    const part = takePart(lease, Math.min(left, lease.free));
    left -= part.amount;
    parts.push(part);
  }
  return parts;
}

function takePart(lease: LeaseInHand, amount: number): HoldPart {
  lease.free -= amount;
  return { lease: lease.granted.id, amount };
}

/** Gives back what is not held. */
export function returnFree(lease: LeaseInHand): LeaseReturn[] {
  if (lease.free === 0) return [];
  lease.returned += lease.free;
  lease.free = 0;
  return [{ lease: lease.granted.id, total: lease.returned }];
}

/** Gives back what nobody may hold any more. */
export function returnUnspendable(lease: LeaseInHand, now: ClockReading): LeaseReturn[] {
  return lease.isRecalled || isSpent(lease, now) ? returnFree(lease) : [];
}
