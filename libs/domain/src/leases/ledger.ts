import { type HoldPart, type Lease, outstanding, Spread } from './lease';

/** A change of one lease and what it takes off its counter's `leased`. */
export interface LeaseChange {
  readonly lease: Lease;
  readonly freed: number;
}

/**
 * A gateway gave back `total` so far. The largest total counts, so a repeated or overtaken return
 * changes nothing; never more than is left, and nothing once the lease is closed (PROTOCOL 7).
 */
export function returnLease(lease: Lease, total: number): LeaseChange {
  if (!lease.open) return { lease, freed: 0 };
  const returned = Math.max(lease.returned, Math.min(total, lease.granted - lease.settled));
  return { lease: { ...lease, returned }, freed: returned - lease.returned };
}

/** A folded settlement pays `amount` out of a lease; nothing from a closed one (PROTOCOL 13). */
export function settleLease(lease: Lease, amount: number): LeaseChange {
  if (!lease.open) return { lease, freed: 0 };
  const moved = Math.min(amount, outstanding(lease));
  return { lease: { ...lease, settled: lease.settled + moved }, freed: moved };
}

/** What one settlement takes from the leases that its hold names for one limit. */
export interface Payment {
  readonly changes: readonly LeaseChange[];
  /** What no lease paid: above the hold, late, or without a hold. */
  readonly uncovered: number;
}

/** `actual` is what the event counts on this limit: 0 where its model counts elsewhere. */
export function payFromLeases(
  actual: number,
  parts: readonly HoldPart[],
  leaseOf: (id: string) => Lease | undefined,
): Payment {
  let uncovered = actual;
  const spread = new Spread(actual);
  const changes = parts.flatMap((part) => {
    const paid = spread.pays(part.amount);
    const lease = leaseOf(part.lease);
    if (!lease) return [];
    const change = settleLease(lease, paid);
    uncovered -= change.freed;
    return [change];
  });
  return { changes, uncovered };
}

/**
 * What of an event's uncovered use passes the amount, given the counter after the event: what is
 * leased is promised to others, so it counts. No replay can derive it: leases are not in the log.
 */
export function overrunOf(
  uncovered: number,
  { used, leased, amount }: { readonly used: number; readonly leased: number; amount: number },
): number {
  return Math.max(0, Math.min(uncovered, used + leased - amount));
}

/** A margin for clocks that drift, and for an append that began in time (PROTOCOL 15). */
export const MARGIN_MS = 2_000;
const MARGIN_PER_MILLE = 3;

/**
 * The first instant at which the log's end may be taken for a lease's last, by Postgres' clock,
 * epoch ms. `logBackAt`: when the last outage of the log ended, as what waited for it lands then.
 */
export function reclaimableFrom({ issuedAt, settleUntil }: Lease, logBackAt: number): number {
  const drift = Math.ceil(((settleUntil - issuedAt) * MARGIN_PER_MILLE) / 1_000);
  return Math.max(settleUntil, logBackAt) + MARGIN_MS + drift;
}

/** What entitlement knows of the log partition that a lease's customer is in. */
export interface LogProgress {
  readonly logBackAt: number;
  /** Null while the log is away. */
  readonly end: number | null;
  readonly foldedTo: number;
}

export type ReclaimStep =
  | { readonly kind: 'wait' }
  /** Keep this end with the lease: all that settles it in time lies before. */
  | { readonly kind: 'mark'; readonly end: number }
  | { readonly kind: 'reclaim'; readonly change: LeaseChange };

/** What to do with a lease now; `mark`: the log's end kept for it, or null (PROTOCOL 15). */
export function reclaimStep(
  lease: Lease,
  mark: number | null,
  now: number,
  { logBackAt, end, foldedTo }: LogProgress,
): ReclaimStep {
  if (!lease.open) return { kind: 'wait' };
  if (mark === null) {
    if (end === null || now < reclaimableFrom(lease, logBackAt)) return { kind: 'wait' };
    return { kind: 'mark', end };
  }
  if (foldedTo < mark) return { kind: 'wait' };
  return {
    kind: 'reclaim',
    change: { lease: { ...lease, open: false }, freed: outstanding(lease) },
  };
}
