import { isSpent } from '../lease-in-hand';
import { isRunning, type KnownHold, spentOf } from './known-hold';
import type { World } from './world';

/**
 * What really counts (PROTOCOL): settlements in the log in time, open holds and what gateways could
 * still spend. Taken from the world, never from what entitlement believes. Null, or the counter
 * that is over its amount, or over what entitlement believes to be gone: it would sell that again.
 */
export function overspent(world: World): string | null {
  const { postgres, holds, gateways, now } = world;
  for (const counter of postgres.counters.values()) counter.spent = counter.spentBefore;
  for (const known of holds.values()) {
    if (known.isReleased || known.isPast) continue;
    const isRunningNow = !known.entry && isRunning(known, now);
    for (const claim of known.claims) claim.counter.spent += spentOf(known, claim, isRunningNow);
  }
  for (const { book, clocks } of gateways) {
    for (const lease of book.inHand()) {
      if (lease.free === 0 || lease.isRecalled || isSpent(lease, clocks)) continue;
      const counter = postgres.counters.get(lease.granted.counter);
      if (counter) counter.spent += lease.free;
    }
  }
  for (const { id, limit, ceiling, used, leased, spent } of postgres.counters.values()) {
    const most = Math.max(postgres.limit(limit).amount, ceiling);
    if (spent > most) return `${id}: ${spent} of ${most}`;
    if (leased < 0) return `${id}: ${leased} leased`;
    if (spent > used + leased) return `${id}: ${spent}, and entitlement knows ${used} + ${leased}`;
  }
  return null;
}

/** Holds are kept for so long after their deadline: clients may settle them late. */
const LATE_MS = 60_000;
const PAST_MS = 2_000;

/** Forgets holds that nobody will settle any more: what they came to stays in their counters. */
export function forgetHolds(world: World): void {
  for (const [id, known] of world.holds) {
    known.isPast = isPast(known, world);
    if (!isOver(known, world)) continue;
    for (const claim of known.claims) claim.counter.spentBefore += spentOf(known, claim, false);
    world.holds.delete(id);
  }
}

/** Nothing of it can come in time any more, not even by a clock that is slow. */
function isPast(known: KnownHold, { now }: World): boolean {
  const { hold, entry } = known;
  return !entry?.isTimely && now > hold.expiresAt + PAST_MS && !isRunning(known, now);
}

function isOver(known: KnownHold, { now }: World): boolean {
  const { hold, entry, isAnswered, isReleased, flights } = known;
  if (flights.length > 0 || isRunning(known, now)) return false;
  return entry !== null || isReleased || !isAnswered || now > hold.expiresAt + LATE_MS;
}
