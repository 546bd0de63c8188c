import type { LimitState } from '@tallyward/contracts';
import { durationText } from '@tallyward/contracts';
import { isHard, type Limit, type WindowFrame } from '@tallyward/domain';
import type { KnownCounter } from '../leases/known-counter';
import { isHeldIn } from '../leases/own-holds';
import type { MetHere } from './decide-call';
import type { LimitWindows, ShownWindow } from './limit-windows';

/** What this gateway knows of a counter in the window of now. */
export interface Known {
  readonly amount: number;
  readonly used: number;
  readonly held: number;
  readonly overrun: number;
  readonly window: ShownWindow;
  /** When entitlement said so, epoch ms; null: it has not. */
  readonly toldAt: number | null;
}

/** Entitlement's word, and what this gateway holds and settled since. */
export function knownOf(
  counter: KnownCounter,
  windows: LimitWindows,
  frame: WindowFrame,
  instant: number,
): Known {
  const { told, settled, limit } = counter;
  const window = windowOf(counter, windows, frame, instant);
  const held = isHeldIn(counter, window) ? counter.held : 0;
  if (told && instant < told.window.to) {
    return {
      amount: told.amount,
      used: told.used + settled.amount,
      held: held + told.held,
      overrun: told.overrun,
      window,
      toldAt: told.at,
    };
  }
  const used = told ? 0 : settled.amount;
  return { amount: openingAmount(limit), used, held, overrun: 0, window, toldAt: null };
}

/** The window that an instant lies in, as far as this gateway knows. */
export function windowOf(
  { told, limit }: KnownCounter,
  windows: LimitWindows,
  frame: WindowFrame,
  instant: number,
): ShownWindow {
  if (told && instant < told.window.to) return windows.told(told.window);
  return windows.at(instant, limit.window, frame);
}

/** Whether a call passes a limit that allows it, as far as this gateway knows. */
export function passes(
  { limit, counter, need }: MetHere,
  know: (counter: KnownCounter) => Known,
): boolean {
  if (isHard(limit) || need === 0) return false;
  const { used, held, amount } = know(counter);
  return used + held + need > amount;
}

export function limitState(
  { limit, scopeValue }: KnownCounter,
  known: Known,
  timeZone: string,
  exceeded: boolean,
): LimitState {
  const { amount, used, held } = known;
  const isOver = used > amount;
  return {
    scope: limit.scope,
    scopeValue,
    modelGroup: limit.modelGroup,
    unit: limit.unit,
    window:
      typeof limit.window === 'string'
        ? limit.window
        : { firstUse: durationText(limit.window.firstUseMs) },
    amount,
    used,
    held,
    remaining: Math.max(0, amount - used - held),
    overage: isOver && !isHard(limit) ? used - amount : 0,
    overrun: known.overrun,
    windowStart: known.window.windowStart,
    resetAt: known.window.resetAt,
    timeZone,
    onLimit: limit.onLimit,
    exceeded,
  };
}

/** What a window begins with, as far as the tier tells. */
function openingAmount({ amount, replenishment }: Limit): number {
  return replenishment.kind === 'drip' ? replenishment.cap : amount;
}
