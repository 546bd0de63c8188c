import type { Shortage } from './ask';
import type { LeaseInHand } from './lease-in-hand';
import type { LimitInHand } from './limit-in-hand';

/**
 * What a call needs of one limit, in whichever window it is admitted: 1 at least, as what it does
 * not count takes nothing.
 */
export interface Need {
  /** The counter's name without its window. */
  readonly limit: string;
  readonly amount: number;
}

/** The same, of a limit as its gateway has it in hand. */
export interface NeedInHand {
  readonly limit: LimitInHand;
  readonly amount: number;
}

/** What a hold has of one lease. */
export interface PartInHand {
  readonly lease: LeaseInHand;
  readonly amount: number;
}

export interface Hold {
  readonly id: string;
  /** The issuer's clock, epoch ms: lies in the windows of all its leases (PROTOCOL 9). */
  readonly admittedAt: number;
  readonly expiresAt: number;
  /** In the order of the needs: those of one limit follow each other. */
  readonly parts: readonly PartInHand[];
}

/** Limits whose windows end soon: demand asks ahead for the next. */
export interface AheadNeed extends Need {
  /** The start of the next window, epoch ms. */
  readonly opensAt: number;
}

export type HoldAnswer =
  | { readonly kind: 'held'; readonly hold: Hold; readonly ahead: readonly AheadNeed[] }
  /** Limits of which the leases in hand don't hold enough: ask for them. */
  | { readonly kind: 'short'; readonly limits: readonly string[] }
  /** Entitlement's word of a moment ago, for a need no larger than this one. */
  | { readonly kind: 'refused'; readonly shortages: readonly Shortage[] };

/** `settled`: something was or may have been appended for it. */
export type ReleaseAnswer = 'released' | 'settled' | 'expired' | 'not-here';
