import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { DataSource, QueryRunner } from 'typeorm';
import * as limits from './limits';

/**
 * Runs what is pending of the data source's migrations, one instance at a time: the others wait
 * for the advisory lock and then find nothing to do. The lock is the connection's, so it goes
 * with a crash.
 */
export async function migrate(dataSource: DataSource, schema: string): Promise<void> {
  const runner = dataSource.createQueryRunner();
  const key = lockKey(schema);
  try {
    await runner.connect();
    await lock(runner, key, schema);
    try {
      await dataSource.runMigrations({ transaction: 'each' });
    } finally {
      await runner.query('SELECT pg_advisory_unlock($1::bigint)', [key]);
    }
  } finally {
    await runner.release();
  }
}

async function lock(runner: QueryRunner, key: string, schema: string): Promise<void> {
  const until = Date.now() + limits.MIGRATION_LOCK_DEADLINE_MS;
  for (;;) {
    const [row] = (await runner.query('SELECT pg_try_advisory_lock($1::bigint) AS locked', [
      key,
    ])) as { locked: boolean }[];
    if (row?.locked === true) return;
    if (Date.now() > until)
      throw new Error(`Another instance has been migrating schema ${schema} for too long`);
    await pause(limits.MIGRATION_LOCK_PAUSE_MS);
  }
}

/** A 64-bit key for pg_advisory_lock, the same in every process for the same name. */
export function lockKey(name: string): string {
  return createHash('sha256')
    .update(`tallyward:migrate:${name}`)
    .digest()
    .readBigInt64BE()
    .toString();
}
