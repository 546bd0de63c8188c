import { openPostgres, Readiness } from '@tallyward/platform';
import { DataSource } from 'typeorm';
import { ENTITIES, MIGRATIONS } from './tables';
import { SCHEMA } from './schema';

/** Connections of one process: one for each partition in hand, and the reports' own. */
export const POOL_SIZE = 12;

/** Opens the service's schema, waiting for Postgres and migrating. */
export function openStorage(
  url: string,
  applicationName: string,
  onTrouble: (message: string, error: unknown) => void,
  waitMs?: number,
): Promise<DataSource> {
  return openPostgres({
    url,
    schema: SCHEMA,
    entities: ENTITIES,
    migrations: MIGRATIONS,
    applicationName,
    poolSize: POOL_SIZE,
    onTrouble,
    ...(waitMs === undefined ? {} : { waitMs }),
  });
}

/** What the modules are given of Postgres; the DataSource is seen in storage/ alone. */
export const postgresResource = (dataSource: DataSource) => ({
  provide: DataSource,
  useValue: dataSource,
});

export function addPostgresTo(readiness: Readiness, dataSource: DataSource): void {
  readiness.add('postgres', async () => {
    await dataSource.query('SELECT 1');
    return { ok: true };
  });
}
