import type { QuotaAsk, QuotaGrant } from '@tallyward/contracts';
import {
  type AheadNeed,
  type ClockReading,
  LEASE_TERMS,
  LeaseBook,
  type ReleaseAnswer,
} from '@tallyward/domain';
import type { CustomerSnapshots } from '../access/customer-snapshots';
import { answerOf, type AskedCounter, Asks, type Heard, type NewAsk } from './asks';
import { countedHolds } from './counted-holds';
import type { CustomerDesk } from './customer-desk';
import { bookKey } from './known-counter';
import { Desks } from './desks';
import type { GatewayProcess } from './gateway-process';
import type { LeaseLimits } from './lease-limits';
import { OwnHolds } from './own-holds';
import { Returns } from './returns';
import { askedCounter, asksFor } from './shared-asks';
import { Turns } from './turns';
import { type Waited, type WaitingCall, WaitingCalls } from './waiting-calls';

type Answered = Extract<QuotaGrant, { type: 'lease.granted' | 'lease.refused' }>;
type HoldReleased = Extract<QuotaAsk, { type: 'hold.released' }>;

/** Puts messages into the log of asks; answers which of them it has for certain. */
export type SendAsks = (messages: readonly QuotaAsk[]) => Promise<readonly boolean[]>;

/**
 * This process' leases, and what goes between it and entitlement about them. Calls that lack
 * leases wait here; those that lack the same ones share an ask.
 */
export class Leases {
  readonly book = new LeaseBook(LEASE_TERMS.aheadMs);
  readonly own = new OwnHolds();
  readonly desks = new Desks();
  readonly asks: Asks;
  readonly waiting: WaitingCalls;
  private readonly returns: Returns;
  /** Customers whose calls lack what nobody may have asked for. */
  private readonly toAsk = new Set<CustomerDesk>();
  private outbox: QuotaAsk[] = [];
  private readonly turns = new Turns();
  private flushing: NodeJS.Immediate | undefined;

  constructor(
    readonly process: GatewayProcess,
    private readonly customers: CustomerSnapshots,
    private readonly send: SendAsks,
    readonly limits: LeaseLimits,
  ) {
    this.waiting = new WaitingCalls(limits);
    this.asks = new Asks(this.book, process, limits.pendingAsks);
    this.returns = new Returns(process.id);
  }

  /** Asks for what a call lacks, with others that lack the same, and lets it decide again. */
  wait(desk: CustomerDesk, call: Omit<WaitingCall, 'end' | 'heardAt'>): Promise<Waited> {
    if (this.waiting.isFull) return Promise.resolve('full');
    return new Promise((end) => {
      this.waiting.add(desk, { ...call, heardAt: call.since, end });
      this.toAsk.add(desk);
      this.flushSoon();
    });
  }

  /** Asks for itself alone; null: no answer in time. */
  askAlone(ask: NewAsk, now: ClockReading): Promise<Heard | null> {
    if (this.asks.isFull || this.asks.isHopeless(now)) return Promise.resolve(null);
    return new Promise((resolve) => {
      const late = setTimeout(() => resolve(null), this.limits.waitMs);
      const heard = (answer: Heard | null): void => {
        clearTimeout(late);
        resolve(answer);
      };
      this.post(this.asks.add(ask, now, heard));
    });
  }

  /** Asks in the background, for whoever comes next. */
  ask(ask: NewAsk, now: ClockReading): void {
    if (!this.asks.isFull) this.post(this.asks.add(ask, now));
  }

  /** The next windows of limits that end soon. */
  askAhead(desk: CustomerDesk, ahead: readonly AheadNeed[], now: ClockReading): void {
    for (const opensAt of new Set(ahead.map((need) => need.opensAt))) {
      const wants = ahead.flatMap(({ limit, amount, opensAt: at }): AskedCounter[] => {
        const counter = at === opensAt ? desk.byKey(limit) : undefined;
        return counter ? [askedCounter(this.book, { counter, need: amount }, now)] : [];
      });
      const longestMs = desk.usualHoldMs;
      const customerVersion = this.versionOf(desk);
      const ask = { desk, wants, watches: [], longestMs, opensAt, looks: false, customerVersion };
      this.ask(ask, now);
    }
  }

  /** What entitlement tells this process. */
  take(grant: QuotaGrant): void {
    const now = this.process.clocks();
    switch (grant.type) {
      case 'lease.granted':
      case 'lease.refused':
        return this.answered(grant, now);
      case 'lease.recalled':
        this.returns.add(this.book.recalled(grant.leases));
        return this.flushSoon();
      case 'limit.freed': {
        const desk = this.desks.known(grant.project, grant.customer);
        if (desk) this.book.freed(grant.limits.map((name) => bookKey(desk.key, name)));
        return;
      }
      case 'hold.released':
        this.release(grant.hold, now);
        return;
      case 'hold.elsewhere':
        return this.desks.known(grant.project, grant.customer)?.heldElsewhere(grant.held);
      case 'hold.settled':
        for (const { hold, ...used } of grant.holds) {
          this.book.holds.settledElsewhere(String(hold), this.own.usedBy(hold, used));
          this.own.settled(hold, used, grant.foldedTo - 1);
        }
    }
  }

