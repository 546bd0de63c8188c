import type { Lease } from '@tallyward/domain';
import type { EntityManager } from 'typeorm';
import { safeInteger } from '../safe-integer';
import type { CounterKey } from './counters';
import { LEASE_TABLE } from './leases.migration';

/** A lease, and the counter that it is a slice of. */
export interface LeaseOfCounter {
  readonly of: CounterKey;
  readonly lease: Lease;
}

/** What folded settlements have taken from a lease in all. */
export interface PaidLease {
  /** Postgres' number, in digits. */
  readonly id: string;
  readonly settled: number;
}

/**
 * Locks the leases that holds name, by id; the caller has locked their counters before. A number
 * that no lease has is left out.
 */
export async function lockNamed(
  manager: EntityManager,
  ids: readonly string[],
): Promise<LeaseOfCounter[]> {
  const rows = await manager.query<StoredLease[]>(
    `SELECT id, project, customer, name, window_start, gateway, granted, returned, settled, open,
       issued_at, spend_until, settle_until
     FROM ${LEASE_TABLE} WHERE id = ANY ($1::bigint[]) ORDER BY id FOR UPDATE`,
    [ids],
  );
  return rows.map((row) => ({
    of: {
      project: row.project,
      customer: row.customer,
      name: row.name,
      windowStart: safeInteger(row.window_start),
    },
    lease: {
      id: row.id,
      gateway: row.gateway,
      counter: row.name,
      granted: safeInteger(row.granted),
      returned: safeInteger(row.returned),
      settled: safeInteger(row.settled),
      open: row.open,
      issuedAt: safeInteger(row.issued_at),
      spendUntil: safeInteger(row.spend_until),
      settleUntil: safeInteger(row.settle_until),
    },
  }));
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

interface StoredLease {
  id: string;
  project: string;
  customer: string;
  name: string;
  window_start: string;
  gateway: string;
  granted: string;
  returned: string;
  settled: string;
  open: boolean;
  issued_at: string;
  spend_until: string;
  settle_until: string;
}
