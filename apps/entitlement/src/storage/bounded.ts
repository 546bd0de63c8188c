import type { DataSource, EntityManager } from 'typeorm';
import { inTransaction } from '@tallyward/platform';

/** How long one statement of a management request may run. */
export const STATEMENT_MS = 3_000;
/** How long it may wait for another change's lock. */
export const LOCK_MS = 2_000;
/** From a management request's first wait to its answer, whatever Postgres does. */
export const ANSWER_DEADLINE_MS = 5_000;

/** Whether the work was done is not known: it may still end. */
export class DeadlinePassed extends Error {
  override readonly name = 'DeadlinePassed';
}

/** Waits for `work` until the deadline; the work itself goes on, and its end is nobody's. */
export async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new DeadlinePassed(`no answer in ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    // Whoever waited has had their answer; a late failure must not end the process.
    work.catch(() => undefined);
  }
}

/** One transaction of a management request, with its limits set. */
export function boundedTransaction<T>(
  dataSource: DataSource,
  work: (manager: EntityManager) => Promise<T>,
): Promise<T> {
  return inTransaction(dataSource, async (manager) => {
    await manager.query(
      `SELECT set_config('statement_timeout', '${STATEMENT_MS}', true),
              set_config('lock_timeout', '${LOCK_MS}', true)`,
    );
    return work(manager);
  });
}

/** Reads for a management request, from one snapshot of the database. */
export function boundedRead<T>(
  dataSource: DataSource,
  work: (manager: EntityManager) => Promise<T>,
): Promise<T> {
  const reading = dataSource.transaction('REPEATABLE READ', async (manager) => {
    await manager.query(`SELECT set_config('statement_timeout', '${STATEMENT_MS}', true)`);
    return work(manager);
  });
  return within(ANSWER_DEADLINE_MS, reading);
}
