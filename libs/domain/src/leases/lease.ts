import type { Span } from '../calendar';

/** A slice of one counter, handed to one gateway process. Amounts in the counter's unit. */
export interface Lease {
  readonly id: string;
  readonly gateway: string;
  readonly counter: string;
  readonly granted: number;
  /** The total its gateway gave back so far. */
  readonly returned: number;
  /** What folded settlements moved from it to `used`. */
  readonly settled: number;
  readonly open: boolean;
  /** By Postgres' clock, epoch ms, as are the two deadlines. */
  readonly issuedAt: number;
  /** No new hold from here on. */
  readonly spendUntil: number;
  /** No hold of it is open from here on: `spendUntil` and the longest hold it may carry. */
  readonly settleUntil: number;
}

/** What entitlement tells a gateway of a new lease. */
export interface LeaseGranted {
  readonly id: string;
  readonly counter: string;
  /** The counter's name without its window. */
  readonly limit: string;
  readonly amount: number;
  readonly issuedAt: number;
  readonly spendUntil: number;
  readonly settleUntil: number;
  /** The counter's window: no hold is admitted at an instant outside it. */
  readonly window: Span;
}

/** The total given back of a lease so far. */
export interface LeaseReturn {
  readonly lease: string;
  readonly total: number;
}

/** What of a lease is in neither the gateway's returns nor the folded log. */
export function outstanding({ granted, returned, settled }: Lease): number {
  return granted - returned - settled;
}

/** The part of a hold that one lease carries. */
export interface HoldPart {
  readonly lease: string;
  readonly amount: number;
}

/**
 * What each part of a hold pays of what the call really used, asked part by part: in their order,
 * none more than it holds. The fold and the gateway that gives back the rest must agree, so both
 * ask here.
 */
export class Spread {
  constructor(private left: number) {}

  pays(amount: number): number {
    const paid = Math.min(this.left, amount);
    this.left -= paid;
    return paid;
  }
}
