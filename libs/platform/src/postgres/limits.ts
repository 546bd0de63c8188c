/** Every limit towards Postgres, by name. */

/** Connections of one process. */
export const POOL_SIZE = 10;
/** How long to wait for a connection, made or from the pool. */
export const CONNECT_DEADLINE_MS = 5_000;
/** How long one statement may run, told by the server. */
export const STATEMENT_TIMEOUT_MS = 30_000;
/** How much longer the client waits: a server that is gone without a word can't tell. */
export const QUERY_GRACE_MS = 5_000;
/** How long a statement may wait for a lock. */
export const LOCK_TIMEOUT_MS = 10_000;
/** How long an open transaction may do nothing before the server ends it. */
export const IDLE_IN_TRANSACTION_MS = 30_000;
/** How long an idle connection is kept. */
export const IDLE_CONNECTION_MS = 60_000;
/** When TCP begins to ask whether the other side still lives. */
export const KEEP_ALIVE_AFTER_MS = 10_000;

/** How long to wait for a database that isn't up yet. */
export const WAIT_FOR_POSTGRES_MS = 60_000;
/** Pause before the second try; it doubles up to the longest. */
export const FIRST_PAUSE_MS = 100;
export const LONGEST_PAUSE_MS = 2_000;

/** How long to wait for another instance that is migrating the same schema. */
export const MIGRATION_LOCK_DEADLINE_MS = 120_000;
/** How often the migration lock is tried. */
export const MIGRATION_LOCK_PAUSE_MS = 250;

/** How often a transaction that lost against another one is tried, the first time included. */
export const TRANSACTION_TRIES = 5;
/** Longest pause before a lost transaction is tried again; the pause is random below it. */
export const TRANSACTION_PAUSE_MS = 50;
