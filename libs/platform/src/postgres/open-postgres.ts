import { setTimeout as pause } from 'node:timers/promises';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { deadlineClients } from './deadline-client';
import { isConnectionLoss } from './errors';
import * as limits from './limits';
import { migrate } from './migrate';
import { TypeormWords } from './typeorm-words';

type ClassOf<T> = new (...args: never[]) => T;

export type PostgresOptions = {
  /** `postgres://role:password@host:port/database` */
  readonly url: string;
  /** The service's own schema; exists already, and holds the migrations table too. */
  readonly schema: string;
  readonly entities: readonly ClassOf<object>[];
  /** In order; each class's name ends in its timestamp. Run at open, under an advisory lock. */
  readonly migrations: readonly ClassOf<object>[];
  /** Seen in pg_stat_activity. */
  readonly applicationName: string;
  readonly poolSize?: number;
  readonly waitMs?: number;
  readonly statementTimeoutMs?: number;
  /** How much longer the client waits than the server may take. */
  readonly queryGraceMs?: number;
  /** Told of connections lost while idle, and of each try while the database isn't up. */
  readonly onTrouble?: (message: string, error: unknown) => void;
};

/**
 * Opens the pool, waiting for a database that isn't up yet, and migrates its schema. The pool
 * outlives the server: connections that die are replaced when next wanted, and whoever was using
 * one gets an error for which `isConnectionLoss` is true.
 */
export async function openPostgres(options: PostgresOptions): Promise<DataSource> {
  const dataSource = await connected(options);
  try {
    await migrate(dataSource, options.schema);
    return dataSource;
  } catch (error) {
    await dataSource.destroy();
    throw error;
  }
}

async function connected(options: PostgresOptions): Promise<DataSource> {
  const until = Date.now() + (options.waitMs ?? limits.WAIT_FOR_POSTGRES_MS);
  let pauseMs = limits.FIRST_PAUSE_MS;
  for (;;) {
    try {
      return await new DataSource(settings(options)).initialize();
    } catch (error) {
      if (!isConnectionLoss(error) || Date.now() + pauseMs > until) throw error;
      options.onTrouble?.('waiting for Postgres', error);
    }
    await pause(pauseMs);
    pauseMs = Math.min(pauseMs * 2, limits.LONGEST_PAUSE_MS);
  }
}

function settings(options: PostgresOptions): DataSourceOptions {
  const statementTimeoutMs = options.statementTimeoutMs ?? limits.STATEMENT_TIMEOUT_MS;
  return {
    type: 'postgres',
    url: options.url,
    schema: options.schema,
    entities: [...options.entities],
    migrations: [...options.migrations],
    migrationsTableName: 'migrations',
    migrationsTransactionMode: 'each',
    synchronize: false,
    logging: false,
    logger: new TypeormWords((message) => options.onTrouble?.(message, undefined)),
    applicationName: options.applicationName,
    poolSize: options.poolSize ?? limits.POOL_SIZE,
    connectTimeoutMS: limits.CONNECT_DEADLINE_MS,
    poolErrorHandler: (error: unknown) =>
      options.onTrouble?.('lost an idle Postgres connection', error),
    extra: {
      Client: deadlineClients(),
      statement_timeout: statementTimeoutMs,
      query_timeout: statementTimeoutMs + (options.queryGraceMs ?? limits.QUERY_GRACE_MS),
      lock_timeout: limits.LOCK_TIMEOUT_MS,
      idle_in_transaction_session_timeout: limits.IDLE_IN_TRANSACTION_MS,
      idleTimeoutMillis: limits.IDLE_CONNECTION_MS,
      keepAlive: true,
      keepAliveInitialDelayMillis: limits.KEEP_ALIVE_AFTER_MS,
      // Own schema first, whatever the role's own setting says.
      options: `-c search_path=${options.schema},public -c timezone=UTC`,
    },
  };
}
