import { crashPoint } from '@tallyward/platform';
import type { EntityManager } from 'typeorm';
import { counterOf, type StoredLease } from './leases';
import { COUNTER_TABLE, LEASE_TABLE } from './leases.migration';
import { keyColumns } from './counters';

/** What a gateway gave back of one lease. */
export interface Return {
  /** As it is now. */
  readonly lease: StoredLease;
  /** What that takes off its counter's `leased`. */
  readonly freed: number;
}

/** Writes what came back of leases that the caller has locked, and their counters before them. */
export async function saveReturns(
  manager: EntityManager,
  returns: readonly Return[],
): Promise<void> {
  await manager.query(
    `UPDATE ${LEASE_TABLE} l SET returned = g.returned, open = g.open
     FROM unnest($1::bigint[], $2::bigint[], $3::boolean[]) AS g (id, returned, open)
     WHERE l.id = g.id`,
    [
      returns.map(({ lease }) => lease.id),
      returns.map(({ lease }) => lease.returned),
      returns.map(({ lease }) => lease.open),
    ],
  );
  crashPoint('leases.after-returned');
  const freed = new Map<string, { lease: StoredLease; freed: number }>();
  for (const one of returns) {
    const counter = counterOf(one.lease);
    const before = freed.get(counter)?.freed ?? 0;
    freed.set(counter, { lease: one.lease, freed: before + one.freed });
  }
  const counters = [...freed.values()];
  await manager.query(
    `UPDATE ${COUNTER_TABLE} c SET leased = c.leased - g.freed
     FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[])
       AS g (project, customer, name, window_start, freed)
     WHERE c.project = g.project AND c.customer = g.customer AND c.name = g.name
       AND c.window_start = g.window_start`,
    [...keyColumns(counters.map(({ lease }) => lease)), counters.map(({ freed: less }) => less)],
  );
}
