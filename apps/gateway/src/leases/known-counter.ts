import type { CounterState } from '@tallyward/contracts';
import type { ClockReading, LeaseBook, Limit, LimitInHand, Span } from '@tallyward/domain';
import type { CustomerDesk } from './customer-desk';
import { SettledSince } from './settled-since';

/** A limit's counter without its window, for one value of its scope, as this gateway knows it. */
export interface KnownCounter {
  readonly desk: CustomerDesk;
  readonly limit: Limit;
  readonly scopeValue: string;
  /** On the wire. */
  readonly name: string;
  /** In the lease book, which has those of all customers. */
  readonly key: string;
  /** What entitlement said last; null: nothing yet. */
  told: CounterTold | null;
  /** What calls in flight hold that were admitted here, in the window of the last of them. */
  held: number;
  /** Of that, what entitlement was told last. */
  heldTold: number;
  /** The window of the last of them, or one before it that it overlaps; null: it is over. */
  heldIn: Span | null;
  /** Counts how often `held` began anew: what is held of an earlier sum is in none. */
  heldSum: number;
  /** A call met it since the desk was last tidied. */
  isMet: boolean;
  /** Settled of what was admitted here, and not in what was told. */
  readonly settled: SettledSince;
  /** Its leases; null: none were asked for. See {@link limitInHand}. */
  inHand: LimitInHand | null;
}

/** Entitlement's word on a counter; quantities in its unit. */
export interface CounterTold extends Readonly<Omit<CounterState, 'limit' | 'held'>> {
  /** What calls in flight hold at other gateways. */
  held: number;
  /** When, by its clock, epoch ms. */
  readonly at: number;
  /** When its ask was sent, by our clocks. */
  readonly since: ClockReading;
  /** Its numbers have all that is before this place of the customer's usage. */
  readonly foldedTo: number;
}

export function newCounter(
  desk: CustomerDesk,
  limit: Limit,
  scopeValue: string,
  name: string,
): KnownCounter {
  return {
    desk,
    limit,
    scopeValue,
    name,
    key: bookKey(desk.key, name),
    told: null,
    held: 0,
    heldTold: 0,
    heldIn: null,
    heldSum: 0,
    isMet: true,
    settled: new SettledSince(),
    inHand: null,
  };
}

/** NUL stands in no name, so a key is one-to-one. */
export function bookKey(deskKey: string, name: string): string {
  return `${deskKey}\0${name}`;
}

/** What the lease book has of a counter: looked up by its name only once. */
export function limitInHand(
  counter: KnownCounter,
  book: LeaseBook,
  now: ClockReading,
): LimitInHand {
  const { inHand } = counter;
  if (inHand !== null && !inHand.isForgotten) return inHand;
  return (counter.inHand = book.limit(counter.key, now));
}

/** The log has a settlement at this place, which entitlement's last word may hold already. */
export function countSettled({ settled, told }: KnownCounter, amount: number, place: number): void {
  if (place >= (told?.foldedTo ?? 0)) settled.add(amount, place);
}
