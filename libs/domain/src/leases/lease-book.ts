import type { Ask, AskAnswer } from './ask';
import type { ClockReading } from './elapsed';
import type { AheadNeed, HoldAnswer, NeedInHand, PartInHand } from './hold';
import { HoldsInHand } from './holds-in-hand';
import type { LeaseGranted, LeaseReturn } from './lease';
import {
  admissionOf,
  isOver,
  isSpent,
  type Issue,
  type LeaseInHand,
  leaseInHand,
  returnFree,
  takeFrom,
} from './lease-in-hand';
import {
  countDemand,
  isIdle,
  type LimitInHand,
  newLimit,
  nextWindowOf,
  shortageTo,
  setEndedApart,
  shortIn,
  refusalFrom,
  wantOf,
} from './limit-in-hand';
import { PendingAsks } from './pending-asks';

/** Limits looked at in one sweep, at most: a sweep is one synchronous section. */
const SWEEP = 1_000;

/**
 * One gateway process' leases, in memory alone. Every method is one synchronous section; what
 * crosses a process is its caller's to send: asks, and the returns that methods answer.
 */
export class LeaseBook {
  readonly holds = new HoldsInHand();
  readonly asks = new PendingAsks();
  private readonly limits = new Map<string, LimitInHand>();
  private readonly leases = new Map<string, LeaseInHand>();
  private cursor = this.limits.entries();

  /** `aheadMs`: the next window is asked for so long before its start. */
  constructor(private readonly aheadMs: number) {}

  /**
   * A limit by its name. Who keeps it looks at `isForgotten` before each use, and asks again then.
   */
  limit(name: string, now: ClockReading): LimitInHand {
    const found = this.limits.get(name);
    if (found) return found;
    const made = newLimit(name, now);
    this.limits.set(name, made);
    return made;
  }

  /** All limits are checked, then all are taken (PROTOCOL 8). Each limit is named once. */
  hold(id: string, needs: readonly NeedInHand[], ttlMs: number, now: ClockReading): HoldAnswer {
    const admittedAt = admissionOf(needs, ttlMs, now);
    const short = shortIn(needs, ttlMs, now, admittedAt);
    if (short.length > 0) return shortOf(short, now);
    const [ahead, parts]: [AheadNeed[], PartInHand[]] = [[], []];
    for (const { limit, amount } of needs) {
      countDemand(limit, amount, now);
      const opensAt = nextWindowOf(limit, admittedAt, this.aheadMs);
      if (opensAt !== null) ahead.push({ limit: limit.name, amount, opensAt });
      takeFrom(limit.leases, amount, ttlMs, now, admittedAt, parts);
    }
    const hold = { id, admittedAt, expiresAt: admittedAt + ttlMs, parts };
    this.holds.add(hold, ttlMs, now);
    return { kind: 'held', hold, ahead };
  }

  /** What `hold` would answer; takes nothing. Null: the leases in hand do. */
  look(needs: readonly NeedInHand[], ttlMs: number, now: ClockReading): HoldAnswer | null {
    const short = shortIn(needs, ttlMs, now, admissionOf(needs, ttlMs, now));
    return short.length > 0 ? shortOf(short, now) : null;
  }

  /** What an ask for `need` of a limit should want, to last for `forMs`. */
  want(limit: string, need: number, forMs: number, now: ClockReading): number {
    return wantOf(this.limits.get(limit) ?? newLimit(limit, now), need, forMs, now);
  }

  /** A call that finds this may wait for the answer instead of asking too. */
  isAsking(limit: string): boolean {
    return (this.limits.get(limit)?.asks ?? 0) > 0;
  }

  /** An ask goes out for the first time. */
  asked(ask: Ask, now: ClockReading): void {
    if (!this.asks.add(ask, now)) return;
    for (const { limit } of ask.wants) {
      const found = this.limit(limit, now);
      if (ask.opensAt === null) found.asks += 1;
      else found.askedAhead = ask.opensAt;
    }
  }

