import type { Shortage } from '../leases/ask';
import type { Limit } from '../tiers/limit';
import { LIFETIME } from '../windows/limit-window';
import type { Word } from './decide';

/** Units that are held may come back at any moment: so long a caller should wait at least. */
export const HELD_RETRY_MS = 1_000;

/**
 * What entitlement's word on a limit means for a call that needs `need` of it at `now` (epoch ms):
 * what is larger than the limit ever is never fits, however long its caller waits. The word may be
 * that on a smaller call, which only holds stood before.
 */
export function wordOf(limit: Limit, shortage: Shortage, need: number, now: number): Word {
  const { reason, used, amount, resetAt } = shortage;
  const unused = amount - used;
  if (need > mostOf(limit, unused)) return { reason: 'per-request', retryAt: null };
  if (reason === 'held' && need <= unused) return { reason, retryAt: now + HELD_RETRY_MS };
  return { reason: 'used-up', retryAt: resetAt >= LIFETIME.to ? null : resetAt };
}

/**
 * The most that a limit can give a single call, in this window or in one to come; `unused`: what
 * this one has beyond what was used, which nothing lowers.
 */
function mostOf({ amount: usual, replenishment }: Limit, unused: number): number {
  switch (replenishment.kind) {
    case 'reset':
      return Math.max(usual, unused);
    case 'rollover':
      return Math.max(usual + replenishment.cap, unused);
    case 'drip':
      return Math.max(replenishment.cap, unused);
  }
}

/** When a refused limit may first give again: with its next drip, else as its window ends. */
export function nextChanceAt(
  { replenishment }: Limit,
  window: { readonly from: number; readonly to: number },
  now: number,
): number {
  if (replenishment.kind !== 'drip') return window.to;
  const { everyMs } = replenishment;
  const drips = Math.floor((now - window.from) / everyMs) + 1;
  return Math.min(window.to, window.from + drips * everyMs);
}
