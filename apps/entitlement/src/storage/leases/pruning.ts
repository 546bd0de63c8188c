import type { EntityManager } from 'typeorm';
import { ASK_TABLE, COUNTER_TABLE, LEASE_TABLE } from './leases.migration';

/** Windows that rollover may look back on, and the one that it adds to. */
const WINDOWS_KEPT = 37;

/** What each table's rows are deleted by; $1 is the instant, epoch ms. */
const OLD = {
  [ASK_TABLE]: 'at < $1',
  [LEASE_TABLE]: 'NOT open AND settle_until < $1',
  [COUNTER_TABLE]: `window_end < $1
    AND window_end + ${WINDOWS_KEPT} * (window_end - window_start) < $1`,
} as const;

/** A table of leases that grows with time. */
export type PrunedTable = keyof typeof OLD;

/** Deletes at most so many rows that are older; answers how many. */
export async function deleteOld(
  manager: EntityManager,
  table: PrunedTable,
  before: number,
  limit: number,
): Promise<number> {
  const [, deleted] = await manager.query<[unknown[], number]>(
    `DELETE FROM ${table} WHERE ctid = ANY (ARRAY(
       SELECT ctid FROM ${table} WHERE ${OLD[table]} LIMIT $2 FOR UPDATE SKIP LOCKED))`,
    [before, limit],
  );
  return deleted;
}

export { ASK_TABLE, COUNTER_TABLE, LEASE_TABLE };
