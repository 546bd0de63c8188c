import type { QuotaGrant } from '@tallyward/contracts';
import {
  type Ask,
  deadlinesOf,
  decideGrant,
  drawnAt,
  LEASE_TERMS,
  tierAt,
} from '@tallyward/domain';
import type { CounterKey, UsagePlace } from '../storage/leases/counters';
import type { NewLease } from '../storage/leases/leases';
import { type BookedCounter, type CounterBook, lineOf, PlanPassed, stateOf } from './counter-book';
import type { DrawnRule, PlannedAsk } from './planned-asks';

export type Refusal = Extract<QuotaGrant, { type: 'lease.refused' }>;
export type Grant = Extract<QuotaGrant, { type: 'lease.granted' }>;
type Shortages = Refusal['shortages'];

/** A lease that is decided, and not written: its number is to come. */
export interface DraftLease extends NewLease {
  readonly window: { readonly from: number; readonly to: number };
}

export interface DecidedAsk {
  readonly planned: PlannedAsk;
  readonly answer: Grant | Refusal;
  /** In the order of the ask's wants; none where it was refused, or only looked. */
  readonly leases: readonly DraftLease[];
  /** Where only leases are in the way: they are to be recalled. */
  readonly held: readonly CounterKey[];
}

/** What gateways told of calls in flight: of all but this one. */
export type HeldElsewhere = (key: CounterKey, gateway: string) => number;

/** When a batch is answered, its counters locked. */
export interface Moment {
  /** Postgres' clock, epoch ms. */
  readonly at: number;
  /** Of the usage log at `place`: the counters have all that is before. */
  readonly foldedTo: number;
  readonly place: UsagePlace;
}

/** Answers one ask from counters that are locked, and moves what it grants (PROTOCOL 1, 5). */
export function decideAsk(
  planned: PlannedAsk,
  book: CounterBook,
  moment: Moment,
  heldElsewhere: HeldElsewhere,
): DecidedAsk {
  const { at, place } = moment;
  const { ask: said, asker } = planned;
  const ask: Ask = { ...said, id: said.ask };
  const from = drawnAt(ask, at, LEASE_TERMS);
  const wants = planned.wants.flatMap((want) => want ?? []);
  const refused = (shortages: Shortages, held: CounterKey[] = []): DecidedAsk => {
    const counters = states([...wants, ...planned.watches]);
    return { planned, answer: refusal(planned, moment, counters, shortages), leases: [], held };
  };
  const states = (rules: readonly DrawnRule[]) =>
    rules.map((rule) => {
      const counter = book.at(asker, rule, from);
      return stateOf(counter, heldElsewhere(counter.key, said.gateway));
    });
  if (asker.isDisabled) return refused([]);
  if (tierAt(asker.holder.tiers, from) !== planned.tier) throw new PlanPassed(planned.tier.name);
  const strange = said.wants.filter((_, index) => planned.wants[index] === null);
  if (strange.length > 0) return refused(strange.map(notALimit));
  const counters = wants.map((rule) => book.at(asker, rule, from));
  const decision = decideGrant(ask, counters.map(lineOf), LEASE_TERMS);
  if (decision.kind === 'refused') {
    const inTheWay = counters.filter(({ key }) =>
      decision.shortages.some(({ limit, reason }) => limit === key.name && reason === 'held'),
    );
    const held = said.looks ? [] : inTheWay.map(({ key }) => key);
    return refused(
      decision.shortages.map((one) => risingOf(one, counters)),
      held,
    );
  }
  const leases = said.looks
    ? []
    : counters.map((counter, index) => {
        const slice = decision.slices[index] as number;
        const lengthMs = decision.lengthsMs[index] as number;
        return lease(ask, counter, slice, { at, from, lengthMs, partition: place.partition });
      });
  if (!said.looks) {
    const watched = planned.watches.map((rule) => book.at(asker, rule, from));
    for (const counter of [...counters, ...watched]) book.open(asker, counter);
  }
  const answer = granted(planned, moment, states([...wants, ...planned.watches]));
  return { planned, answer, leases, held: [] };
}

function lease(
  ask: Ask,
  counter: BookedCounter,
  slice: number,
  {
    at,
    from,
    lengthMs,
    partition,
  }: { at: number; from: number; lengthMs: number; partition: number },
): DraftLease {
  const { key, window } = counter;
  counter.leased += slice;
  const deadlines = deadlinesOf(ask, from, lengthMs, window);
  const { gateway } = ask;
  return { ...key, partition, gateway, granted: slice, issuedAt: at, ...deadlines, window };
}

/** What drips or may still roll over comes back before the window ends. */
function risingOf(
  shortage: Shortages[number],
  counters: readonly BookedCounter[],
): Shortages[number] {
  const counter = counters.find(({ key }) => key.name === shortage.limit);
  return { ...shortage, resetAt: counter?.risesAt ?? shortage.resetAt };
}

function notALimit({ limit, need }: { limit: string; need: number }): Shortages[number] {
  return { limit, reason: 'not-a-limit', need, used: 0, leased: 0, amount: 0, resetAt: 0 };
}

function granted(
  { ask, asker }: PlannedAsk,
  { at, foldedTo }: Moment,
  counters: Grant['counters'],
): Grant {
  const { gateway, ask: id, customerVersion } = ask;
  const isNews = customerVersion < asker.snapshot.version;
  const customer = isNews ? asker.snapshot : null;
  const told = { gateway, ask: id, at, foldedTo, counters, customer };
  return { type: 'lease.granted', ...told, leases: [] };
}

/** Where the gateway has another tier in mind, or does not know of the switch, it is told. */
function refusal(
  { ask, asker, wants }: PlannedAsk,
  { at, foldedTo }: Moment,
  counters: Refusal['counters'],
  shortages: Shortages,
): Refusal {
  const { gateway, ask: id, customerVersion } = ask;
  const isNews = customerVersion < asker.snapshot.version;
  const isTold = isNews || asker.isDisabled || wants.includes(null);
  const customer = isTold ? asker.snapshot : null;
  const told = { gateway, ask: id, at, foldedTo, counters, customer };
  return { type: 'lease.refused', ...told, shortages };
}
