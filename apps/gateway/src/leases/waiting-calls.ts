import { type ClockReading, elapsedMs } from '@tallyward/domain';
import type { CustomerDesk, KnownCounter } from './customer-desk';

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
  readonly ttlMs: number;
  readonly since: ClockReading;
  /** Decides again; null: decided. Else what it lacks now. */
  readonly again: (now: ClockReading) => Lack | null;
  readonly end: (waited: Waited) => void;
}

/** The calls that wait, by customer, in the order in which they came; so many at most. */
export class WaitingCalls {
  readonly desks = new Set<CustomerDesk>();
  private count = 0;

  constructor(
    private readonly most: number,
    private readonly waitMs: number,
  ) {}

  get size(): number {
    return this.count;
  }

  get isFull(): boolean {
    return this.count >= this.most;
  }

  add(desk: CustomerDesk, call: WaitingCall): void {
    desk.waiting.push(call);
    this.desks.add(desk);
    this.count += 1;
  }

  /** Lets calls of a customer decide again that lack this, in the order in which they came. */
  retry(desk: CustomerDesk, now: ClockReading, lacksThis: (lack: Lack) => boolean): void {
    if (desk.waiting.length === 0) return;
    this.keep(desk, (call) => {
      if (!lacksThis(call.lack)) return true;
      const lack = call.again(now);
      if (lack === null) call.end('decided');
      else call.lack = lack;
      return lack !== null;
    });
  }

  /** Ends the waits that have lasted too long; `isSilent`: all of them. */
  expire(now: ClockReading, isSilent: boolean): void {
    for (const desk of this.desks) {
      this.keep(desk, (call) => {
        const isLate = isSilent || elapsedMs(call.since, now) >= this.waitMs;
        if (isLate) call.end('late');
        return !isLate;
      });
    }
  }

  private keep(desk: CustomerDesk, isKept: (call: WaitingCall) => boolean): void {
    const before = desk.waiting;
    desk.waiting = before.filter(isKept);
    this.count -= before.length - desk.waiting.length;
    if (desk.waiting.length === 0) this.desks.delete(desk);
  }
}
