import { type ComputedWindow, computedWindow, type WindowFrame } from '../windows/limit-window';
import type { Limit } from './limit';

/** Windows that come again, the longest first. */
const RENEWING = [
  'billingPeriod',
  'month',
  'week',
  'day',
  'hour',
  'minute',
] as const satisfies readonly ComputedWindow[];

/**
 * When the longest renewing window of these limits ends, epoch ms: a change "with the next window"
 * waits until then. Where none renews, there is nothing to wait for: `instant` itself.
 */
export function nextWindowStart(
  instant: number,
  limits: readonly Limit[],
  frame: WindowFrame,
): number {
  const longest = RENEWING.find((window) => limits.some((limit) => limit.window === window));
  return longest === undefined ? instant : computedWindow(instant, longest, frame).to;
}
