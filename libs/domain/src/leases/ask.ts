import type { LeaseGranted } from './lease';

/** A gateway asks for leases on one customer's limits, all or none. */
export interface Ask {
  /** With the random id of the process (PROTOCOL 2); a repeat has the same. */
  readonly id: string;
  readonly gateway: string;
  readonly wants: readonly AskedLimit[];
  /** The longest hold that the leases are to carry. */
  readonly longestMs: number;
  /** The start of the windows that are asked for ahead, epoch ms; null: those of now. */
  readonly opensAt: number | null;
}

export interface AskedLimit {
  readonly limit: string;
  /** What the call at hand takes. */
  readonly need: number;
  /** With so much there would be no further ask for a while. */
  readonly want: number;
}

/** Why a limit gives nothing: `held` when only leases are in the way, which may come back. */
export interface Shortage {
  readonly limit: string;
  readonly reason: 'used-up' | 'held';
  readonly need: number;
  readonly used: number;
  readonly leased: number;
  readonly amount: number;
  /** The end of the window, epoch ms. */
  readonly resetAt: number;
}

export type AskAnswer =
  | { readonly kind: 'granted'; readonly leases: readonly LeaseGranted[] }
  | {
      readonly kind: 'refused';
      /** By Postgres' clock, epoch ms. */
      readonly at: number;
      readonly shortages: readonly Shortage[];
    };
