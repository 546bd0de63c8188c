import { foldOne, rebuild } from './log-steps';
import { reclaim } from './entitlement-steps';
import { wake } from './gateway-steps';
import type { World } from './world';

/** Longer than any lease with its holds and margin, and any append. */
const ALL_OVER_MS = 60_000;

/**
 * After all deadlines, with the log folded, nothing is leased and all that was not used can be sold
 * again (I4). Null, or the counter that holds something back.
 */
export function stillStranded(world: World): string | null {
  const { postgres, log } = world;
  wake(world);
  if (log.isOut) log.backAt = world.now;
  log.isOut = false;
  for (const flight of log.flights) log.land(flight);
  world.passes(ALL_OVER_MS);
  while (foldOne(world));
  reclaim(world);
  reclaim(world);
  rebuild(world);
  if (world.wrong) return world.wrong;
  for (const { id, limit, window, leased, amount, used } of postgres.counters.values()) {
    if (leased !== 0) return `${id}: ${leased} stay leased`;
    const need = amount - used;
    if (need <= 0) continue;
    const wants = [{ limit, need, want: need }];
    const ask = { id: `last ${id}`, gateway: '', wants, longestMs: 1_000, opensAt: null };
    const { decision } = postgres.plan(ask, window.from);
    if (decision.kind === 'refused') return `${id}: ${need} cannot be sold`;
  }
  return null;
}
