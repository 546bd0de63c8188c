import {
  AHEAD_MS,
  type HoldPart,
  type Lease,
  type LoggedEvent,
  overrunOf,
  payFromLeases,
} from '@tallyward/domain';
import type { CounterDelta, LockedCounter } from '../storage/leases/counter-usage';
import { counterOf } from '../storage/leases/leases';
import type { Overrun, Uncovered } from '../storage/leases/overruns';
import type { PaidLease } from '../storage/leases/settle';
import type { CounterUses } from './uses-of';

/** What a batch changes on counters and leases, and what it found to pass them. */
export interface Settled {
  readonly counters: readonly CounterDelta[];
  readonly leases: readonly PaidLease[];
  readonly overruns: readonly Overrun[];
}

/** Lease numbers that the holds of these events name. */
export function namedLeases(uses: readonly CounterUses[]): string[] {
  const named = new Set<string>();
  for (const { uses: mine } of uses) {
    for (const { entry, actual } of mine) {
      // The lease of what is taken back was paid from when it counted.
      if (actual < 0) continue;
      for (const { lease } of entry.event.hold?.parts ?? []) named.add(lease);
    }
  }
  return [...named];
}

/**
 * Folds what events use into counters and leases that are locked, event by event in the order of
 * the log (PROTOCOL 13). The whole goes to `used`. What the hold carries of it is paid by the
 * leases that it names for that counter, and by none that is closed or another customer's. Of the
 * rest, what passes the amount is overrun, where the limit lets nothing pass.
 */
export function settleBatch(
  uses: readonly CounterUses[],
  locked: readonly LockedCounter[],
  named: readonly Lease[],
): Settled {
  const before = new Map(locked.map((counter) => [counterOf(counter), counter]));
  const leases = new Map(named.map((lease) => [lease.id, lease]));
  const paid = new Map<string, PaidLease>();
  const overruns: Overrun[] = [];
  const counters = uses.flatMap((use): CounterDelta[] => {
    const counter = before.get(counterOf(use.counter));
    return counter ? [settleCounter(use, counter, { leases, paid, overruns })] : [];
  });
  return { counters, leases: [...paid.values()], overruns };
}

interface Books {
  /** By id, with what this batch has taken from them so far. */
  readonly leases: Map<string, Lease>;
  readonly paid: Map<string, PaidLease>;
  readonly overruns: Overrun[];
}

function settleCounter(
  { uses }: CounterUses,
  counter: LockedCounter,
  { leases, paid, overruns }: Books,
): CounterDelta {
  const { project, customer, name, windowStart, amount, isHard } = counter;
  const key = { project, customer, name, windowStart };
  const mine = counterOf(counter);
  let { used, leased, overrun } = { used: counter.used, leased: counter.leased, overrun: 0 };
  let { forgiven } = counter;
  for (const { entry, actual } of uses) {
    if (actual < 0) {
      const less = Math.min(used, -actual);
      if (isForgiven(entry, counter)) forgiven -= Math.min(forgiven, less);
      used -= less;
      continue;
    }
    const parts = partsOf(entry.event.hold?.parts ?? []);
    const own = parts.filter(({ lease }) => leases.get(lease)?.counter === mine);
    const why = whyUncovered(parts, own, leases);
    const { changes, uncovered } = payFromLeases(actual, own, (id) => leases.get(id));
    for (const { lease, freed } of changes) {
      if (freed === 0) continue;
      leases.set(lease.id, lease);
      paid.set(lease.id, { id: lease.id, settled: lease.settled });
      leased -= freed;
    }
    used += actual;
    const quantity = isHard ? overrunOf(uncovered, { used, leased, amount }) : 0;
    if (quantity === 0) continue;
    overrun += quantity;
    const { source, id } = entry.event;
    const { partition, offset } = entry;
    overruns.push({ ...key, source, id, partition, offset, quantity, why });
  }
  const changed = { used: used - counter.used, forgiven: forgiven - counter.forgiven };
  return { ...key, ...changed, leased: leased - counter.leased, overrun };
}

/**
 * What had been used when usage was forgiven is in the counter's extra: taken back, it leaves there
 * too, else it would be given twice. Told by the event's time, which may lie ahead of the log's:
 * one that came late is taken for one that was forgiven, and gives nothing back.
 */
function isForgiven({ event }: LoggedEvent, { freshFrom }: LockedCounter): boolean {
  return freshFrom === null || event.time < freshFrom + AHEAD_MS;
}

/** Each lease once: paying twice from one that was read once would take it twice. */
function partsOf(parts: readonly HoldPart[]): HoldPart[] {
  const amounts = new Map<string, number>();
  for (const { lease, amount } of parts) amounts.set(lease, (amounts.get(lease) ?? 0) + amount);
  return [...amounts].map(([lease, amount]) => ({ lease, amount }));
}

/** A lease that nobody knows was closed so long ago that it is pruned. */
function whyUncovered(
  parts: readonly HoldPart[],
  own: readonly HoldPart[],
  leases: ReadonlyMap<string, Lease>,
): Uncovered {
  const isClosed = ({ lease }: HoldPart): boolean => leases.get(lease)?.open === false;
  if (own.some(isClosed) || parts.some(({ lease }) => !leases.has(lease))) return 'late';
  return own.length === 0 ? 'no-hold' : 'above-hold';
}
