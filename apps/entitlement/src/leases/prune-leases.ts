import { Injectable } from '@nestjs/common';
import { KEEP_KEYS_MS } from '@tallyward/domain';
import { crashPoint } from '@tallyward/platform';
import { setTimeout as pause } from 'node:timers/promises';
import { ReclaimStore } from '../storage/leases/reclaim-store';
import { ASK_TABLE, COUNTER_TABLE, LEASE_TABLE, type PrunedTable } from '../storage/leases/pruning';
import { leaseMetrics } from './lease-metrics';

/** Rows deleted by one statement, so that nobody waits long for one. */
export const PRUNE_ROWS = 1_000;
/** Statements for each table at a time; the rest waits for the next time. */
const PRUNE_STATEMENTS = 100;
/** Rest after each statement: asks come first. */
const PRUNE_PAUSE_MS = 20;

/**
 * How long rows are kept. A gateway repeats an ask for seconds. A settlement can be folded for as
 * long as keys vouch; counters stay a little longer, and for as long as rollover looks back.
 */
export const KEPT_MS: Readonly<Record<PrunedTable, number>> = {
  [ASK_TABLE]: 3_600_000,
  [LEASE_TABLE]: KEEP_KEYS_MS,
  [COUNTER_TABLE]: 40 * 86_400_000,
};

/** Deletes what nobody needs any more. Any number of instances may do so. */
@Injectable()
export class LeasePruning {
  constructor(private readonly store: ReclaimStore) {}

  /** By Postgres' clock, as what is deleted was written; answers how many rows went. */
  async prune(signal: AbortSignal): Promise<number> {
    const now = await this.store.clock();
    let pruned = 0;
    for (const table of [ASK_TABLE, LEASE_TABLE, COUNTER_TABLE] as const) {
      for (let turn = 0; turn < PRUNE_STATEMENTS && !signal.aborted; turn += 1) {
        const deleted = await this.store.deleteOld(table, now - KEPT_MS[table], PRUNE_ROWS);
        crashPoint('leases.after-prune');
        pruned += deleted;
        leaseMetrics().pruned.add(deleted, { table });
        if (deleted < PRUNE_ROWS) break;
        await pause(PRUNE_PAUSE_MS);
      }
    }
    return pruned;
  }
}
