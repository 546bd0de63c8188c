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
  leases: readonly (readonly LeaseInHand[])[],
  ttlMs: number,
  now: ClockReading,
): number {
  let nearest = Infinity;
  let latestIssue = -Infinity;
  for (const siblings of leases) {
    for (const lease of siblings) {
      if (isSpent(lease, now) || !carries(lease, ttlMs)) continue;
      const { issuedAt } = lease.granted;
      nearest = Math.min(nearest, issuedAt + elapsedMs(lease.since, now));
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

/** What a hold that is admitted at `at` finds in a limit's leases. */
export function usableOf(
  leases: readonly LeaseInHand[],
  ttlMs: number,
  now: ClockReading,
  at: number,
): number {
  let sum = 0;
  for (const lease of leases) if (isUsable(lease, ttlMs, now, at)) sum += lease.free;
  return sum;
}

/**
 * Takes `amount`, which {@link usableOf} found: from one lease if one has enough, as every lease
 * that a hold names makes its token longer; else from several in their order.
 */
export function takeFrom(
  leases: readonly LeaseInHand[],
  amount: number,
  ttlMs: number,
  now: ClockReading,
  at: number,
): HoldPart[] {
  const usable = leases.filter((lease) => isUsable(lease, ttlMs, now, at));
  const whole = usable.find(({ free }) => free >= amount);
  const parts: HoldPart[] = [];
  let left = amount;
  for (const lease of whole ? [whole] : usable) {
    if (left === 0) break;
    const part = Math.min(left, lease.free);
    lease.free -= part;
    left -= part;
    parts.push({ lease: lease.granted.id, amount: part });
  }
  return parts;
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
