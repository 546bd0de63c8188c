import { setTimeout as pause } from 'node:timers/promises';
import type { DataSource, EntityManager } from 'typeorm';
import { isSerializationFailure } from './errors';
import { TRANSACTION_PAUSE_MS, TRANSACTION_TRIES } from './limits';

export type TransactionOptions = {
  readonly isolation?: 'READ COMMITTED' | 'REPEATABLE READ' | 'SERIALIZABLE';
};

/**
 * Runs `work` in one transaction. One that lost against another (deadlock, serialisation) is run
 * again as a whole, at most TRANSACTION_TRIES times: `work` must have no effect but through its
 * manager.
 */
export async function inTransaction<T>(
  dataSource: DataSource,
  work: (manager: EntityManager) => Promise<T>,
  options: TransactionOptions = {},
): Promise<T> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await dataSource.transaction(options.isolation ?? 'READ COMMITTED', work);
    } catch (error) {
      if (!isSerializationFailure(error) || tried >= TRANSACTION_TRIES) throw error;
      await pause(Math.random() * TRANSACTION_PAUSE_MS);
    }
  }
}
