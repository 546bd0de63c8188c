import { MARGIN_MS } from '@tallyward/domain';
import type { EntityManager } from 'typeorm';
import { PROGRESS_TABLE } from '../totals/tables';
import { selectLeases, type StoredLease } from './leases';
import { LEASE_TABLE } from './leases.migration';

/**
 * Leases that may be due, those first that ended first, held; whoever else looks meanwhile finds
 * others. Nothing but these rows may be locked after them.
 */
export function dueLeases(
  manager: EntityManager,
  now: number,
  limit: number,
): Promise<StoredLease[]> {
  return selectLeases(
    manager,
    `open AND log_end IS NULL AND settle_until <= $1
     ORDER BY settle_until LIMIT $2 FOR UPDATE SKIP LOCKED`,
    [now - MARGIN_MS, limit],
  );
}

/** Keeps the log's end with leases that are held. */
export async function markLeases(
  manager: EntityManager,
  marks: readonly { readonly lease: string; readonly end: number }[],
): Promise<void> {
  await manager.query(
    `UPDATE ${LEASE_TABLE} l SET log_end = g.log_end
     FROM unnest($1::bigint[], $2::bigint[]) AS g (id, log_end) WHERE l.id = g.id`,
    [marks.map(({ lease }) => lease), marks.map(({ end }) => end)],
  );
}

/** Leases whose mark the fold of the usage log has reached. None of them is held. */
export function foldedLeases(
  manager: EntityManager,
  topic: string,
  limit: number,
): Promise<StoredLease[]> {
  return selectLeases(
    manager,
    `open AND log_end IS NOT NULL AND log_end <= (
       SELECT p.next_offset FROM ${PROGRESS_TABLE} p
       WHERE p.topic = $1 AND p.partition = lease.partition)
     ORDER BY settle_until LIMIT $2`,
    [topic, limit],
  );
}
