import { Injectable } from '@nestjs/common';
import { crashPoint, inTransaction } from '@tallyward/platform';
import { DataSource, type QueryRunner } from 'typeorm';
import { FOLD_TABLES } from './schema';

/** Key of the advisory lock that says: a rebuild is at work, or a crashed one is being finished. */
const LOCK = 7_254_110_031;

export interface SwapState {
  readonly fence: 'open' | 'closed' | 'swapping';
  /** ClickHouse's id of the table that is to be live, while swapping. */
  readonly nextTable: string;
}

/** Held as long as its connection lives: a process that dies lets go of it. */
export interface RebuildLock {
  /** Throws when the lock has gone with its connection. */
  assertHeld(): Promise<void>;
  release(): Promise<void>;
}

/** The tables of the fold that a rebuild makes, the fence before the live one, and the swap. */
@Injectable()
export class RebuildStore {
  constructor(private readonly dataSource: DataSource) {}

  /** null where a rebuild is at work. */
  async lock(): Promise<RebuildLock | null> {
    const runner = this.dataSource.createQueryRunner();
    await runner.connect();
    const [row] = (await runner.query('SELECT pg_try_advisory_lock($1::bigint) AS locked', [
      LOCK,
    ])) as { locked: boolean }[];
    if (row?.locked === true) return held(runner);
    await runner.release();
    return null;
  }

  async state(): Promise<SwapState> {
    const [row] = await this.dataSource.query<{ fence: SwapState['fence']; next_table: string }[]>(
      'SELECT fence, next_table FROM warehouse_swap WHERE id = 1',
    );
    if (!row) throw new Error('warehouse_swap has no row');
    return { fence: row.fence, nextTable: row.next_table };
  }

  /** Empty tables and the log's beginning, for the fold `next`. */
  prepare(): Promise<void> {
    return inTransaction(this.dataSource, async (manager) => {
      const { live, next } = FOLD_TABLES;
      for (const table of ['keys', 'parked'] as const) {
        await manager.query(`DROP TABLE IF EXISTS ${next[table]}`);
        await manager.query(`CREATE TABLE ${next[table]} (LIKE ${live[table]} INCLUDING ALL)`);
      }
      crashPoint('rebuild.after-next-tables');
      for (const table of ['log_progress', 'load_intent']) {
        await manager.query(`DELETE FROM ${table} WHERE fold = 'next'`);
        await manager.query(
          `INSERT INTO ${table} (fold, partition)
           SELECT 'next', partition FROM ${table} WHERE fold = 'live'`,
        );
      }
    });
  }

  /** From now on the live fold takes nothing; what it was taking has been stored. */
  async closeFence(): Promise<void> {
    await this.dataSource.query(`UPDATE warehouse_swap SET fence = 'closed' WHERE id = 1`);
  }

  async openFence(): Promise<void> {
    await this.dataSource.query(
      `UPDATE warehouse_swap SET fence = 'open', next_table = '' WHERE id = 1`,
    );
  }

  /** Written before ClickHouse is touched: from here on the swap is finished, never undone. */
  async beginSwap(nextTable: string): Promise<void> {
    await this.dataSource.query(
      `UPDATE warehouse_swap SET fence = 'swapping', next_table = $1 WHERE id = 1`,
      [nextTable],
    );
  }

  /** Postgres' half of the swap, and the fence open again: one transaction. */
  finishSwap(): Promise<void> {
    return inTransaction(this.dataSource, async (manager) => {
      const { live, next } = FOLD_TABLES;
      for (const table of ['keys', 'parked'] as const) {
        await manager.query(`DROP TABLE ${live[table]}`);
        await manager.query(`ALTER TABLE ${next[table]} RENAME TO ${live[table]}`);
      }
      crashPoint('rebuild.after-live-tables');
      for (const table of ['log_progress', 'load_intent']) {
        await manager.query(`DELETE FROM ${table} WHERE fold = 'live'`);
        await manager.query(`UPDATE ${table} SET fold = 'live' WHERE fold = 'next'`);
      }
      await manager.query(`UPDATE warehouse_swap SET fence = 'open', next_table = '' WHERE id = 1`);
    });
  }
}

function held(runner: QueryRunner): RebuildLock {
  return {
    assertHeld: async () => {
      const [row] = (await runner.query(
        `SELECT count(*)::int AS locks FROM pg_locks
         WHERE locktype = 'advisory' AND pid = pg_backend_pid() AND granted`,
      )) as { locks: number }[];
      if (row?.locks !== 1) throw new Error('The rebuild has lost its lock');
    },
    release: async () => {
      try {
        await runner.query('SELECT pg_advisory_unlock_all()');
      } finally {
        await runner.release();
      }
    },
  };
}
