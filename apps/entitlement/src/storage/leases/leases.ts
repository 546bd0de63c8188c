import type { EntityManager } from 'typeorm';
import { safeInteger } from '../safe-integer';
import type { CounterKey } from './counters';
import { COUNTER_TABLE, LEASE_TABLE } from './leases.migration';

/** A slice of one counter, about to be handed to a gateway. Instants are Postgres', epoch ms. */
export interface NewLease extends CounterKey {
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
  const columns = [
    leases.map(({ project }) => project),
    leases.map(({ customer }) => customer),
    leases.map(({ name }) => name),
    leases.map(({ windowStart }) => windowStart),
    leases.map(({ granted }) => granted),
  ];
  const [moved] = await manager.query<[unknown[], number]>(
    `UPDATE ${COUNTER_TABLE} c SET leased = c.leased + g.granted
     FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[])
       AS g (project, customer, name, window_start, granted)
     WHERE c.project = g.project AND c.customer = g.customer AND c.name = g.name
       AND c.window_start = g.window_start
       AND c.used + c.leased + g.granted <= c.amount + c.extra
     RETURNING c.name`,
    columns,
  );
  if (moved.length !== leases.length) throw new OverLeased('a counter has less left than granted');
  const rows = await manager.query<{ id: string }[]>(
    `INSERT INTO ${LEASE_TABLE} (project, customer, name, window_start, granted, gateway,
       issued_at, spend_until, settle_until)
     SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[],
       $6::text[], $7::bigint[], $8::bigint[], $9::bigint[])
     RETURNING id`,
    [
      ...columns,
      leases.map(({ gateway }) => gateway),
      leases.map(({ issuedAt }) => issuedAt),
      leases.map(({ spendUntil }) => spendUntil),
      leases.map(({ settleUntil }) => settleUntil),
    ],
  );
  return rows.map(({ id }) => safeInteger(id));
}
