import {
  type ComputedWindow,
  computedWindow,
  LIFETIME,
  type Limit,
  type LimitWindow,
  type Span,
  type WindowFrame,
} from '@tallyward/domain';

/** A window with its instants as people read them; null: it has none. */
export interface ShownWindow {
  readonly from: number;
  readonly to: number;
  readonly windowStart: string | null;
  readonly resetAt: string | null;
}

const NO_WINDOW: ShownWindow = { from: 0, to: Infinity, windowStart: null, resetAt: null };
/** Zones and anchors are few; with more of them than this, windows are computed anew. */
const MOST_KEPT = 10_000;

/** The windows of now, computed once for each zone and anchor until they end. */
export class LimitWindows {
  private readonly kept = new Map<string, ShownWindow>();
  private readonly shown = new WeakMap<Span, ShownWindow>();

  /** Null: only entitlement knows it, or the limit has none. */
  at(instant: number, window: LimitWindow, frame: WindowFrame): ShownWindow {
    if (!isComputed(window)) return NO_WINDOW;
    const anchor = window === 'billingPeriod' ? frame.billingAnchor : 0;
    const key = `${window} ${anchor} ${frame.timeZone}`;
    const found = this.kept.get(key);
    if (found && instant >= found.from && instant < found.to) return found;
    if (this.kept.size >= MOST_KEPT) this.kept.clear();
    const made = shownWindow(computedWindow(instant, window, frame));
    this.kept.set(key, made);
    return made;
  }

  /** One that entitlement told of. */
  told(span: Span): ShownWindow {
    const found = this.shown.get(span);
    if (found) return found;
    const made = shownWindow(span);
    this.shown.set(span, made);
    return made;
  }
}

function isComputed(window: Limit['window']): window is ComputedWindow {
  return window !== 'request' && typeof window === 'string';
}

function shownWindow({ from, to }: Span): ShownWindow {
  const isBounded = to < LIFETIME.to;
  return {
    from,
    to,
    windowStart: isBounded ? new Date(from).toISOString() : null,
    resetAt: isBounded ? new Date(to).toISOString() : null,
  };
}