  /**
   * The answer to an ask. Taken once, and only while the ask is pending (PROTOCOL 2); null: left
   * alone. What arrives spent goes back at once.
   */
  answered(id: string, answer: AskAnswer, now: ClockReading): LeaseReturn[] | null {
    const pending = this.asks.take(id);
    if (!pending) return null;
    const { ask, since } = pending;
    const isNow = ask.opensAt === null;
    for (const { limit } of ask.wants) if (isNow) this.limit(limit, now).asks -= 1;
    if (answer.kind === 'granted') {
      const issues = new Map<number, Issue>();
      return answer.leases.flatMap((lease) => this.take(lease, issueOf(lease, since, issues), now));
    }
    for (const shortage of answer.shortages) {
      if (!isNow) continue; // of the next window: it says nothing of this one
      this.limit(shortage.limit, now).refusal = refusalFrom(shortage, answer.at, since);
    }
    return [];
  }

  /** Entitlement wants these leases back: what is held of them follows as it becomes free. */
  recalled(leases: readonly string[]): LeaseReturn[] {
    return leases.flatMap((id) => {
      const found = this.leases.get(id);
      if (!found) return [];
      found.isRecalled = true;
      const returns = returnFree(found);
      // What is all held frees nothing: a no that stands is asked about again and again.
      if (returns.length > 0) this.freed([found.granted.limit]);
      return returns;
    });
  }

  /** Something came back to these limits, or their amount rose: a cached no says nothing now. */
  freed(limits: readonly string[]): void {
    for (const limit of limits) {
      const found = this.limits.get(limit);
      if (found) found.refusal = null;
    }
  }

  /** A change of tier or a kill switch for these limits; all of them on a graceful stop. */
  giveUp(limits: readonly string[] | 'all'): LeaseReturn[] {
    const names = limits === 'all' ? [...this.limits.keys()] : limits;
    return this.recalled(
      names.flatMap((name) => {
        this.freed([name]);
        const { leases = [], ended = [] } = this.limits.get(name) ?? {};
        return [...leases, ...ended].map(({ granted }) => granted.id);
      }),
    );
  }

  /** Gives back what nobody may spend any more, and drops what time has closed. Call it often. */
  sweep(now: ClockReading): LeaseReturn[] {
    this.holds.sweep(now);
    const returns: LeaseReturn[] = [];
    for (let seen = 0; seen < SWEEP; seen++) {
      const { value, done } = this.cursor.next();
      if (done) {
        this.cursor = this.limits.entries();
        break;
      }
      const [name, limit] = value;
      setEndedApart(limit, now);
      for (const lease of limit.ended) {
        returns.push(...returnFree(lease));
        if (isOver(lease, now)) this.leases.delete(lease.granted.id);
      }
      limit.ended = limit.ended.filter((lease) => !isOver(lease, now));
      if (!isIdle(limit, now)) continue;
      limit.isForgotten = true;
      this.limits.delete(name);
    }
    return returns;
  }

  /** The leases in hand, spent ones too until they are over. */
  inHand(): Iterable<LeaseInHand> {
    return this.leases.values();
  }

  get knownLimits(): number {
    return this.limits.size;
  }

  private take(granted: LeaseGranted, issue: Issue, now: ClockReading): LeaseReturn[] {
    const { id, amount } = granted;
    const limit = this.limit(granted.limit, now);
    const lease = leaseInHand(granted, limit, issue);
    if (isSpent(lease, now)) return [{ lease: id, total: amount }];
    this.leases.set(id, lease);
    setEndedApart(limit, now);
    limit.leases.push(lease);
    limit.refusal = null;
    return [];
  }
}

function issueOf(
  { issuedAt: at }: LeaseGranted,
  since: ClockReading,
  issues: Map<number, Issue>,
): Issue {
  const issue = issues.get(at) ?? { at, since };
  issues.set(at, issue);
  return issue;
}

function shortOf(short: readonly NeedInHand[], now: ClockReading): HoldAnswer {
  const shortages = short.flatMap(({ limit, amount }) => shortageTo(limit, amount, now) ?? []);
  if (shortages.length > 0) return { kind: 'refused', shortages };
  return { kind: 'short', limits: short.map(({ limit: { name } }) => name) };
}
