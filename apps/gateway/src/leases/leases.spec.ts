import type { QuotaAsk, QuotaGrant, TierLimit } from '@tallyward/contracts';
import { limitOf } from '@tallyward/contracts';
import { amountsOf, type ClockReading, LEASE_TERMS } from '@tallyward/domain';
import { CustomerSnapshots } from '../access/customer-snapshots';
import { aTierLimit } from '../decide/decide.builder';
import { GatewayProcess } from './gateway-process';
import { LEASE_LIMITS } from './lease-limits';
import { Leases } from './leases';
import type { Lack } from './waiting-calls';

const START = Date.parse('2026-11-22T10:00:00Z');
const HOUR_MS = 3_600_000;
const HOUR = { from: START, to: START + HOUR_MS };

/** Leases of one process whose clocks stand until a test moves them, and what it sent. */
class Stage {
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
    const { ask: id } = this.leases.asks.add(ask, this.now);
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
      ask: id,
      at,
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
    const needs = [{ limit: counter.key, amount }];
    const answer = this.leases.book.hold(String(number), needs, 300_000, now);
    if (answer.kind !== 'held') throw new Error(answer.kind);
    const ttlMs = 300_000;
    this.leases.own.add(number, { counters: [counter], needs: [amount], since: now, ttlMs });
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

const tokens = aTierLimit({ unit: 'tokens', window: 'hour', amount: 1_000 });
const used = (total: number) => ({
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

let stage: Stage;
beforeEach(() => {
  stage = new Stage();
});

describe('what is not held goes back', () => {
  it('when the process stops, and what is held stays', async () => {
    const lease = stage.lend(tokens, 100);
    stage.hold(1, tokens, 30);
    await stage.leases.stop();
    expect(stage.ofType('lease.returned')).toMatchObject([{ leases: [{ lease, total: 70 }] }]);
  });

  it('when its lease may not be spent any more', () => {
    const lease = stage.lend(tokens, 100);
    stage.passes(LEASE_TERMS.farMs);
    stage.sweep();
    expect(stage.ofType('lease.returned')).toMatchObject([{ leases: [{ lease, total: 100 }] }]);
  });

  it('once more where the log did not take it, and then no more', async () => {
    stage.isLogAway = true;
    const lease = stage.lend(tokens, 100);
    stage.tell({ type: 'lease.recalled', gateway: stage.process.id, leases: [lease] });
    stage.sweep();
    await Promise.resolve();
    stage.isLogAway = false;
    stage.sweep();
    await Promise.resolve();
    stage.sweep();
    const returned = stage.ofType('lease.returned');
    expect(returned.map(({ leases }) => leases)).toEqual([
      [{ lease, total: 100 }],
      [{ lease, total: 100 }],
    ]);
  });
});

describe('a hold that another gateway', () => {
  it('settled gives its rest back to its lease, once, and counts as used', () => {
    stage.lend(tokens, 100);
    stage.hold(1, tokens, 100);
    const settled = { hold: 1, ...used(30) };
    const holds = [settled];
    const told: QuotaGrant = { type: 'hold.settled', gateway: stage.process.id, holds };
    stage.tell(told);
    stage.tell(told);
    const counter = stage.counter(tokens);
    expect([counter.held, counter.settled.amount]).toEqual([0, 30]);
    expect(stage.hold(2, tokens, 70).kind).toBe('held');
    expect(() => stage.hold(3, tokens, 1)).toThrow('short');
  });

  it('settled with a model of another group gives back all of it', () => {
    stage.lend(tokens, 100);
    stage.hold(1, tokens, 100);
    const settled = { hold: 1, ...used(30), modelGroup: 'standard' };
    stage.tell({ type: 'hold.settled', gateway: stage.process.id, holds: [settled] });
    expect(stage.hold(2, tokens, 100).kind).toBe('held');
  });

  it('released is whole again', () => {
    stage.lend(tokens, 100);
    stage.hold(1, tokens, 100);
    stage.tell({ type: 'hold.released', gateway: stage.process.id, hold: 1 });
    expect(stage.counter(tokens).held).toBe(0);
    expect(stage.hold(2, tokens, 100).kind).toBe('held');
  });
});

describe('what calls in flight hold', () => {
  it('is told once for each change, and again when they expire', () => {
    stage.lend(tokens, 100);
    stage.hold(1, tokens, 30);
    stage.sweep();
    stage.sweep();
    stage.passes(300_000);
    stage.sweep();
    stage.sweep();
    const counted = stage.ofType('hold.counted').map(({ held }) => held[0]?.held);
    expect(counted).toEqual([30, 0]);
  });
});

describe('demand shortly before a window ends', () => {
  it('asks for the next one, once', async () => {
    stage.passes(HOUR_MS - LEASE_TERMS.aheadMs);
    stage.lend(tokens, 100);
    const { ahead } = stage.hold(1, tokens, 10);
    expect(ahead).toMatchObject([{ amount: 10, opensAt: HOUR.to }]);
    stage.leases.askAhead(stage.desk, ahead, stage.now);
    expect(stage.hold(2, tokens, 10).ahead).toEqual([]);
    stage.sweep();
    const [ask] = stage.ofType('lease.asked');
    expect(ask).toMatchObject({ opensAt: HOUR.to, wants: [{ need: 10 }], looks: false });
  });
});

describe('calls that wait', () => {
  const lackOf = (need: number, limit = tokens): Lack => ({
    wants: [{ counter: stage.counter(limit), need }],
    watches: [],
    isStranger: false,
  });
  const wait = (need: number, ttlMs = 60_000) =>
    stage.leases.wait(stage.desk, {
      lack: lackOf(need),
      ttlMs,
      since: stage.now,
      again: () => lackOf(need),
    });

  it('share one ask, which wants what all of them need', () => {
    for (let call = 0; call < 50; call += 1) void wait(10);
    stage.sweep();
    const asks = stage.ofType('lease.asked');
    expect(asks.map(({ wants }) => wants)).toMatchObject([[{ need: 10, want: 500 }]]);
  });

  it('ask at once for as much as there was left, as far as they need it', async () => {
    const counter = stage.counter(tokens);
    const { name: limit } = counter;
    const state = { limit, window: HOUR, used: 100, leased: 55, held: 0, amount: 200, overrun: 0 };
    stage.desk.told([state], START, stage.now, stage.now);
    for (let call = 0; call < 50; call += 1) void wait(10);
    stage.sweep();
    const asks = stage.ofType('lease.asked');
    expect(asks.map(({ wants }) => wants)).toMatchObject([[{ need: 40, want: 500 }]]);
  });

  it('end late when nothing is heard for two seconds, whatever else happens', async () => {
    const waited = wait(10);
    stage.sweep();
    stage.passes(LEASE_LIMITS.waitMs);
    stage.sweep();
    // The process was held up: the answer may be there, unread.
    expect(stage.leases.waiting.size).toBe(1);
    stage.sweep();
    expect(await waited).toBe('late');
    expect(stage.leases.waiting.size).toBe(0);
  });

  it('are so many at most', async () => {
    for (let call = 0; call < LEASE_LIMITS.waitingCalls; call += 1) void wait(1);
    expect(await wait(1)).toBe('full');
  });
});
