import { Client } from 'pg';
import { withPostgres } from './stored-totals';

/** How long one statement of the bare insert may take. */
const INSERT_WITHIN_MS = 300_000;
/** Lines of one statement; the closer's own write as many for 500 customers of eight lines. */
const INSERTED_AT_ONCE = 4_000;
const COLUMNS = `record_id, project, customer, period_from, revision, tier, tier_version,
  model_group, model, unit, quantity, overage, events, proof, value`;
const TYPES = [
  ...['text', 'text', 'text', 'bigint', 'integer', 'text', 'integer'],
  ...['text', 'text', 'text', 'bigint', 'bigint', 'bigint', 'numeric', 'text'],
];

/** How far a project's usage is told, in rows. */
export interface ClosedSoFar {
  readonly periods: number;
  readonly records: number;
  readonly overage: number;
  /** Of all projects. */
  readonly unpublished: number;
}

/** How much of a project the log's own proofs have: what the closer waits for before it asks. */
export function provenCalls(url: string, project: string): Promise<number> {
  return withPostgres(url, async (client) => {
    const { rows } = await client.query<{ calls: string }>(
      'SELECT coalesce(sum(calls), 0) AS calls FROM aggregator.log_proof WHERE project = $1',
      [project],
    );
    return Number(rows[0]?.calls ?? 0);
  });
}

export async function closedPeriods(client: Client, project: string): Promise<number> {
  const { rows } = await client.query<{ count: string }>(
    'SELECT count(*) FROM aggregator.billing_period WHERE project = $1',
    [project],
  );
  return Number(rows[0]?.count ?? 0);
}

export async function closedSoFar(client: Client, project: string): Promise<ClosedSoFar> {
  const { rows } = await client.query<Record<keyof ClosedSoFar, string>>(
    `SELECT (SELECT count(*) FROM aggregator.billing_period WHERE project = $1) AS periods,
       (SELECT count(*) FROM aggregator.outbox) AS unpublished, count(*) AS records,
       coalesce(sum(overage) FILTER (WHERE unit = 'calls'), 0) AS overage
     FROM aggregator.billing_record WHERE project = $1`,
    [project],
  );
  const [row] = rows;
  return {
    periods: Number(row?.periods),
    records: Number(row?.records),
    overage: Number(row?.overage),
    unpublished: Number(row?.unpublished),
  };
}

/**
 * For a benchmark: writes a project's records once more, as bare rows into a table with the same
 * columns and indexes, in one transaction. Answers how many and how long: reading them first, which
 * the closer does not do, is not counted.
 */
export function insertRecordsBare(
  url: string,
  project: string,
): Promise<{ records: number; seconds: number }> {
  return withPostgres(url, async (client) => {
    await client.query(`SET statement_timeout = ${INSERT_WITHIN_MS}`);
    const { rows } = await client.query<Record<string, string>>(
      `SELECT ${COLUMNS} FROM aggregator.billing_record WHERE project = $1 ORDER BY place`,
      [project],
    );
    await client.query('DROP TABLE IF EXISTS bare_record');
    await client.query('CREATE TABLE bare_record (LIKE aggregator.billing_record INCLUDING ALL)');
    const names = COLUMNS.split(/,\s*/);
    const lists = TYPES.map((type, at) => `$${at + 1}::${type}[]`).join(', ');
    const startedAt = performance.now();
    await client.query('BEGIN');
    for (let at = 0; at < rows.length; at += INSERTED_AT_ONCE) {
      const some = rows.slice(at, at + INSERTED_AT_ONCE);
      await client.query(
        `INSERT INTO bare_record (${COLUMNS}) SELECT * FROM unnest(${lists})`,
        names.map((name) => some.map((row) => row[name])),
      );
    }
    await client.query('COMMIT');
    return { records: rows.length, seconds: (performance.now() - startedAt) / 1_000 };
  });
}