  /** A hold of this process is given back whole, unless something may be settled. */
  release(hold: number, now: ClockReading): ReleaseAnswer {
    const answer = this.book.holds.release(String(hold), now);
    if (answer === 'released') this.own.released(hold);
    return answer;
  }

  /** A hold of another process is given back: whether the log has the word for its owner. */
  async releaseElsewhere(released: Omit<HoldReleased, 'type'>): Promise<boolean> {
    const [isKept] = await this.send([{ type: 'hold.released', ...released }]);
    return isKept === true;
  }

  /** Something was given to a customer: what was refused may fit now. */
  forgetRefusals(desk: CustomerDesk): void {
    this.book.freed([...desk.counters.values()].map(({ key }) => key));
  }

  /** A customer's tier or state is another: what it leased goes back. */
  giveUp(desk: CustomerDesk): void {
    this.returns.add(this.book.giveUp([...desk.counters.values()].map(({ key }) => key)));
    this.flushSoon();
  }

  /** What time has closed; `repeats`: and what had no answer for a second. Call it often. */
  sweep(now: ClockReading, repeats: boolean): void {
    this.returns.add(this.book.sweep(now));
    this.own.sweep(now, this.process.issuerNow(now));
    this.returns.sweep(now);
    if (!this.turns.stoodStill(now)) this.waiting.expire(now, this.asks.isSilent(now));
    if (repeats) {
      this.asks.giveUpOld(now);
      this.outbox.push(...this.asks.due(now));
      for (const desk of this.waiting.desks) this.toAsk.add(desk);
      const { countedCustomers, idleMs } = this.limits;
      this.outbox.push(...countedHolds(this.own.changed, this.process.id, countedCustomers));
      this.desks.sweep(now.monotonicMs, idleMs);
    }
    this.flush();
  }

  /** Gives back all that is not held, within a bounded time. */
  async stop(): Promise<void> {
    this.returns.add(this.book.giveUp('all'));
    clearImmediate(this.flushing);
    let late: NodeJS.Timeout | undefined;
    const deadline = new Promise<void>((resolve) => {
      late = setTimeout(resolve, this.limits.stopMs);
    });
    await Promise.race([this.sendReturns(), deadline]);
    clearTimeout(late);
  }

  get leasesInHand(): number {
    return this.returns.leasesKnown;
  }

  private answered(grant: Answered, now: ClockReading): void {
    const asked = this.asks.take(grant.ask);
    if (!asked) return this.giveBackLate(grant);
    const { desk, message, counters, since, heard } = asked;
    // First: whatever else the answer says is of the customer as it is by now.
    if (!message.looks && grant.customer) this.customers.keep(grant.customer);
    const answer = answerOf(grant, desk);
    if (answer.kind === 'granted') {
      for (const lease of answer.leases) this.returns.knows(lease, desk, since);
    }
    this.returns.add(this.book.answered(grant.ask, answer, now) ?? []);
    this.process.heard(grant.at, since, now);
    if (message.opensAt === null) desk.told(grant, since);
    heard({ isRefused: grant.type === 'lease.refused', customer: grant.customer });
    const isAll = grant.customer !== null || message.customerVersion === 0;
    this.waiting.heard(desk, isAll || message.watches.length > 0 ? 'all' : counters);
    this.flushSoon();
  }

  /** What came after the ask was given up: nobody has spent any of it. */
  private giveBackLate(grant: Answered): void {
    const asked = this.asks.takeGivenUp(grant.ask);
    if (!asked || grant.type !== 'lease.granted') return;
    for (const lease of grant.leases) this.returns.knows(lease, asked.desk, asked.since);
    this.returns.add(grant.leases.map(({ id, amount }) => ({ lease: id, total: amount })));
    this.flushSoon();
  }

  private versionOf({ project, customer }: CustomerDesk): number {
    return this.customers.customer(project, customer)?.version ?? 0;
  }

  private post(message: QuotaAsk): void {
    this.outbox.push(message);
    this.flushSoon();
  }

  /** Calls that come in one turn share their asks. */
  private flushSoon(): void {
    this.flushing ??= setImmediate(() => this.flush());
  }

  private flush(): void {
    clearImmediate(this.flushing);
    this.flushing = undefined;
    const now = this.process.clocks();
    for (const desk of this.waiting.retry(now)) this.toAsk.add(desk);
    for (const desk of this.toAsk) {
      this.outbox.push(...asksFor(desk, this.versionOf(desk), this, now));
    }
    this.toAsk.clear();
    if (this.outbox.length > 0) void this.send(this.outbox.splice(0));
    void this.sendReturns();
  }

  private async sendReturns(): Promise<void> {
    const messages = this.returns.take();
    if (messages.length === 0) return;
    const kept = await this.send(messages);
    messages.forEach((message, index) => {
      if (kept[index] !== true) this.returns.unsent(message);
    });
  }
}
