/** Both clocks of one process at one moment, ms. */
export interface ClockReading {
  /** Stands still while the machine is suspended. */
  readonly monotonicMs: number;
  /** May be set forwards and back. */
  readonly wallMs: number;
}

/**
 * How long ago a moment was, at least: the larger of what the two clocks say, so that neither a
 * suspended machine nor a clock set back makes a deadline later (PROTOCOL 3).
 */
export function elapsedMs(since: ClockReading, now: ClockReading): number {
  return Math.max(now.monotonicMs - since.monotonicMs, now.wallMs - since.wallMs);
}
