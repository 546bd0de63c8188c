import { type ClockReading, elapsedMs, isHard, LEASE_TERMS } from '@tallyward/domain';
import type { KnownCounter } from '../leases/known-counter';
import type { Leases } from '../leases/leases';
import type { CallToDecide, MetHere } from './decide-call';

/**
 * Limits that let a call pass have no lease whose end would bring news of them: what is known of
 * them is asked for anew while they are in use, once for each customer in so long.
 */
export function watchInUse(
  { desk }: CallToDecide,
  met: readonly MetHere[],
  customerVersion: number,
  leases: Leases,
  now: ClockReading,
): void {
  const { watchEveryMs } = leases.limits;
  if (now.monotonicMs - desk.watchedAtMs < watchEveryMs) return;
  const watches: KnownCounter[] = [];
  for (const { limit, counter, need } of met) {
    if (isHard(limit) || need === 0 || limit.window === 'request') continue;
    if (!counter.told || elapsedMs(counter.told.since, now) >= watchEveryMs) watches.push(counter);
  }
  if (watches.length === 0) return;
  desk.watchedAtMs = now.monotonicMs;
  const longestMs = LEASE_TERMS.usualHoldMs;
  const ask = { desk, wants: [], watches, longestMs, opensAt: null, looks: false, customerVersion };
  leases.ask(ask, now);
}
