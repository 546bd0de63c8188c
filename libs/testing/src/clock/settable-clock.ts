/** A clock that stands still until it is told otherwise; instants are epoch milliseconds. */
export interface SettableClock {
  readonly now: () => number;
  set(instant: number | string): void;
  advance(ms: number): void;
}

export function settableClock(start: number | string = '2026-11-21T10:00:00Z'): SettableClock {
  let instant = toMs(start);
  return {
    now: () => instant,
    set(to) {
      instant = toMs(to);
    },
    advance(ms) {
      instant += ms;
    },
  };
}

function toMs(instant: number | string): number {
  const ms = typeof instant === 'number' ? instant : Date.parse(instant);
  if (!Number.isFinite(ms)) throw new Error(`not an instant: ${instant}`);
  return ms;
}
