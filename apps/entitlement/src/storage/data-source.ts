import { DataSource, type DataSourceOptions } from 'typeorm';
import { TOTALS_ENTITIES, TOTALS_MIGRATIONS } from './totals';

/** The Postgres schema this service owns; nobody else writes in it. */
export const SCHEMA = 'entitlement';
/** Connections of one process: management, the totals fold and the relay's own. */
export const POOL_SIZE = 10;
/** How long a connection may take to be made, or to come free. */
export const CONNECT_DEADLINE_MS = 2_000;

/** Tables of each slice, in the order their migrations run. */
const ENTITIES = [...TOTALS_ENTITIES];
const MIGRATIONS = [...TOTALS_MIGRATIONS];

export function dataSourceOptions(url: string, applicationName: string): DataSourceOptions {
  return {
    type: 'postgres',
    url,
    applicationName,
    schema: SCHEMA,
    entities: ENTITIES as DataSourceOptions['entities'] & [],
    migrations: MIGRATIONS as DataSourceOptions['migrations'] & [],
    synchronize: false,
    poolSize: POOL_SIZE,
    connectTimeoutMS: CONNECT_DEADLINE_MS,
  };
}

export function makeDataSource(url: string, applicationName: string): DataSource {
  return new DataSource(dataSourceOptions(url, applicationName));
}
