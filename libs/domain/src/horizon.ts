const DAY_MS = 86_400_000;

/** How far back an event's time may lie at the door; a project's `lateness` may only be shorter. */
export const HORIZON_MS = 35 * DAY_MS;
/** How far ahead of the gateway's clock an event's time may lie. */
export const AHEAD_MS = 5 * 60_000;
/**
 * A fold parks an event appended this long after its time: a day over the horizon for slow
 * appends.
 */
export const PARK_AFTER_MS = 36 * DAY_MS;
/** A fold parks an event whose time lies this far after its append: no gateway let that in. */
export const PARK_AHEAD_MS = DAY_MS;
/** Keys are kept this long past the event's time, measured by the log's own clock. */
export const KEEP_KEYS_MS = 37 * DAY_MS;

/** True where the log took the event too late for dedup to vouch for it (PROTOCOL 19). */
export function isPastHorizon(time: number, appendedAt: number): boolean {
  return appendedAt - time > PARK_AFTER_MS;
}

/** True where the event says that it happened long after the log had it. */
export function isAheadOfLog(time: number, appendedAt: number): boolean {
  return time - appendedAt > PARK_AHEAD_MS;
}

/**
 * Keys of events with a time before this may go. `reached` is the append time that each partition's
 * fold has reached: the slowest decides, never the wall clock (PROTOCOL 19).
 */
export function prunableBefore(reached: readonly number[]): number {
  return reached.length === 0 ? Number.NEGATIVE_INFINITY : Math.min(...reached) - KEEP_KEYS_MS;
}
