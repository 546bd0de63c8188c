import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { OutboxEntry } from '../../../close-periods/closing';

/** Every instance asks for this one advisory lock: one publishes at a time. */
const LOCK = `hashtextextended('tallyward:aggregator:outbox', 0)`;

export interface QueuedEntry extends OutboxEntry {
  /** In the order of which entries are published. */
  readonly id: string;
}

/** What is to be published, and the turn of whoever publishes it. */
@Injectable()
export class BillingOutbox {
  constructor(private readonly dataSource: DataSource) {}

  /**
   * Hands the oldest entries to `publish`, which answers the ids that the log has, and lets those
   * go. One instance at a time: another's turn answers null. A publisher that dies, or takes longer
   * than Postgres leaves a silent transaction, lets nothing go: its entries are published again.
   */
  turn(
    most: number,
    publish: (entries: readonly QueuedEntry[]) => Promise<readonly string[]>,
  ): Promise<{ readonly queued: number; readonly gone: number } | null> {
    return this.dataSource.transaction(async (manager) => {
      const [lock] = await manager.query<{ held: boolean }[]>(
        `SELECT pg_try_advisory_xact_lock(${LOCK}) AS held`,
      );
      if (lock?.held !== true) return null;
      const entries = await manager.query<QueuedEntry[]>(
        'SELECT id, topic, key, value, headers FROM outbox ORDER BY id LIMIT $1',
        [most],
      );
      if (entries.length === 0) return { queued: 0, gone: 0 };
      const gone = await publish(entries);
      await manager.query('DELETE FROM outbox WHERE id = ANY ($1::bigint[])', [gone]);
      return { queued: entries.length, gone: gone.length };
    });
  }
}
