import type { EntityManager } from 'typeorm';
import { LEASE_TABLE } from './leases.migration';

/** What folded settlements have taken from a lease in all. */
export interface PaidLease {
  /** Postgres' number, in digits. */
  readonly id: string;
  readonly settled: number;
}

/** Writes what the fold took from leases that the caller has locked (PROTOCOL 13). */
export async function payLeases(
  manager: EntityManager,
  leases: readonly PaidLease[],
): Promise<void> {
  await manager.query(
    `UPDATE ${LEASE_TABLE} l SET settled = p.settled
     FROM unnest($1::bigint[], $2::bigint[]) AS p (id, settled) WHERE l.id = p.id`,
    [leases.map(({ id }) => id), leases.map(({ settled }) => settled)],
  );
}
