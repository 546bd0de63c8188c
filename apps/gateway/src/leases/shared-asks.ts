import type { QuotaAsk } from '@tallyward/contracts';
import { type ClockReading, LEASE_TERMS, type LeaseBook } from '@tallyward/domain';
import type { AskedCounter, Asks } from './asks';
import type { CustomerDesk } from './customer-desk';
import type { KnownCounter } from './known-counter';
import type { Lack } from './waiting-calls';

/**
 * One ask for each set of limits that calls of a customer lack and nobody asks for yet. Each wants
 * what all calls that wait need of a limit together, so that a burst takes few round trips.
 */
export function asksFor(
  desk: CustomerDesk,
  customerVersion: number,
  { book, asks }: { readonly book: LeaseBook; readonly asks: Asks },
  now: ClockReading,
): QuotaAsk[] {
  const needed = neededBy(desk);
  const messages: QuotaAsk[] = [];
  for (const { lack, ttlMs } of desk.waiting) {
    if (asks.isFull) break;
    if (isAsked(lack, desk, book)) continue;
    const isOwn = ttlMs > LEASE_TERMS.usualHoldMs;
    const needs = isOwn ? lack.wants : neededAtOnce(desk, lack.wants);
    const wants = needs.map(({ counter, need }) =>
      askedCounter(book, { counter, need, atLeast: isOwn ? need : needed.get(counter) }, now),
    );
    if (lack.isStranger) desk.isIntroducing = true;
    if (lack.watches.length > 0) desk.isWatching = true;
    const ask = {
      desk,
      wants,
      watches: lack.watches,
      longestMs: Math.max(ttlMs, desk.usualHoldMs),
      opensAt: null,
      looks: false,
      customerVersion: lack.isStranger ? 0 : customerVersion,
    };
    messages.push(asks.add(ask, now));
  }
  return messages;
}

/** `atLeast`: what is known to be needed soon. */
export function askedCounter(
  book: LeaseBook,
  { counter, need, atLeast = need }: { counter: KnownCounter; need: number; atLeast?: number },
  now: ClockReading,
): AskedCounter {
  const want = book.want(counter.key, need, LEASE_TERMS.farMs, now);
  return { counter, need, want: Math.max(want, atLeast) };
}

function isAsked({ wants, isStranger }: Lack, desk: CustomerDesk, book: LeaseBook): boolean {
  if (isStranger) return desk.isIntroducing;
  if (wants.length === 0) return desk.isWatching;
  return wants.some(({ counter }) => book.isAsking(counter.key));
}

/** What the calls that wait need of each limit; one that holds for longer asks for its own. */
function neededBy(desk: CustomerDesk): Map<KnownCounter, number> {
  const needed = new Map<KnownCounter, number>();
  for (const { lack, ttlMs } of desk.waiting) {
    if (ttlMs > LEASE_TERMS.usualHoldMs) continue;
    for (const { counter, need } of lack.wants) {
      needed.set(counter, (needed.get(counter) ?? 0) + need);
    }
  }
  return needed;
}

/**
 * What the calls that wait need at once of the limits that the first of them lacks: as many of them
 * in their order as fit into what was left of each limit by entitlement's last word. They take it
 * as soon as it is granted, so nothing is hoarded, and a burst is not served a part at a time.
 * Where less is left by now, the refusal says how much.
 */
function neededAtOnce(desk: CustomerDesk, first: Lack['wants']): Lack['wants'] {
  const left = first.map(({ counter: { told } }) =>
    told ? told.amount - told.used - told.leased : 0,
  );
  if (left.every((units) => units <= 0)) return first;
  const needs = first.map(({ counter, need }) => ({ counter, need, sum: 0 }));
  for (const { lack, ttlMs } of desk.waiting) {
    if (ttlMs > LEASE_TERMS.usualHoldMs) continue;
    const more = needs.map(({ counter }) => needOf(lack, counter));
    if (needs.some(({ sum }, index) => sum + (more[index] as number) > (left[index] as number))) {
      break;
    }
    needs.forEach((need, index) => (need.sum += more[index] as number));
  }
  return needs.map(({ counter, need, sum }) => ({ counter, need: Math.max(need, sum) }));
}

function needOf({ wants }: Lack, counter: KnownCounter): number {
  return wants.find((want) => want.counter === counter)?.need ?? 0;
}
