/** Every limit towards ClickHouse, by name. */

/** How long one request may take, its answer included. */
export const REQUEST_DEADLINE_MS = 60_000;
/** Connections of one process. */
export const OPEN_CONNECTIONS = 8;
/** How long an idle socket is kept: below the server's own keep-alive of 3 s in older versions. */
export const IDLE_SOCKET_MS = 2_000;
/** How long a ping may take. */
export const PING_DEADLINE_MS = 2_000;

/** How long to wait for a ClickHouse that isn't up yet. */
export const WAIT_FOR_CLICKHOUSE_MS = 60_000;
/** Pause before the second try; it doubles up to the longest. */
export const FIRST_PAUSE_MS = 100;
export const LONGEST_PAUSE_MS = 2_000;

/** Most migrations in a list. */
export const MOST_MIGRATIONS = 1_000;
