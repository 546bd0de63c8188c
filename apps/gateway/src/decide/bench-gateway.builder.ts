import {
  type Amounts,
  type Ask,
  type AskAnswer,
  type Call,
  type ClockReading,
  counterName,
  decide,
  type Decision,
  type Estimate,
  demandOf,
  type Hold,
  isLeased,
  LEASE_TERMS,
  LeaseBook,
  type LeaseReturn,
  type Limit,
  limitKey,
  type Met,
  type Spender,
  type Word,
  wordOf,
} from '@tallyward/domain';
import { HoldTokens } from '../holds/hold-tokens';

const PROJECT = 'demo';
/** Asks of one call, at most. */
const MOST_ASKS = 4;

/** Whoever answers asks; at once, or later. */
export interface Asked {
  answer(ask: Ask, now: number): AskAnswer;
  returned(returns: readonly LeaseReturn[]): void;
}

export interface BenchCall {
  readonly customer: string;
  readonly modelGroup: string;
  readonly estimate: Estimate;
  readonly ttlMs: number;
}

/** A gateway's decisions without HTTP and without a log: leases, holds, tokens. */
export class BenchGateway implements Spender<Hold> {
  readonly book = new LeaseBook(LEASE_TERMS.aheadMs);
  private readonly tokens = new HoldTokens('the secret of a bench');
  private readonly units: ReadonlyMap<string, Limit['unit']>;
  private readonly tier = { name: 'Bench', version: 1 };
  private readonly waiting = new Map<string, Promise<void>>();
  private readonly names = new Map<string, Map<Limit, string>>();
  private holds = 0;
  private lastAsk = 0;
  private now: ClockReading = reading();
  private ttlMs = 0;

  /** `delayMs`: how long an ask's answer takes; 0: none at all. */
  constructor(
    private readonly limits: readonly Limit[],
    private readonly entitlement: Asked,
    private readonly delayMs: number,
  ) {
    this.units = new Map(limits.map((limit) => [limitKey(limit), limit.unit]));
  }

  /** One synchronous section; a signed hold where the leases in hand do. */
  decideNow({ customer, modelGroup, estimate, ttlMs }: BenchCall): Decision<string> {
    this.now = reading();
    this.ttlMs = ttlMs;
    const scopes = { customer, workspace: '', user: '', role: '' };
    const call: Call = { modelGroup, demand: demandOf(estimate), scopes };
    const decision = decide(this.limits, call, this, this.nameOf);
    if (decision.kind !== 'serve') return decision;
    const { id, admittedAt, expiresAt, parts } = decision.hold;
    const token = {
      hold: Number(id),
      gateway: 'gateway-1.x7k2m9',
      customer,
      tier: this.tier,
      modelGroup: decision.modelGroup,
      estimate,
      labels: scopes,
      admittedAt,
      expiresAt,
      parts: parts.flatMap(({ leases }) =>
        leases.map(({ lease, amount }) => ({ lease: Number(lease), amount })),
      ),
    };
    const signed = this.tokens.sign(token, PROJECT);
    if (signed === null) throw new Error('a hold too long to be signed');
    return { ...decision, hold: signed };
  }

  /** Asks as often as a gateway would. */
  async decide(call: BenchCall): Promise<Decision<string>> {
    let decision = this.decideNow(call);
    for (let asks = 0; decision.kind === 'ask' && asks < MOST_ASKS; asks += 1) {
      await this.ask(call, decision.met);
      decision = this.decideNow(call);
    }
    return decision;
  }

  /** The log acked what a call used; its hold's rest goes back. */
  settle(signed: string, used: Amounts): void {
    const token = this.tokens.read(signed, PROJECT);
    if (!token) throw new Error('a hold that this gateway did not sign');
    const id = String(token.hold);
    this.book.holds.settling(id, reading());
    this.book.holds.appended(id, 'acked', (limit) => used[this.unitOf(limit)]);
  }

  /** Calls that lack the same limits wait for one ask. */
  ask(call: BenchCall, met: readonly Met[]): Promise<void> | void {
    const key = `${call.customer} ${call.modelGroup}`;
    const pending = this.waiting.get(key);
    if (pending) return pending;
    const now = reading();
    const wants = met.filter(isLeased).flatMap(({ counter: limit, need }) => {
      const want = this.book.want(limit, need, LEASE_TERMS.farMs, now);
      return [{ limit, need, want }];
    });
    const id = `ask-${(this.lastAsk += 1)}`;
    const longestMs = LEASE_TERMS.usualHoldMs;
    const ask: Ask = { id, gateway: 'gateway-1', wants, longestMs, opensAt: null };
    this.book.asked(ask, now);
    if (this.delayMs === 0) return this.answered(ask);
    const answered = new Promise<void>((resolve) => {
      setTimeout(() => {
        this.waiting.delete(key);
        this.answered(ask);
        resolve();
      }, this.delayMs);
    });
    this.waiting.set(key, answered);
    return answered;
  }

  sweep(): void {
    this.entitlement.returned(this.book.sweep(reading()));
  }

  take(met: readonly Met[]): Hold | null {
    const needs = met.map(({ counter, need }) => ({ limit: counter, amount: need }));
    const id = String((this.holds += 1));
    const answer = this.book.hold(id, needs, this.ttlMs, this.now);
    return answer.kind === 'held' ? answer.hold : null;
  }

  refusal({ limit, counter, need }: Met): Word | null {
    const answer = this.book.look([{ limit: counter, amount: need }], this.ttlMs, this.now);
    const shortage = answer?.kind === 'refused' ? answer.shortages[0] : undefined;
    return shortage ? wordOf(limit, shortage, need, this.now.wallMs) : null;
  }

  /** A counter's name is looked up, not written anew for each call. */
  private readonly nameOf = (limit: Limit, customer: string): string => {
    const names = this.namesOf(customer);
    const known = names.get(limit);
    if (known !== undefined) return known;
    const made = counterName(limit, customer);
    names.set(limit, made);
    return made;
  };

  private namesOf(customer: string): Map<Limit, string> {
    const known = this.names.get(customer);
    if (known) return known;
    const made = new Map<Limit, string>();
    this.names.set(customer, made);
    return made;
  }

  private answered(ask: Ask): void {
    const answer = this.entitlement.answer(ask, Date.now());
    this.entitlement.returned(this.book.answered(ask.id, answer, reading()) ?? []);
  }

  private unitOf(counter: string): Limit['unit'] {
    const unit = this.units.get(counter.slice(0, counter.indexOf(']') + 1));
    if (!unit) throw new Error(`${counter} is of no limit`);
    return unit;
  }
}

function reading(): ClockReading {
  return { monotonicMs: performance.now(), wallMs: Date.now() };
}
