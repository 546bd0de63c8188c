import type { Difference, LineChange, Span, Unit } from '@tallyward/domain';

/** A customer's period; instants are epoch ms. */
export interface PeriodKey {
  readonly project: string;
  readonly customer: string;
  readonly period: Span;
}

/** A customer with usage that no record tells. */
export interface Unbilled {
  readonly project: string;
  readonly customer: string;
  readonly partition: number;
  /** No quarter before it has any, epoch ms. */
  readonly oldest: number;
}

/** How a period was closed last. */
export interface ClosedPeriod extends Span {
  readonly timeZone: string;
  /** Every event of the customer before this offset is in. */
  readonly asOf: bigint;
  readonly revision: number;
}

/** A period that is over, and has usage that no record tells. */
export interface DuePeriod extends PeriodKey {
  readonly partition: number;
  readonly timeZone: string;
  /** Undefined: it was never closed. */
  readonly before?: ClosedPeriod | undefined;
}

/** An entry for the log. */
export interface OutboxEntry {
  readonly topic: string;
  readonly key: string;
  readonly value: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** One record, as it is stored and as it goes out. */
export interface ToldLine {
  readonly recordId: string;
  readonly line: LineChange;
  readonly entry: OutboxEntry;
}

/** A proven period with all that its closing says. */
export interface Closing extends DuePeriod {
  readonly revision: number;
  readonly asOf: bigint;
  readonly events: number;
  readonly proof: bigint;
  /** Epoch ms. */
  readonly closedAt: number;
  readonly records: readonly ToldLine[];
}

export interface HeldPeriod extends PeriodKey {
  readonly partition: number;
  readonly timeZone: string;
}

/** A period whose sides do not agree, and what differs. */
export interface HeldBack extends HeldPeriod {
  readonly reason: string;
  readonly differences: readonly Difference[];
  /** Published when it is held back for the first time. */
  readonly fact?: OutboxEntry | undefined;
}

/** What one side says of a period. */
export interface SideProof {
  readonly amounts: Readonly<Record<Unit, number>>;
  readonly proof: bigint;
}

/** What the log itself says. */
export interface LogSide extends SideProof {
  /** The last event's offset; -1: none. */
  readonly last: bigint;
}
