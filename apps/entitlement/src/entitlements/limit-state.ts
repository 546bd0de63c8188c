import type { LimitState, Overage } from '@tallyward/contracts';
import { LIFETIME, type Span } from '@tallyward/domain';
import type { LimitLine } from '../storage/entitlements/limit-lines';
import type { OverageLine } from '../storage/entitlements/overage-lines';

const instant = (ms: number): string => new Date(ms).toISOString();

/** A limit as people read it; `held` is what calls in flight hold of it. */
export function limitStateOf(line: LimitLine, held: number, timeZone: string): LimitState {
  const { limit, scopeValue, used, amount, overrun } = line;
  const { scope, modelGroup, unit, window, onLimit } = limit;
  const span = shownSpan(line.window);
  const isAllow = onLimit === 'allow';
  return {
    ...{ scope, scopeValue, modelGroup, unit, window, amount, used, held },
    remaining: Math.max(0, amount - used - held),
    overage: isAllow ? Math.max(0, used - amount) : 0,
    overrun,
    windowStart: span && instant(span.from),
    resetAt: span && instant(span.to),
    timeZone,
    onLimit,
    exceeded: window !== 'request' && (isAllow ? used > amount : used >= amount),
  };
}

export function overageOf(line: OverageLine): Overage {
  const { tier, limit, scopeValue, timeZone, used, amount, overrun } = line;
  const { scope, modelGroup, unit, window, onLimit } = limit;
  const span = shownSpan(line.window);
  return {
    ...{ tier, scope, scopeValue, modelGroup, unit, window, onLimit, timeZone, amount, used },
    windowStart: span && instant(span.from),
    windowEnd: span && instant(span.to),
    overage: onLimit === 'allow' ? Math.max(0, used - amount) : 0,
    overrun,
  };
}

/** A lifetime has no ends that anybody could wait for. */
function shownSpan(window: Span | null): Span | null {
  return window === null || window.from === LIFETIME.from ? null : window;
}
