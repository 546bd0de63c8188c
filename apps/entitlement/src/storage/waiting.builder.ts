import { until } from '@tallyward/testing';
import type { DataSource } from 'typeorm';

/** For specs: resolves when somebody's statement about this table waits for another's lock. */
export async function waiting(dataSource: DataSource, table: string): Promise<void> {
  await until(
    async () => {
      const [row] = (await dataSource.query(
        `SELECT count(*)::integer AS waiting FROM pg_stat_activity
         WHERE wait_event_type = 'Lock' AND query LIKE $1
           AND datname = current_database()`,
        [`%${table}%`],
      )) as { waiting: number }[];
      return (row?.waiting ?? 0) > 0;
    },
    { what: 'one of the two to wait for the other', everyMs: 5 },
  );
}
