import { Injectable } from '@nestjs/common';
import { inTransaction } from '@tallyward/platform';
import { DataSource } from 'typeorm';
import { type FoldTransaction, liveFold } from './fold-transaction';
import { deletePrunableKeys } from './keys';
import { type PartitionProgress, readProgress } from './progress';
import { LIVE_TABLES } from './tables';

/** The live totals in Postgres. */
@Injectable()
export class TotalsStore {
  constructor(private readonly dataSource: DataSource) {}

  /** Runs a batch's work in one transaction; may run it again when it lost to another one. */
  fold<T>(work: (transaction: FoldTransaction) => Promise<T>): Promise<T> {
    return inTransaction(this.dataSource, (manager) => work(liveFold(manager)));
  }

  /** Where the partition's fold stands: the one word on where to read on. */
  async position(topic: string, partition: number): Promise<PartitionProgress> {
    const progress = await this.progress(topic);
    const found = progress.find((one) => one.partition === partition);
    if (!found) throw new Error(`no progress row for partition ${partition} of ${topic}`);
    return found;
  }

  progress(topic: string): Promise<PartitionProgress[]> {
    return readProgress(this.dataSource.manager, topic);
  }

  /** Deletes at most `limit` keys of events with a time before this; answers how many. */
  pruneKeys(before: number, limit: number): Promise<number> {
    return deletePrunableKeys(this.dataSource.manager, LIVE_TABLES.keys, before, limit);
  }
}
