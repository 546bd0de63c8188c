/**
 * What the modules are given by `main` (or by a test): made once per process, closed by whoever
 * made it. The DataSource is injected by its own class, in storage/ alone.
 */

/** The log port: `@Inject(LOG_PORT) log: Log` of libs/platform/src/kafka. */
export const LOG_PORT = Symbol('the log port');
/** The process's log of lines. */
export const SERVICE_LOG = Symbol('the log of lines');
/** The environment as read through environment.ts. */
export const ENVIRONMENT = Symbol('the environment');
/** TALLYWARD_INTERNAL_SECRET: seals remembered answers. */
export const INTERNAL_SECRET = Symbol('the internal secret');
/** Ends the process when it can't go on: `@Inject(FATAL) fatal: (error: Error) => void`. */
export const FATAL = Symbol('what to do when nothing can be done');
/** Where the outbox relay's own Postgres session goes, and under which name. */
export const RELAY = Symbol('the address of the relay');
