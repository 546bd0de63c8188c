import { withPostgres } from './stored-totals';

/** One limit of one customer for ever, and its only lease: all of it. */
export interface LeasedOut {
  readonly project: string;
  readonly customer: string;
  readonly partition: number;
  /** Of tokens. */
  readonly amount: number;
  readonly gateway: string;
}

export interface SettledCounter {
  readonly project: string;
  readonly customer: string;
  readonly used: number;
  readonly leased: number;
  readonly overrun: number;
  /** What its open leases have outstanding, and what its overruns come to: by their own rows. */
  readonly outstanding: number;
  readonly overruns: number;
}

const NAME = 'tokens for ever';
const FOR_EVER = 8_640_000_000_000_000;
const LASTS_MS = 3_600_000;

/** Opens counters and leases as a grant does; answers the numbers of the leases, in order. */
export function leaseOut(url: string, given: readonly LeasedOut[]): Promise<string[]> {
  return withPostgres(url, async (client) => {
    const numbers: string[] = [];
    for (const { project, customer, partition, amount, gateway } of given) {
      await client.query(
        `INSERT INTO entitlement.counter (project, customer, name, scope, scope_value, model_group,
           unit, window_start, window_end, amount, leased, on_quarters)
         VALUES ($1, $2, $3, 'customer', $2, '*', 'tokens', 0, $4, $5, $5, true)`,
        [project, customer, NAME, FOR_EVER, amount],
      );
      const { rows } = await client.query<{ id: string }>(
        `INSERT INTO entitlement.lease (project, customer, name, window_start, granted, gateway,
           issued_at, spend_until, settle_until, partition)
         SELECT $1, $2, $3, 0, $4, $5, now, now + ${LASTS_MS}, now + ${LASTS_MS}, $6
         FROM (SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now) AS t
         RETURNING id`,
        [project, customer, NAME, amount, gateway, partition],
      );
      numbers.push(rows[0]?.id ?? '');
    }
    return numbers;
  });
}

/** As if their time had passed an hour ago. */
export function endLeases(url: string, numbers: readonly string[]): Promise<void> {
  return withPostgres(url, async (client) => {
    await client.query(
      `UPDATE entitlement.lease SET issued_at = issued_at - ${2 * LASTS_MS},
         spend_until = spend_until - ${2 * LASTS_MS}, settle_until = settle_until - ${2 * LASTS_MS}
       WHERE id = ANY ($1::bigint[])`,
      [numbers],
    );
  });
}

/** The counters of the customers whose name begins so. */
export function settledCounters(url: string, prefix: string): Promise<SettledCounter[]> {
  return withPostgres(url, async (client) => {
    const { rows } = await client.query<Record<keyof SettledCounter, string>>(
      `SELECT c.project, c.customer, c.used, c.leased, c.overrun,
         (SELECT coalesce(sum(l.granted - l.returned - l.settled), 0) FROM entitlement.lease l
          WHERE l.open AND (l.project, l.customer, l.name) = (c.project, c.customer, c.name))
           AS outstanding,
         (SELECT coalesce(sum(o.quantity), 0) FROM entitlement.overrun o
          WHERE (o.project, o.customer, o.name) = (c.project, c.customer, c.name)) AS overruns
       FROM entitlement.counter c WHERE starts_with(c.customer, $1) AND c.name = $2
       ORDER BY c.project, c.customer`,
      [prefix, NAME],
    );
    return rows.map(({ project, customer, ...sums }) => ({
      project,
      customer,
      used: Number(sums.used),
      leased: Number(sums.leased),
      overrun: Number(sums.overrun),
      outstanding: Number(sums.outstanding),
      overruns: Number(sums.overruns),
    }));
  });
}

/** What passed a customer's limits, by why it did. */
export function overrunsOf(url: string, customer: string): Promise<Map<string, number>> {
  return withPostgres(url, async (client) => {
    const { rows } = await client.query<{ why: string; quantity: string }>(
      `SELECT why, sum(quantity) AS quantity FROM entitlement.overrun
       WHERE customer = $1 GROUP BY why ORDER BY why`,
      [customer],
    );
    return new Map(rows.map(({ why, quantity }) => [why, Number(quantity)]));
  });
}
