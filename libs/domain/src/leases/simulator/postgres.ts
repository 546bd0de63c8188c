import type { Span } from '../../calendar';
import type { Ask, AskAnswer } from '../ask';
import {
  type CounterLine,
  deadlinesOf,
  decideGrant,
  drawnAt,
  type GrantDecision,
  lend,
  type LeaseTerms,
} from '../grant';
import type { Lease, LeaseGranted } from '../lease';
import {
  type LeaseChange,
  type LogProgress,
  payFromLeases,
  reclaimStep,
  returnLease,
} from '../ledger';
import type { Settled } from './log';
import type { SimulatedLimit } from './setting';

export interface SimulatedCounter extends CounterLine {
  readonly window: Span;
  amount: number;
  used: number;
  leased: number;
  /** What was used and out when its amount was last lowered: I3 is measured against it. */
  ceiling: number;
  /** What holds came to that the world has forgotten; see real-state. */
  spentBefore: number;
  /** Scratch of the check of the real state. */
  spent: number;
}

/** A transaction that has read, and has not written yet. */
export interface GrantPlan {
  readonly ask: Ask;
  readonly at: number;
  readonly from: number;
  readonly counters: readonly SimulatedCounter[];
  readonly decision: GrantDecision;
}

/** What the fold of one entry came to. */
export interface Folded {
  /** The gateways that hold its leases and did not append it. */
  readonly owners: ReadonlySet<string>;
  readonly isLate: boolean;
}

/** The store and the transactions that entitlement runs on it. Instants are its own clock's. */
export class SimulatedPostgres {
  readonly counters = new Map<string, SimulatedCounter>();
  readonly open = new Map<string, Lease>();
  readonly closed = new Map<string, Lease>();
  readonly answers = new Map<string, AskAnswer>();
  private readonly folded = new Set<string>();
  private readonly marks = new Map<string, number>();
  private lastLease = 0;

  constructor(
    readonly limits: readonly SimulatedLimit[],
    private readonly terms: LeaseTerms,
  ) {}

  limit(name: string): SimulatedLimit {
    return this.limits.find((one) => one.name === name) as SimulatedLimit;
  }

  counter(name: string, at: number): SimulatedCounter {
    const limit = this.limit(name);
    const window = limit.windowOf(at);
    const id = `${name}@${window.from}`;
    const found = this.counters.get(id);
    if (found) return found;
    const line = { id, limit: name, window, amount: limit.amount, used: 0, leased: 0 };
    const made = { ...line, ceiling: 0, spentBefore: 0, spent: 0 };
    this.counters.set(id, made);
    return made;
  }

  plan(ask: Ask, now: number): GrantPlan {
    const from = drawnAt(ask, now, this.terms);
    const counters = ask.wants.map(({ limit }) => this.counter(limit, from));
    return { ask, at: now, from, counters, decision: decideGrant(ask, counters, this.terms) };
  }

  /** PROTOCOL 1, 2: one answer for every repeat. Null: what was read holds no more; plan anew. */
  commit({ ask, at, from, counters, decision }: GrantPlan): AskAnswer | null {
    const before = this.answers.get(ask.id);
    if (before) return before;
    if (decision.kind === 'refused') {
      return this.keep(ask, { kind: 'refused', at, shortages: decision.shortages });
    }
    const { slices, lengthsMs } = decision;
    const leased = counters.map((counter, index) => lend(counter, slices[index] as number));
    if (leased.includes(null)) return null;
    const leases = counters.map((counter, index): LeaseGranted => {
      counter.leased = leased[index] as number;
      const { id: on, limit, window } = counter;
      const deadlines = deadlinesOf(ask, from, lengthsMs[index] as number, window);
      const times = { issuedAt: at, ...deadlines };
      const id = `lease-${(this.lastLease += 1)}`;
      const amount = slices[index] as number;
      const lease = { id, gateway: ask.gateway, counter: on, granted: amount, ...times };
      this.open.set(id, { ...lease, returned: 0, settled: 0, open: true });
      return { id, counter: on, limit, amount, window, ...times };
    });
    return this.keep(ask, { kind: 'granted', leases });
  }

  /** Whether something came back. */
  returned(id: string, total: number): boolean {
    const lease = this.leaseOf(id);
    return lease !== undefined && this.apply(returnLease(lease, total)) > 0;
  }

  /** Folds one entry; null for a copy of what was folded before (PROTOCOL 11, 13). */
  fold({ hold, admittedAt, by, used, parts }: Settled): Folded | null {
    if (this.folded.has(hold)) return null;
    this.folded.add(hold);
    for (const { name } of this.limits) {
      const actual = used.get(name) ?? 0;
      if (actual > 0) this.counter(name, admittedAt).used += actual;
      const leases = parts.filter(({ limit }) => limit === name);
      const { changes } = payFromLeases(actual, leases, (id) => this.leaseOf(id));
      for (const change of changes) this.apply(change);
    }
    const named = parts.map(({ lease }) => this.leaseOf(lease));
    const owners = new Set(named.flatMap((lease) => (lease ? [lease.gateway] : [])));
    owners.delete(by);
    return { owners, isLate: named.some((lease) => lease?.open === false) };
  }

  /** PROTOCOL 15; answers how many were closed. */
  reclaim(now: number, log: LogProgress): number {
    let closed = 0;
    for (const lease of this.open.values()) {
      const step = reclaimStep(lease, this.marks.get(lease.id) ?? null, now, log);
      if (step.kind === 'mark') this.marks.set(lease.id, step.end);
      if (step.kind !== 'reclaim') continue;
      this.apply(step.change);
      closed += 1;
    }
    return closed;
  }

  /** A change of tier, as far as counters see it. */
  setAmount(limit: SimulatedLimit, amount: number): void {
    limit.amount = amount;
    for (const counter of this.counters.values()) {
      if (counter.limit !== limit.name) continue;
      if (amount < counter.amount) counter.ceiling = counter.used + counter.leased;
      counter.amount = amount;
    }
  }

  leaseOf(id: string): Lease | undefined {
    return this.open.get(id) ?? this.closed.get(id);
  }

  private keep(ask: Ask, answer: AskAnswer): AskAnswer {
    this.answers.set(ask.id, answer);
    return answer;
  }

  private apply({ lease, freed }: LeaseChange): number {
    if (!lease.open) {
      this.open.delete(lease.id);
      this.closed.set(lease.id, lease);
    } else this.open.set(lease.id, lease);
    (this.counters.get(lease.counter) as SimulatedCounter).leased -= freed;
    return freed;
  }
}
