/** `amount` more at every `everyMs` of the window, while less than `cap` is unused. */
export interface DripRule {
  readonly amount: number;
  readonly everyMs: number;
  readonly cap: number;
}

/** A window's dripped amount, and how many drips of it have been seen to. */
export interface Dripped {
  readonly amount: number;
  readonly drips: number;
}

/** A window starts full. */
export function firstDrip({ cap }: DripRule): Dripped {
  return { amount: cap, drips: 0 };
}

/**
 * The amount after the drips until `now` (epoch ms). To be called before `used` changes: the drips
 * that fell until then found as much unused as there was before. Leases count as unused until they
 * are settled, so a window never holds more than the cap when they come back. Never falls.
 */
export function dripped(
  before: Dripped,
  rule: DripRule,
  { windowStart, used, now }: { windowStart: number; used: number; now: number },
): Dripped {
  const drips = Math.max(before.drips, Math.floor((now - windowStart) / rule.everyMs));
  const fallen = (drips - before.drips) * rule.amount;
  const most = used + rule.cap;
  return { amount: Math.max(before.amount, Math.min(before.amount + fallen, most)), drips };
}

/** When the next drip falls, epoch ms. */
export function nextDripAt({ drips }: Dripped, { everyMs }: DripRule, windowStart: number): number {
  return windowStart + (drips + 1) * everyMs;
}
