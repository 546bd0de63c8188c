import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { LoadIntent } from './load-intent.entity';
import { LogProgress } from './log-progress.entity';
import type { Fold } from './schema';

export interface PartitionProgress {
  readonly partition: number;
  /** The next offset the fold takes. */
  readonly next: bigint;
  /** All offsets below are in ClickHouse, or count nothing. */
  readonly landed: bigint;
  /** Append time of the last landed entry, epoch ms; 0 before the first. */
  readonly landedAt: number;
  /** Largest append time taken, epoch ms; 0 before the first. */
  readonly reachedAt: number;
  readonly topicIdentity: string | null;
  readonly intentOpen: boolean;
}

/** Reads how far a fold has come. */
@Injectable()
export class ProgressStore {
  constructor(private readonly dataSource: DataSource) {}

  async progress(fold: Fold): Promise<PartitionProgress[]> {
    // Progress first: an intent that ends in between makes the answer only older, never wrong.
    const rows = await this.dataSource
      .getRepository(LogProgress)
      .find({ where: { fold }, order: { partition: 'ASC' } });
    const open = await this.dataSource
      .getRepository(LoadIntent)
      .find({ where: { fold, state: 'before' } });
    const opened = new Set(open.map(({ partition }) => partition));
    return rows.map(({ partition, nextOffset, landedOffset, ...row }) => ({
      partition,
      next: nextOffset,
      landed: landedOffset,
      landedAt: row.landedAt,
      reachedAt: row.reachedAt,
      topicIdentity: row.topicIdentity,
      intentOpen: opened.has(partition),
    }));
  }
}
