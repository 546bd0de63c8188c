import type { CustomerSnapshot, QuotaAsk, QuotaGrant } from '@tallyward/contracts';
import {
  type AskAnswer,
  type AskedLimit,
  type ClockReading,
  elapsedMs,
  type LeaseBook,
  nextChanceAt,
  type Shortage,
} from '@tallyward/domain';
import { LRUCache } from 'lru-cache';
import type { CustomerDesk } from './customer-desk';
import type { GatewayProcess } from './gateway-process';
import { bookKey, type KnownCounter } from './known-counter';
import { SILENT_AFTER_MS } from './lease-limits';
import { sharedSpan } from './shared-spans';

type Asked = Extract<QuotaAsk, { type: 'lease.asked' }>;
type Answered = Extract<QuotaGrant, { type: 'lease.granted' | 'lease.refused' }>;

export interface AskedCounter {
  readonly counter: KnownCounter;
  readonly need: number;
  readonly want: number;
}

/** An ask before it has its id. */
export interface NewAsk {
  readonly desk: CustomerDesk;
  readonly wants: readonly AskedCounter[];
  readonly watches: readonly KnownCounter[];
  readonly longestMs: number;
  readonly opensAt: number | null;
  readonly looks: boolean;
  readonly customerVersion: number;
}

/** `isRefused`: entitlement gives less than was needed. */
export interface Heard {
  readonly isRefused: boolean;
  readonly customer: CustomerSnapshot | null;
}

export interface PendingAsk {
  readonly desk: CustomerDesk;
  readonly message: Asked;
  /** Those that leases were asked of. */
  readonly counters: ReadonlySet<KnownCounter>;
  readonly since: ClockReading;
  /** For who waits for this answer alone; null: late. */
  readonly heard: (heard: Heard | null) => void;
}

/** An ask that nobody answers is given up after so long; what is granted then goes back at once. */
export const ASK_LASTS_MS = 30_000;
/** Asks given up that are remembered, the latest. */
const MOST_GIVEN_UP = 10_000;
/** While entitlement is silent, so often one call asks all the same: it may be back. */
const PROBE_EVERY_MS = 1_000;

/** Asks on their way, with what was sent: a repeat is the same message. */
export class Asks {
  private readonly pending = new Map<string, PendingAsk>();
  private readonly givenUp = new LRUCache<string, PendingAsk>({ max: MOST_GIVEN_UP });
  /** When the first ask was sent that came after entitlement's last answer; null: none did. */
  private unheardSince: ClockReading | null = null;
  private probedAt: ClockReading | null = null;

  constructor(
    private readonly book: LeaseBook,
    private readonly process: GatewayProcess,
    private readonly most: number,
  ) {}

  get size(): number {
    return this.pending.size;
  }

  get isFull(): boolean {
    return this.pending.size >= this.most;
  }

  /** What to send. */
  add(ask: NewAsk, now: ClockReading, heard: PendingAsk['heard'] = () => undefined): Asked {
    const { desk, longestMs, opensAt, looks } = ask;
    const id = this.process.nextAsk();
    // A look leases nothing: no call may wait for its answer instead of asking.
    const wants: AskedLimit[] = looks
      ? []
      : ask.wants.map(({ counter, need, want }) => ({ limit: counter.key, need, want }));
    this.book.asked({ id, gateway: this.process.id, wants, longestMs, opensAt }, now);
    const message: Asked = {
      type: 'lease.asked',
      project: desk.project,
      customer: desk.customer,
      gateway: this.process.id,
      ask: id,
      wants: ask.wants.map(({ counter, need, want }) => ({ limit: counter.name, need, want })),
      watches: ask.watches.map(({ name }) => name),
      longestMs,
      opensAt,
      looks,
      customerVersion: ask.customerVersion,
    };
    const counters = new Set(ask.wants.map(({ counter }) => counter));
    this.pending.set(id, { desk, message, counters, since: now, heard });
    this.unheardSince ??= now;
    return message;
  }

  /** Those that have had no answer for a second, as they were. */
  due(now: ClockReading): Asked[] {
    return this.book.asks.due(now).flatMap(({ id }) => this.pending.get(id)?.message ?? []);
  }

  /** The ask that an answer is for, once; undefined: leave it alone (PROTOCOL 2). */
  take(id: string): PendingAsk | undefined {
    const found = this.pending.get(id);
    if (!found) return undefined;
    this.pending.delete(id);
    this.unheardSince = null;
    mayAskAgain(found);
    return found;
  }

  /** An ask that was given up, once: what is granted to it was never taken. */
  takeGivenUp(id: string): PendingAsk | undefined {
    const found = this.givenUp.get(id);
    this.givenUp.delete(id);
    return found;
  }

  /** Gives up what nobody answers: no ask stays for ever, whatever became of its answer. */
  giveUpOld(now: ClockReading): void {
    for (const [id, ask] of this.pending) {
      if (elapsedMs(ask.since, now) < ASK_LASTS_MS) break;
      this.pending.delete(id);
      this.givenUp.set(id, ask);
      this.book.answered(id, { kind: 'refused', at: 0, shortages: [] }, now);
      mayAskAgain(ask);
      ask.heard(null);
    }
    if (this.pending.size === 0) this.unheardSince = null;
  }

  /** Entitlement answers nothing. One ask without an answer says nothing, if others have theirs. */
  isSilent(now: ClockReading): boolean {
    return this.unheardSince !== null && elapsedMs(this.unheardSince, now) >= SILENT_AFTER_MS;
  }

  /** Silent, and somebody asked all the same a moment ago: nobody else need wait for it. */
  isHopeless(now: ClockReading): boolean {
    if (!this.unheardSince || !this.isSilent(now)) return false;
    const silentMs = elapsedMs(this.unheardSince, now) - SILENT_AFTER_MS;
    const probedMs = this.probedAt ? elapsedMs(this.probedAt, now) : Infinity;
    if (Math.min(silentMs, probedMs) < PROBE_EVERY_MS) return true;
    this.probedAt = now;
    return false;
  }
}

/** Others of its customer may ask for what it asked for. */
function mayAskAgain({ desk, message }: PendingAsk): void {
  if (message.looks) return;
  if (message.customerVersion === 0) desk.isIntroducing = false;
  if (message.watches.length > 0) desk.isWatching = false;
}

/** An answer in the lease book's names. */
export function answerOf(grant: Answered, desk: CustomerDesk): AskAnswer {
  if (grant.type === 'lease.granted') {
    const leases = grant.leases.map((lease) => ({
      ...lease,
      limit: bookKey(desk.key, lease.limit),
      window: sharedSpan(lease.window),
    }));
    return { kind: 'granted', leases };
  }
  const shortages = grant.shortages.flatMap((shortage): Shortage[] => {
    // Of another tier: the customer's snapshot comes with the answer, and says which limits count.
    if (shortage.reason === 'not-a-limit') return [];
    const state = grant.counters.find(({ limit }) => limit === shortage.limit);
    const counter = desk.counters.get(shortage.limit);
    const chance =
      counter && state ? nextChanceAt(counter.limit, state.window, grant.at) : Infinity;
    return [
      {
        ...shortage,
        reason: shortage.reason,
        limit: bookKey(desk.key, shortage.limit),
        resetAt: Math.min(shortage.resetAt, chance),
      },
    ];
  });
  return { kind: 'refused', at: grant.at, shortages };
}
