import { type ClockReading, elapsedMs } from '@tallyward/domain';
import type { CustomerDesk } from './customer-desk';
import type { KnownCounter } from './known-counter';
import type { LeaseLimits } from './lease-limits';

/** What a call lacks: leases, a word on limits that allow, or the customer itself. */
export interface Lack {
  readonly wants: readonly { readonly counter: KnownCounter; readonly need: number }[];
  readonly watches: readonly KnownCounter[];
  /** The customer is not known here: nothing can be decided before entitlement has answered. */
  readonly isStranger: boolean;
}

export type Waited = 'decided' | 'late' | 'full';

/** A call that waits for entitlement's word. */
export interface WaitingCall {
  lack: Lack;
  /** When it last decided: while answers come, it waits on. */
  heardAt: ClockReading;
  readonly ttlMs: number;
  readonly since: ClockReading;
  /** Decides again; null: decided. Else what it lacks now. */
  readonly again: (now: ClockReading) => Lack | null;
  readonly end: (waited: Waited) => void;
}

/** The calls that wait, by customer, in the order in which they came; so many at most. */
export class WaitingCalls {
  readonly desks = new Set<CustomerDesk>();
  private readonly news = new Map<CustomerDesk, Set<KnownCounter> | 'all'>();
  private count = 0;

  constructor(
    private readonly limits: Pick<LeaseLimits, 'waitingCalls' | 'waitMs' | 'waitMostMs'>,
  ) {}

  get size(): number {
    return this.count;
  }

  get isFull(): boolean {
    return this.count >= this.limits.waitingCalls;
  }

  add(desk: CustomerDesk, call: WaitingCall): void {
    desk.waiting.push(call);
    this.desks.add(desk);
    this.count += 1;
  }

  /** Entitlement said something of these counters, or of all that calls of a customer lack. */
  heard(desk: CustomerDesk, news: ReadonlySet<KnownCounter> | 'all'): void {
    const before = this.news.get(desk);
    if (before === 'all' || desk.waiting.length === 0) return;
    if (news === 'all') this.news.set(desk, news);
    else if (before) for (const counter of news) before.add(counter);
    else this.news.set(desk, new Set(news));
  }

  /**
   * Lets calls decide again that something was heard for, in the order in which they came: answers
   * that came together let each decide once. Whose calls lack something still.
   */
  retry(now: ClockReading): CustomerDesk[] {
    const heard = [...this.news];
    this.news.clear();
    for (const [desk, news] of heard) {
      this.keep(desk, (call) => {
        if (!isFor(call.lack, news)) return true;
        const lack = call.again(now);
        if (lack === null) call.end('decided');
        else Object.assign(call, { lack, heardAt: now });
        return lack !== null;
      });
    }
    return heard.map(([desk]) => desk).filter(({ waiting }) => waiting.length > 0);
  }

  /** Ends the waits that have lasted too long; `isSilent`: all of them. */
  expire(now: ClockReading, isSilent: boolean): void {
    for (const desk of this.desks) {
      this.keep(desk, (call) => {
        const isLate = isSilent || this.isLate(call, now);
        if (isLate) call.end('late');
        return !isLate;
      });
    }
  }

  private isLate({ since, heardAt }: WaitingCall, now: ClockReading): boolean {
    const { waitMs, waitMostMs } = this.limits;
    return elapsedMs(heardAt, now) >= waitMs || elapsedMs(since, now) >= waitMostMs;
  }

  private keep(desk: CustomerDesk, isKept: (call: WaitingCall) => boolean): void {
    const before = desk.waiting;
    desk.waiting = before.filter(isKept);
    this.count -= before.length - desk.waiting.length;
    if (desk.waiting.length === 0) this.desks.delete(desk);
  }
}

function isFor({ isStranger, wants, watches }: Lack, news: ReadonlySet<KnownCounter> | 'all') {
  if (news === 'all' || isStranger || watches.length > 0) return true;
  return wants.some(({ counter }) => news.has(counter));
}
