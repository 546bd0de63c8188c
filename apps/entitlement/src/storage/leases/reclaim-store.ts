import { Injectable } from '@nestjs/common';
import { TOPICS } from '@tallyward/contracts';
import { inTransaction } from '@tallyward/platform';
import { DataSource, type EntityManager } from 'typeorm';
import { readProgress } from '../totals/progress';
import { clockOf } from './asks';
import { type CounterKey, type CounterRow, lockCounters } from './counters';
import { lockLeases, type StoredLease } from './leases';
import { deleteOld, type PrunedTable } from './pruning';
import { dueLeases, foldedLeases, markLeases } from './reclaim';
import { type Return, saveReturns } from './returns';

const usage = TOPICS.usageEvents.name;

/** All that reclaiming may do to Postgres, in one transaction. */
export interface ReclaimTransaction {
  clock(): Promise<number>;
  dueLeases(now: number, limit: number): Promise<StoredLease[]>;
  markLeases(marks: readonly { lease: string; end: number }[]): Promise<void>;
  foldedLeases(limit: number): Promise<StoredLease[]>;
  /** How far the usage log is folded, by partition. */
  foldedTo(): Promise<Map<number, number>>;
  /** Counters first, then leases. */
  lockCounters(keys: readonly CounterKey[]): Promise<CounterRow[]>;
  lockLeases(ids: readonly string[]): Promise<StoredLease[]>;
  saveReturns(returns: readonly Return[]): Promise<void>;
}

/** Leases whose time has passed, and what nobody needs any more. */
@Injectable()
export class ReclaimStore {
  constructor(private readonly dataSource: DataSource) {}

  clock(): Promise<number> {
    return clockOf(this.dataSource.manager);
  }

  reclaim<T>(work: (transaction: ReclaimTransaction) => Promise<T>): Promise<T> {
    return inTransaction(this.dataSource, (manager) => work(reclaiming(manager)));
  }

  deleteOld(table: PrunedTable, before: number, limit: number): Promise<number> {
    return deleteOld(this.dataSource.manager, table, before, limit);
  }
}

function reclaiming(manager: EntityManager): ReclaimTransaction {
  return {
    clock: () => clockOf(manager),
    dueLeases: (now, limit) => dueLeases(manager, now, limit),
    markLeases: (marks) => markLeases(manager, marks),
    foldedLeases: (limit) => foldedLeases(manager, usage, limit),
    foldedTo: async () => {
      const progress = await readProgress(manager, usage);
      return new Map(progress.map(({ partition, next }) => [partition, Number(next)]));
    },
    lockCounters: (keys) => lockCounters(manager, keys),
    lockLeases: (ids) => lockLeases(manager, ids),
    saveReturns: (returns) => saveReturns(manager, returns),
  };
}
