import { inTransaction, isLockTimeout } from '@tallyward/platform';
import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { DataSource, EntityManager, QueryRunner } from 'typeorm';
import { type FoldTransaction, replayFold } from './fold-transaction';
import { deletePrunableKeys } from './keys';
import { type PartitionProgress, readProgress } from './progress';
import { type CounterComparison, mendCounters } from './rebuild-counters';
import {
  compareTotals,
  type Comparison,
  createTables,
  dropLeftovers,
  takePlace,
} from './rebuild-tables';
import { LIVE_TABLES, nextTables } from './tables';

/** Any number, as long as no other advisory lock of this database has it. */
const REBUILD_LOCK = 7_118_202;
const SWAP_STATEMENT_MS = 600_000;
/** How long one try waits for readers of the live tables: the live fold waits as long. */
const SWAP_LOCK_MS = 2_000;
const SWAP_TRIES = 60;
const SWAP_PAUSE_MS = 1_000;
const MOST_DIFFERENCES = 100;
const RUN_BYTES = 4;

/** What the rebuilt totals were compared with: the live ones, and the counters. */
export interface Swapped extends Comparison {
  readonly counters: CounterComparison;
}

/** Somebody else rebuilds right now. */
export class RebuildRunning extends Error {}

/**
 * Tables of a rebuild beside the live ones. The session that holds the lock is the one that swaps:
 * a rebuild that lost it can't swap any more.
 */
export class RebuildStore {
  private readonly tables = nextTables(randomBytes(RUN_BYTES).toString('hex'));

  private constructor(
    private readonly dataSource: DataSource,
    private readonly session: QueryRunner,
    private readonly topic: string,
  ) {}

  /** Takes the lock, clears away what a rebuild that was cut off has left, makes fresh tables. */
  static async open(dataSource: DataSource, topic: string): Promise<RebuildStore> {
    const session = dataSource.createQueryRunner();
    await session.connect();
    const [row] = (await session.query('SELECT pg_try_advisory_lock($1) AS locked', [
      REBUILD_LOCK,
    ])) as { locked: boolean }[];
    if (!row?.locked) {
      await session.release();
      throw new RebuildRunning('another rebuild of the totals is running');
    }
    const store = new RebuildStore(dataSource, session, topic);
    await dropLeftovers(session.manager);
    await createTables(session.manager, store.tables);
    return store;
  }

  progress(): Promise<PartitionProgress[]> {
    return readProgress(this.dataSource.manager, this.topic);
  }

  fold<T>(work: (transaction: FoldTransaction) => Promise<T>): Promise<T> {
    return inTransaction(this.dataSource, (manager) => work(replayFold(manager, this.tables)));
  }

  pruneKeys(before: number, limit: number): Promise<number> {
    return deletePrunableKeys(this.dataSource.manager, this.tables.keys, before, limit);
  }

  /**
   * Holds the live fold, lets `catchUp` fold what it did meanwhile, compares and swaps, and mends
   * counters that the totals contradict, all in one transaction. The live fold then goes on from
   * the same offsets, on the new tables.
   */
  async swap(
    catchUp: (transaction: FoldTransaction, live: readonly PartitionProgress[]) => Promise<void>,
  ): Promise<Swapped> {
    for (let tried = 1; ; tried += 1) {
      try {
        return await this.session.manager.transaction((manager) => this.swapIn(manager, catchUp));
      } catch (error) {
        if (!isLockTimeout(error) || tried === SWAP_TRIES) throw error;
      }
      await pause(SWAP_PAUSE_MS);
    }
  }

  private async swapIn(
    manager: EntityManager,
    catchUp: Parameters<RebuildStore['swap']>[0],
  ): Promise<Swapped> {
    await manager.query(`SET LOCAL statement_timeout = ${SWAP_STATEMENT_MS}`);
    await manager.query(`SET LOCAL lock_timeout = ${SWAP_LOCK_MS}`);
    // In the order of the live fold, rows of progress first: else the two wait for each other.
    const live = await readProgress(manager, this.topic, 'lock');
    const { keys, totals } = LIVE_TABLES;
    await manager.query(`LOCK TABLE ${keys}, ${totals} IN ACCESS EXCLUSIVE MODE`);
    await catchUp(replayFold(manager, this.tables), live);
    const comparison = await compareTotals(manager, this.tables, MOST_DIFFERENCES);
    await takePlace(manager, this.tables);
    return { ...comparison, counters: await mendCounters(manager, MOST_DIFFERENCES) };
  }

  /** Gives the lock back, and leaves nothing behind. */
  async close(): Promise<void> {
    try {
      await dropLeftovers(this.session.manager);
      await this.session.query('SELECT pg_advisory_unlock($1)', [REBUILD_LOCK]);
    } finally {
      await this.session.release();
    }
  }
}
