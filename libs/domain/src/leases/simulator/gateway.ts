import type { ClockReading } from '../elapsed';
import type { HoldAnswer, Need } from '../hold';
import { LeaseBook } from '../lease-book';

/** What a call needs, and how long it may last. */
export interface WaitingCall {
  readonly needs: readonly Need[];
  readonly ttlMs: number;
}

/** A gateway process: its memory, and clocks of its own. */
export class SimulatedGateway {
  readonly book: LeaseBook;
  /** Holds that it took and has not answered yet. */
  taken: string[] = [];
  waiting: WaitingCall[] = [];
  isDead = false;
  /** The process stands still, its machine does not. */
  isStalled = false;
  isSuspended = false;
  private reading: ClockReading;

  constructor(
    /** With the random id of the process: a restarted namesake has another. */
    readonly id: string,
    /** How much faster than true its clocks run, per mille. */
    private readonly driftPerMille: number,
    /**
     * Both of them on one machine within one lease, its clock set back by more than the margin,
     * would be past what PROTOCOL 3 and 15 promise: no clock is left that tells.
     */
    readonly machine: 'suspends' | 'has its clock set',
    { wallMs, aheadMs }: { readonly wallMs: number; readonly aheadMs: number },
  ) {
    this.book = new LeaseBook(aheadMs);
    this.reading = { monotonicMs: 0, wallMs };
  }

  get clocks(): ClockReading {
    return this.reading;
  }

  get isAwake(): boolean {
    return !this.isStalled && !this.isSuspended;
  }

  hold(id: string, needs: readonly Need[], ttlMs: number): HoldAnswer {
    const { book, clocks } = this;
    const inHand = needs.map(({ limit, amount }) => ({ limit: book.limit(limit, clocks), amount }));
    return book.hold(id, inHand, ttlMs, clocks);
  }

  /** The monotonic clock stands still while the machine is suspended. */
  passes(ms: number): void {
    const own = ms * (1 + this.driftPerMille / 1_000);
    const { monotonicMs, wallMs } = this.reading;
    this.reading = {
      monotonicMs: this.isSuspended ? monotonicMs : monotonicMs + own,
      wallMs: wallMs + own,
    };
  }

  setWall(byMs: number): void {
    this.reading = { ...this.reading, wallMs: this.reading.wallMs + byMs };
  }
}
