import { returnLease } from '@tallyward/domain';
import type { CounterRow } from '../storage/leases/counters';
import { counterOf, type StoredLease } from '../storage/leases/leases';
import type { Return } from '../storage/leases/returns';
import type { LeaseReturned } from './read-asks';

/** What a batch's returns change of leases that are locked (PROTOCOL 7): each lease once. */
export function returnsOf(
  said: readonly LeaseReturned[],
  locked: readonly StoredLease[],
): Return[] {
  const leases = new Map(locked.map((lease) => [lease.id, { lease, freed: 0 }]));
  for (const { project, customer, gateway, leases: given } of said) {
    for (const { lease: id, total } of given) {
      const before = leases.get(id);
      if (!before || !isOf(before.lease, { project, customer, gateway })) continue;
      const { lease, freed } = returnLease(before.lease, total);
      const after = { ...before.lease, returned: lease.returned };
      leases.set(id, { lease: after, freed: before.freed + freed });
    }
  }
  return [...leases.values()].filter(({ freed }) => freed > 0);
}

/** A gateway gives back its own leases, through the partition of their customer. */
function isOf(
  lease: StoredLease,
  by: Pick<LeaseReturned, 'project' | 'customer' | 'gateway'>,
): boolean {
  const isTheirs = lease.project === by.project && lease.customer === by.customer;
  return isTheirs && lease.gateway === by.gateway;
}

/** Counters as they are once the returns are written. */
export function lessReturns(
  counters: readonly CounterRow[],
  returns: readonly Return[],
): CounterRow[] {
  const freed = new Map<string, number>();
  for (const one of returns) {
    const counter = counterOf(one.lease);
    freed.set(counter, (freed.get(counter) ?? 0) + one.freed);
  }
  return counters.map((row) => ({ ...row, leased: row.leased - (freed.get(counterOf(row)) ?? 0) }));
}
