import type { HoldPart } from './leases/lease';
import type { Amounts } from './units';

/** Who did what in a call, beside the customer; '' where the client named none. */
export interface UsageLabels {
  readonly workspace: string;
  readonly user: string;
  readonly role: string;
  readonly model: string;
  readonly modelGroup: string;
}

/**
 * One call as the log holds it (the fact `usage.recorded`): all that a fold needs, so that it looks
 * nothing up. `time` and `receivedAt` are epoch milliseconds.
 */
export interface UsageEvent extends UsageLabels {
  readonly project: string;
  readonly customer: string;
  readonly source: string;
  readonly id: string;
  readonly time: number;
  readonly receivedAt: number;
  readonly catalogueVersion: number;
  /**
   * SHA-256 (hex) of the canonical JSON of what the client sent: tells a resend from a conflict.
   */
  readonly content: string;
  readonly amounts: Amounts;
  readonly tags: Readonly<Record<string, string>>;
  /** The hold that it settles; null: reported without one. */
  readonly hold: SettledHold | null;
}

/** What the fold of a settlement must know of its hold (PROTOCOL 13, 17). */
export interface SettledHold {
  /** The hold's number at the gateway process that admitted it. */
  readonly number: number;
  readonly gateway: string;
  /** The gateway process that settled it. */
  readonly settledBy: string;
  readonly tier: { readonly name: string; readonly version: number };
  readonly expiresAt: number;
  readonly parts: readonly HoldPart[];
}

/** An event at its place in the log; `appendedAt` is the broker's clock, epoch milliseconds. */
export interface LoggedEvent {
  readonly partition: number;
  readonly offset: bigint;
  readonly appendedAt: number;
  readonly event: UsageEvent;
}

/** Model group of a model that nobody registered. */
export const UNCLASSIFIED = 'unclassified';
