import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { boundedRead, boundedTransaction } from '../bounded';
import { pruneRequests } from '../idempotency/idempotency';

/** What the service does by itself, in bounded steps. */
@Injectable()
export class UpkeepStore {
  constructor(private readonly dataSource: DataSource) {}

  /** Projects with a key that has expired, at most `limit`. */
  async projectsWithExpiredKeys(limit: number): Promise<string[]> {
    const rows = await boundedRead(
      this.dataSource,
      (manager) =>
        manager.query(
          'SELECT DISTINCT project FROM api_key WHERE expires_at <= clock_timestamp() LIMIT $1',
          [limit],
        ) as Promise<{ project: string }[]>,
    );
    return rows.map(({ project }) => project);
  }

  /** Forgets one bounded batch of remembered requests; answers how many went. */
  pruneRequests(): Promise<number> {
    return boundedTransaction(this.dataSource, pruneRequests);
  }

  /** The ids of projects after `after`, in order. */
  async projectsAfter(after: string, limit: number): Promise<string[]> {
    const rows = await boundedRead(
      this.dataSource,
      (manager) =>
        manager.query('SELECT project FROM project WHERE project > $1 ORDER BY project LIMIT $2', [
          after,
          limit,
        ]) as Promise<{ project: string }[]>,
    );
    return rows.map(({ project }) => project);
  }

  /** How long the oldest entry that is to be published has waited; 0: nothing waits. */
  async outboxAgeMs(): Promise<number> {
    const [row] = await boundedRead(
      this.dataSource,
      (manager) =>
        manager.query(
          `SELECT extract(epoch FROM clock_timestamp() - created_at) * 1000 AS age
           FROM outbox WHERE set_aside_at IS NULL ORDER BY id LIMIT 1`,
        ) as Promise<{ age: string }[]>,
    );
    return row ? Number(row.age) : 0;
  }

  /** How many entries of the outbox are set aside, because the log does not take them. */
  async outboxSetAside(): Promise<number> {
    const [row] = await boundedRead(
      this.dataSource,
      (manager) =>
        manager.query(
          'SELECT count(*)::int AS entries FROM outbox WHERE set_aside_at IS NOT NULL',
        ) as Promise<{ entries: number }[]>,
    );
    return row?.entries ?? 0;
  }
}
