import type { ClickHouseClient } from '@clickhouse/client';
import { createHash } from 'node:crypto';
import { MOST_MIGRATIONS } from './limits';

/**
 * One step. ClickHouse has no transactions over its schema: a step that breaks off half-way is
 * run again from its first statement, so each statement must bear that (`IF NOT EXISTS`, `OR
 * REPLACE`).
 */
export type ClickHouseMigration = {
  readonly id: string;
  readonly statements: readonly string[];
};

type Applied = { id: string; hash: string };

/**
 * Runs, in order, what hasn't run yet, and answers the ids that ran now. A step that ran and was
 * changed since is refused: what stands in the tables would not be what the list says.
 */
export async function migrateClickHouse(
  client: ClickHouseClient,
  migrations: readonly ClickHouseMigration[],
): Promise<string[]> {
  checkIds(migrations);
  await client.command({
    query: `CREATE TABLE IF NOT EXISTS schema_migrations
      (id String, hash String, applied_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC'))
      ENGINE = MergeTree ORDER BY id`,
  });
  const applied = new Map((await appliedOf(client)).map(({ id, hash }) => [id, hash]));
  const ran: string[] = [];
  for (const migration of migrations) {
    const hash = hashOf(migration);
    const before = applied.get(migration.id);
    if (before === hash) continue;
    if (before !== undefined)
      throw new Error(`ClickHouse migration ${migration.id} was changed after it had run`);
    for (const query of migration.statements) await client.command({ query });
    await client.insert({
      table: 'schema_migrations',
      values: [{ id: migration.id, hash }],
      format: 'JSONEachRow',
    });
    ran.push(migration.id);
  }
  return ran;
}

async function appliedOf(client: ClickHouseClient): Promise<Applied[]> {
  const answer = await client.query({
    query: 'SELECT id, any(hash) AS hash FROM schema_migrations GROUP BY id LIMIT {most: UInt32}',
    query_params: { most: MOST_MIGRATIONS },
    format: 'JSONEachRow',
  });
  return answer.json<Applied>();
}

function checkIds(migrations: readonly ClickHouseMigration[]): void {
  if (migrations.length > MOST_MIGRATIONS) throw new Error('Too many ClickHouse migrations');
  const ids = migrations.map(({ id }) => id);
  if (new Set(ids).size !== ids.length) throw new Error('Two ClickHouse migrations have one id');
}

const hashOf = ({ statements }: ClickHouseMigration): string =>
  createHash('sha256').update(JSON.stringify(statements)).digest('hex');
