import {
  EVERY_GROUP,
  LIMIT_SCOPES,
  type LimitScope,
  type LoggedEvent,
  partitionKey,
  type UsageEvent,
} from '@tallyward/domain';
import type { OpenCounter } from '../storage/leases/counter-usage';

/** What events add to one counter, or voids take off, in the order of the log; never 0. */
export interface CounterUses {
  readonly counter: OpenCounter;
  readonly uses: CounterUse[];
}

export interface CounterUse {
  /** The event at its place; what is taken back, at the place of its void. */
  readonly entry: LoggedEvent;
  /** In the counter's unit; below 0: taken back. */
  readonly actual: number;
}

/** Counters of one limit and scope value, by the start of their windows. */
interface Windows {
  readonly uses: CounterUses[];
  /** The longest of them: windows overlap where a time zone has changed. */
  longestMs: number;
}

/**
 * Which counters each event counts in: those of its customer, its model's group and its scopes, in
 * whose window its time lies. Counters that no event adds to are left out.
 *
 * The fold opens no counter, it adds to what it finds open. A window on quarters of an hour is
 * opened by an ask with what the totals have; a minute, and a window that begins with its first
 * use, open at 0 (PROTOCOL 21), and what was folded before has not counted in them. So a first-use
 * window begins with the first call that asked for a lease, never with one that was only reported:
 * to know that the latter's tier has such a limit, the fold would have to look it up (PROTOCOL 17).
 * Such windows keep what they counted, though it is taken back: whether they counted it, nobody
 * knows, and what they did not count must not be taken off what they did.
 */
export function usesOf(
  counters: readonly OpenCounter[],
  counted: readonly LoggedEvent[],
  takenBack: readonly LoggedEvent[] = [],
): CounterUses[] {
  if (counters.length === 0) return [];
  const customers = placesOf(counters);
  for (const entry of counted) addWhereItCounts(customers, entry, false);
  for (const entry of takenBack) addWhereItCounts(customers, entry, true);
  const all = [...customers.values()]
    .flatMap((places) => [...places.values()])
    .flatMap((names) => [...names.values()].flatMap(({ uses }) => uses))
    .filter(({ uses }) => uses.length > 0);
  if (takenBack.length > 0) for (const { uses } of all) uses.sort(inLogOrder);
  return all;
}

const inLogOrder = (a: CounterUse, b: CounterUse): number =>
  a.entry.offset < b.entry.offset ? -1 : 1;

function addWhereItCounts(
  customers: ReadonlyMap<string, Places>,
  entry: LoggedEvent,
  isTakenBack: boolean,
): void {
  const { event } = entry;
  const places = customers.get(partitionKey(event.project, event.customer));
  if (!places) return;
  for (const place of placesMet(event)) {
    for (const windows of places.get(place)?.values() ?? []) addTo(windows, entry, isTakenBack);
  }
}

function addTo({ uses, longestMs }: Windows, entry: LoggedEvent, isTakenBack: boolean): void {
  const { time, amounts } = entry.event;
  for (let at = lastFrom(uses, time); at >= 0; at -= 1) {
    const { counter, uses: mine } = uses[at] as CounterUses;
    if (counter.windowStart <= time - longestMs) return;
    const actual = amounts[counter.unit];
    if (time >= counter.windowEnd || actual === 0) continue;
    if (!isTakenBack) mine.push({ entry, actual });
    else if (counter.isOnQuarters) mine.push({ entry, actual: -actual });
  }
}

/** The last that has begun at an instant; −1: none has. */
function lastFrom(uses: readonly CounterUses[], time: number): number {
  let [low, high] = [0, uses.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((uses[middle] as CounterUses).counter.windowStart <= time) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** By what counts in them, and then by name: an event looks at what it may count in alone. */
type Places = Map<string, Map<string, Windows>>;

function placesOf(counters: readonly OpenCounter[]): Map<string, Places> {
  const customers = new Map<string, Places>();
  for (const counter of [...counters].sort((a, b) => a.windowStart - b.windowStart)) {
    const { project, customer, scope, scopeValue, modelGroup, name } = counter;
    const places = madeIn(customers, partitionKey(project, customer), (): Places => new Map());
    const place = placeOf(scope, scopeValue, modelGroup);
    const names = madeIn(places, place, () => new Map<string, Windows>());
    const windows = madeIn(names, name, (): Windows => ({ uses: [], longestMs: 0 }));
    windows.longestMs = Math.max(windows.longestMs, counter.windowEnd - counter.windowStart);
    windows.uses.push({ counter, uses: [] });
  }
  return customers;
}

function madeIn<V>(map: Map<string, V>, key: string, make: () => V): V {
  const found = map.get(key);
  if (found !== undefined) return found;
  const made = make();
  map.set(key, made);
  return made;
}

function placesMet(event: UsageEvent): string[] {
  const { modelGroup } = event;
  return LIMIT_SCOPES.filter((scope) => event[scope] !== '').flatMap((scope) => [
    placeOf(scope, event[scope], modelGroup),
    placeOf(scope, event[scope], EVERY_GROUP),
  ]);
}

/** Names hold no NUL. */
function placeOf(scope: LimitScope, scopeValue: string, modelGroup: string): string {
  return `${scope}\0${scope === 'customer' ? '' : scopeValue}\0${modelGroup}`;
}
