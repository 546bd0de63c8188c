import type { EntityManager } from 'typeorm';
import { DRIP_BEFORE_USE } from '../leases/counter-parts';
import { COUNTER_TABLE } from '../leases/leases.migration';
import { USED_IN_WINDOW } from '../leases/used-by-many';

/** A counter whose `used` was not the sum of the totals in its window. Instants epoch ms. */
export interface DifferingCounter {
  readonly project: string;
  readonly customer: string;
  readonly name: string;
  readonly windowStart: string;
  readonly live: string;
  readonly rebuilt: string;
}

export interface CounterComparison {
  /** Counters of windows on quarters of an hour: totals say nothing of the others. */
  readonly compared: number;
  readonly differing: number;
  /** The first of them, in the order of their key. */
  readonly first: readonly DifferingCounter[];
}

const KEY = 'project, customer, name, window_start';

/**
 * Compares `used` of every counter that totals can say something of with the totals that have just
 * taken their place, and mends what differs. The caller holds the progress of the fold, so nobody
 * adds to `used` and nobody opens a counter. What is leased, and leases, are left alone
 * (PROTOCOL 16): no replay derives them; nor what passed an amount at its time.
 */
export async function mendCounters(
  manager: EntityManager,
  most: number,
): Promise<CounterComparison> {
  const [row] = await manager.query<{ compared: string }[]>(
    `SELECT count(*) AS compared FROM ${COUNTER_TABLE} WHERE on_quarters`,
  );
  const differing = await manager.query<DifferingCounter[]>(
    `SELECT c.project, c.customer, c.name, c.window_start AS "windowStart",
       c.used AS live, rebuilt.used AS rebuilt
     FROM ${COUNTER_TABLE} c, LATERAL (${USED_IN_WINDOW}) AS rebuilt (used)
     WHERE c.on_quarters AND c.used <> rebuilt.used
     ORDER BY c.project, c.customer, c.name, c.window_start`,
  );
  if (differing.length > 0) await mend(manager, differing);
  return {
    compared: Number(row?.compared),
    differing: differing.length,
    first: differing.slice(0, most),
  };
}

/** In the order of their key, as everybody locks them. */
async function mend(manager: EntityManager, counters: readonly DifferingCounter[]): Promise<void> {
  const columns = [
    counters.map(({ project }) => project),
    counters.map(({ customer }) => customer),
    counters.map(({ name }) => name),
    counters.map(({ windowStart }) => windowStart),
  ];
  const given = 'unnest($1::text[], $2::text[], $3::text[], $4::bigint[]';
  await manager.query(
    `SELECT FROM ${COUNTER_TABLE} WHERE (${KEY}) IN (SELECT * FROM ${given}))
     ORDER BY ${KEY} FOR UPDATE`,
    columns,
  );
  await manager.query(
    `UPDATE ${COUNTER_TABLE} c SET used = g.used, ${DRIP_BEFORE_USE}
     FROM ${given}, $5::bigint[]) AS g (project, customer, name, window_start, used)
     WHERE c.project = g.project AND c.customer = g.customer AND c.name = g.name
       AND c.window_start = g.window_start`,
    [...columns, counters.map(({ rebuilt }) => rebuilt)],
  );
}
