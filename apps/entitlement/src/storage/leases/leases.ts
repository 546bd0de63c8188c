import type { Lease } from '@tallyward/domain';
import { crashPoint } from '@tallyward/platform';
import type { EntityManager } from 'typeorm';
import { safeInteger } from '../safe-integer';
import { type CounterKey, keyColumns } from './counters';
import { COUNTER_TABLE, LEASE_TABLE } from './leases.migration';

/** A slice of one counter, about to be handed to a gateway. Instants are Postgres', epoch ms. */
export interface NewLease extends CounterKey {
  /** Of the log: where its customer's usage is. */
  readonly partition: number;
  readonly gateway: string;
  readonly granted: number;
  readonly issuedAt: number;
  readonly spendUntil: number;
  readonly settleUntil: number;
}

/** Thrown where a counter had less left than was to be leased: the row locks were not held. */
export class OverLeased extends Error {
  override readonly name = 'OverLeased';
}

/**
 * Moves what is granted from available to leased (PROTOCOL 1), and writes the leases. Answers their
 * numbers, in order. The counters are locked by the caller; the condition holds even if not.
 */
export async function grantLeases(
  manager: EntityManager,
  leases: readonly NewLease[],
): Promise<number[]> {
  if (leases.length === 0) return [];
  const columns = [...keyColumns(leases), leases.map(({ granted }) => granted)];
  const [moved] = await manager.query<[unknown[], number]>(
    `WITH slices AS (
       SELECT project, customer, name, window_start, sum(granted)::bigint AS granted
       FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[])
         AS g (project, customer, name, window_start, granted)
       GROUP BY 1, 2, 3, 4)
     UPDATE ${COUNTER_TABLE} c SET leased = c.leased + g.granted FROM slices g
     WHERE c.project = g.project AND c.customer = g.customer AND c.name = g.name
       AND c.window_start = g.window_start
       AND c.used + c.leased + g.granted <= c.amount + c.extra
     RETURNING c.name`,
    columns,
  );
  const counters = new Set(leases.map(counterOf)).size;
  if (moved.length !== counters) throw new OverLeased('a counter has less left than granted');
  crashPoint('leases.after-leased');
  const rows = await manager.query<{ id: string }[]>(
    `INSERT INTO ${LEASE_TABLE} (project, customer, name, window_start, granted, gateway,
       issued_at, spend_until, settle_until, partition)
     SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[],
       $6::text[], $7::bigint[], $8::bigint[], $9::bigint[], $10::smallint[])
     RETURNING id`,
    [
      ...columns,
      leases.map(({ gateway }) => gateway),
      leases.map(({ issuedAt }) => issuedAt),
      leases.map(({ spendUntil }) => spendUntil),
      leases.map(({ settleUntil }) => settleUntil),
      leases.map(({ partition }) => partition),
    ],
  );
  return rows.map(({ id }) => safeInteger(id));
}

/** A counter in one text; keys of maps. */
export function counterOf({ project, customer, name, windowStart }: CounterKey): string {
  return JSON.stringify([project, customer, name, windowStart]);
}

/** A lease and its counter. `counter` is that in one text. */
export interface StoredLease extends Lease, CounterKey {
  readonly partition: number;
  /** The log's end that was taken when it came due; null: not yet. */
  readonly logEnd: number | null;
}

/** Leases by id, as they are at this moment: the counters of those that are held first. */
export async function findLeases(
  manager: EntityManager,
  ids: readonly string[],
): Promise<StoredLease[]> {
  if (ids.length === 0) return [];
  return selectLeases(manager, 'id = ANY($1::bigint[]) ORDER BY id', [ids]);
}

/** Locks leases in the order of their ids. Their counters are to be locked before. */
export async function lockLeases(
  manager: EntityManager,
  ids: readonly string[],
): Promise<StoredLease[]> {
  if (ids.length === 0) return [];
  return selectLeases(manager, 'id = ANY($1::bigint[]) ORDER BY id FOR UPDATE', [ids]);
}

/** Open leases with something outstanding on these counters, at most so many, the newest first. */
export async function outstandingLeases(
  manager: EntityManager,
  counters: readonly CounterKey[],
  limit: number,
): Promise<StoredLease[]> {
  if (counters.length === 0) return [];
  const where = `open AND granted > returned + settled
    AND (project, customer, name, window_start) IN (
      SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[]))
    ORDER BY id DESC LIMIT ${Number(limit)}`;
  return selectLeases(manager, where, keyColumns(counters));
}

interface LeaseRow {
  [column: string]: string;
}

/** `condition` may use the parameters. */
export async function selectLeases(
  manager: EntityManager,
  condition: string,
  parameters: readonly unknown[],
): Promise<StoredLease[]> {
  const rows = await manager.query<(LeaseRow & { open: boolean; log_end: string | null })[]>(
    `SELECT id, project, customer, name, window_start, granted, returned, settled, gateway, open,
       issued_at, spend_until, settle_until, log_end, partition
     FROM ${LEASE_TABLE} WHERE ${condition}`,
    [...parameters],
  );
  return rows.map(storedLease);
}

function storedLease(
  row: Record<string, string> & { open: boolean; log_end: string | null },
): StoredLease {
  const number = (column: string): number => safeInteger(row[column] as string);
  const key = {
    project: row['project'] as string,
    customer: row['customer'] as string,
    name: row['name'] as string,
    windowStart: number('window_start'),
  };
  return {
    ...key,
    id: row['id'] as string,
    gateway: row['gateway'] as string,
    counter: counterOf(key),
    granted: number('granted'),
    returned: number('returned'),
    settled: number('settled'),
    open: row.open,
    issuedAt: number('issued_at'),
    spendUntil: number('spend_until'),
    settleUntil: number('settle_until'),
    logEnd: row.log_end === null ? null : safeInteger(row.log_end),
    partition: Number(row['partition']),
  };
}
