import { type HoldPart, type Lease, overrunOf, payFromLeases } from '@tallyward/domain';
import type { CounterDelta, LockedCounter } from '../storage/leases/counter-usage';
import type { CounterKey } from '../storage/leases/counters';
import type { Overrun, Uncovered } from '../storage/leases/overruns';
import type { LeaseOfCounter, PaidLease } from '../storage/leases/settle';
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
    for (const { entry } of mine) {
      for (const { lease } of entry.event.hold?.parts ?? []) named.add(lease);
    }
  }
  return [...named];
}

/**
 * Folds what events use into counters and leases that are locked, event by event in the order of
 * the log (PROTOCOL 13): the whole goes to `used`; what the hold carries of it is paid by the leases
 * that the hold names for that counter, and by none that is closed or another customer's; of the
 * rest, what passes the amount is overrun, where the limit lets nothing pass.
 */
export function settleBatch(
  uses: readonly CounterUses[],
  locked: readonly LockedCounter[],
  named: readonly LeaseOfCounter[],
): Settled {
  const before = new Map(locked.map((counter) => [textOf(counter), counter]));
  const leases = new Map(named.map((one) => [one.lease.id, one]));
  const paid = new Map<string, PaidLease>();
  const overruns: Overrun[] = [];
  const counters = uses.flatMap((use): CounterDelta[] => {
    const counter = before.get(textOf(use.counter));
    return counter ? [settleCounter(use, counter, { leases, paid, overruns })] : [];
  });
  return { counters, leases: [...paid.values()], overruns };
}

interface Books {
  readonly leases: Map<string, LeaseOfCounter>;
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
  const mine = textOf(counter);
  let { used, leased, overrun } = { used: counter.used, leased: counter.leased, overrun: 0 };
  const leaseOf = (id: string): Lease | undefined => {
    const found = leases.get(id);
    return found && textOf(found.of) === mine ? found.lease : undefined;
  };
  for (const { entry, actual } of uses) {
    const parts = partsOf(entry.event.hold?.parts ?? []);
    const own = parts.filter((part) => leaseOf(part.lease) !== undefined);
    const why = whyUncovered(own, leaseOf);
    const { changes, uncovered } = payFromLeases(actual, own, leaseOf);
    for (const { lease, freed } of changes) {
      if (freed === 0) continue;
      leases.set(lease.id, { of: key, lease });
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
  return { ...key, used: used - counter.used, leased: leased - counter.leased, overrun };
}

/** Each lease once: paying twice from one that was read once would take it twice. */
function partsOf(parts: readonly HoldPart[]): HoldPart[] {
  const amounts = new Map<string, number>();
  for (const { lease, amount } of parts) amounts.set(lease, (amounts.get(lease) ?? 0) + amount);
  if (amounts.size === parts.length) return [...parts];
  return [...amounts].map(([lease, amount]) => ({ lease, amount }));
}

function whyUncovered(
  own: readonly HoldPart[],
  leaseOf: (id: string) => Lease | undefined,
): Uncovered {
  if (own.length === 0) return 'no-hold';
  return own.some(({ lease }) => leaseOf(lease)?.open === false) ? 'late' : 'above-hold';
}

function textOf({ project, customer, name, windowStart }: CounterKey): string {
  return JSON.stringify([project, customer, name, windowStart]);
}
