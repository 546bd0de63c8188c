import type { Hold } from '../hold';
import type { SimulatedGateway } from './gateway';
import { type Flight, isInTime, type LogEntry } from './log';
import type { SimulatedCounter } from './postgres';

/** A hold as the world sees it, whatever its gateway remembers. */
export interface KnownHold {
  readonly hold: Hold;
  readonly owner: SimulatedGateway;
  /** The counters that its call counts on: those of the instant of admission. */
  readonly claims: readonly Claim[];
  /** The client has it, and may settle it. */
  isAnswered: boolean;
  /** Its client settles it late, if ever. */
  readonly isLazy: boolean;
  /** By its owner, which had appended nothing for it: a settlement counts as without a hold. */
  isReleased: boolean;
  /** How many appends of its owner are in the log, or may be. */
  appendsAtOwner: number;
  /** The owner knows what came of it: from then on a client may well report something else. */
  isOwnerSure: boolean;
  /** What the client reported first. */
  reported: ReadonlyMap<string, number> | null;
  /** The first settlement in the log. */
  entry: LogEntry | null;
  flights: readonly Flight[];
  /** It counts no more. */
  isPast: boolean;
}

export interface Claim {
  readonly limit: string;
  readonly counter: SimulatedCounter;
  readonly amount: number;
}

export function knownHold(
  hold: Hold,
  owner: SimulatedGateway,
  claims: readonly Claim[],
  isLazy: boolean,
): KnownHold {
  const nothingYet = { isAnswered: false, isReleased: false, appendsAtOwner: 0 };
  const unreported = { isOwnerSure: false, reported: null, entry: null, flights: [] };
  const isPast = false;
  return { hold, owner, claims, isLazy, ...nothingYet, ...unreported, isPast };
}

/** Its deadline has not passed: by the issuer's clock or by its owner's, whichever is later. */
export function isInDeadline({ hold, owner }: KnownHold, now: number): boolean {
  if (now <= hold.expiresAt) return true;
  return !owner.isDead && owner.book.holds.isOpen(hold.id, owner.clocks);
}

/** May its call still be running, or a settlement that comes in time be on its way? */
export function isRunning(known: KnownHold, now: number): boolean {
  return isInDeadline(known, now) || known.flights.some(isInTime);
}

/** What a claim came to, or may yet (I3). */
export function spentOf(known: KnownHold, { limit, amount }: Claim, isRunningNow: boolean): number {
  const { entry, isReleased } = known;
  if (isReleased) return 0;
  if (entry) return entry.isTimely ? Math.min(amount, entry.used.get(limit) ?? 0) : 0;
  return isRunningNow ? amount : 0;
}
