import type { QuotaAsk, QuotaGrant, TierLimit } from '@tallyward/contracts';
import { limitOf } from '@tallyward/contracts';
import { amountsOf, type ClockReading, LEASE_TERMS, LIFETIME } from '@tallyward/domain';
import { CustomerSnapshots } from '../access/customer-snapshots';
import { aTierLimit } from '../decide/decide.builder';
import { GatewayProcess } from './gateway-process';
import { limitInHand } from './known-counter';
import { LEASE_LIMITS } from './lease-limits';
import { Leases } from './leases';

export const START = Date.parse('2026-11-22T10:00:00Z');
export const HOUR_MS = 3_600_000;
export const HOUR = { from: START, to: START + HOUR_MS };

/** Leases of one process whose clocks stand until a test moves them, and what it sent. */
export class Stage {
  readonly sent: QuotaAsk[] = [];
  isLogAway = false;
  private passedMs = 0;
  readonly process = new GatewayProcess('gateway-1', () => this.now);
  readonly leases = new Leases(
    this.process,
    new CustomerSnapshots(),
    async (messages) => {
      this.sent.push(...messages);
      return messages.map(() => !this.isLogAway);
    },
    LEASE_LIMITS,
  );
  readonly desk = this.leases.desks.of('demo', 'acme');
  private lastLease = 0;

  get now(): ClockReading {
    return { monotonicMs: this.passedMs, wallMs: START + this.passedMs };
  }

  passes(ms: number): void {
    this.passedMs += ms;
  }

  counter(limit: TierLimit) {
    return this.desk.counter(limitOf(limit), 'acme');
  }

  /** Asks for leases of a limit, and gets so much. */
  lend(limit: TierLimit, amount: number, window = HOUR): string {
    const counter = this.counter(limit);
    const ask = {
      desk: this.desk,
      wants: [{ counter, need: 1, want: amount }],
      watches: [],
      longestMs: LEASE_TERMS.usualHoldMs,
      opensAt: null,
      looks: false,
      customerVersion: 1,
    };
    return this.grant(this.leases.asks.add(ask, this.now).ask, limit, amount, window);
  }

  /** An ask gets so much of a limit. */
  grant(ask: string, limit: TierLimit, amount: number, window = HOUR): string {
    const counter = this.counter(limit);
    const lease = String((this.lastLease += 1));
    const at = START + this.passedMs;
    const spendUntil = Math.min(at + LEASE_TERMS.farMs, window.to);
    const granted = {
      id: lease,
      counter: `${counter.name}@1`,
      limit: counter.name,
      amount,
      issuedAt: at,
      spendUntil,
      settleUntil: spendUntil + LEASE_TERMS.usualHoldMs,
      window,
    };
    this.tell({
      type: 'lease.granted',
      gateway: this.process.id,
      ask,
      at,
      foldedTo: 0,
      counters: [],
      customer: null,
      leases: [granted],
    });
    return lease;
  }

  tell(grant: QuotaGrant): void {
    this.leases.take(grant);
  }

  /** Holds so much of a limit for five minutes. */
  hold(number: number, limit: TierLimit, amount: number) {
    const counter = this.counter(limit);
    const { now } = this;
    const { book } = this.leases;
    const needs = [{ limit: limitInHand(counter, book, now), amount }];
    const answer = book.hold(String(number), needs, 300_000, now);
    if (answer.kind !== 'held') throw new Error(answer.kind);
    const ttlMs = 300_000;
    const windows = [counter.told?.window ?? LIFETIME];
    this.leases.own.add(number, {
      counters: [counter],
      needs: [amount],
      windows,
      since: now,
      ttlMs,
    });
    return answer;
  }

  /** The leases' turn, as the process' timer brings it. */
  sweep(): void {
    this.leases.sweep(this.now, true);
  }

  ofType<T extends QuotaAsk['type']>(type: T) {
    return this.sent.filter(
      (message): message is Extract<QuotaAsk, { type: T }> => message.type === type,
    );
  }
}

/** A limit of 1,000 tokens an hour. */
export const tokens = aTierLimit({ unit: 'tokens', window: 'hour', amount: 1_000 });
/** What a call of so many tokens used. */
export const used = (total: number) => ({
  modelGroup: 'premium',
  workspace: '',
  user: '',
  role: '',
  amounts: amountsOf({
    inputTokens: total,
    outputTokens: 0,
    cacheReadTokens: 0,
    cacheWriteTokens: 0,
    reasoningTokens: 0,
    images: 0,
    toolCalls: 0,
  }),
});
