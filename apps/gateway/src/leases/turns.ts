import type { ClockReading } from '@tallyward/domain';
import { LATE_SWEEP_MS } from './lease-limits';

/** Whether this process had its turns in time. */
export class Turns {
  private lastMs = Infinity;
  private isLate = false;

  /**
   * It was busy, or stopped, since the last sweep: answers may lie unread, so nobody is told yet
   * that none came. Never twice in a row, or a busy process would let calls wait for ever.
   */
  stoodStill({ monotonicMs }: ClockReading): boolean {
    const wasLate = this.isLate;
    this.isLate = !wasLate && monotonicMs - this.lastMs > LATE_SWEEP_MS;
    this.lastMs = monotonicMs;
    return this.isLate;
  }
}
