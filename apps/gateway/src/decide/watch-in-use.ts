import { type ClockReading, elapsedMs, isHard, LEASE_TERMS, type Met } from '@tallyward/domain';
import type { KnownCounter } from '../leases/customer-desk';
import type { Leases } from '../leases/leases';
import type { CallToDecide } from './decide-call';

/**
 * Limits that let a call pass have no lease whose end would bring news of them: what is known of
 * them is asked for anew while they are in use, once for each customer in so long.
 */
export function watchInUse(
  { desk }: CallToDecide,
  met: readonly Met[],
  customerVersion: number,
  leases: Leases,
  now: ClockReading,
): void {
  const { watchEveryMs } = leases.limits;
  if (now.monotonicMs - desk.watchedAtMs < watchEveryMs) return;
  const watches: KnownCounter[] = [];
  for (const { limit, scopeValue, need } of met) {
    if (isHard(limit) || need === 0 || limit.window === 'request') continue;
    const counter = desk.counter(limit, scopeValue);
    if (!counter.told || elapsedMs(counter.told.since, now) >= watchEveryMs) watches.push(counter);
  }
  if (watches.length === 0) return;
  desk.watchedAtMs = now.monotonicMs;
  const longestMs = LEASE_TERMS.usualHoldMs;
  const ask = { desk, wants: [], watches, longestMs, opensAt: null, looks: false, customerVersion };
  leases.ask(ask, now);
}
